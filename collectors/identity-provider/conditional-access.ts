/**
 * Conditional access policies as Microsoft Graph v1.0 gives them. What this does not know of a policy it
 * names in `notModelled`; it drops nothing.
 * https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy
 */
import type {
  ConditionalAccessPolicy,
  GrantControls,
  LocationScope,
  NamedLocation,
} from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { instantAt, isObject, member, othersIn, saysSomething, textAt, textsAt } from './json.ts';

const states: Readonly<Record<string, ConditionalAccessPolicy['state']>> = {
  enabled: 'enabled',
  disabled: 'disabled',
  enabledForReportingButNotEnforced: 'report-only',
};

const knownConditions = [
  'users',
  'applications',
  'clientAppTypes',
  'locations',
  'platforms',
  'signInRiskLevels',
  'userRiskLevels',
  'authenticationFlows',
];

/** Fails with `unexpected-answer` and the policy's place where one of them has not the documented shape. */
export function parsePolicies(items: readonly unknown[]): Parsed<ConditionalAccessPolicy[]> {
  const policies: ConditionalAccessPolicy[] = [];
  for (const [index, item] of items.entries()) {
    const policy = policyOf(item);
    if (policy === undefined) return unparsed('unexpected-answer', `policy ${index} has not the documented shape`);
    policies.push(policy);
  }
  return parsed(policies);
}

function policyOf(item: unknown): ConditionalAccessPolicy | undefined {
  const id = textAt(item, 'id');
  const conditions = member(item, 'conditions');
  const users = usersOf(member(conditions, 'users'));
  const applications = applicationsOf(member(conditions, 'applications'));
  const clientAppTypes = textsAt(conditions, 'clientAppTypes');
  const signInRisk = textsAt(conditions, 'signInRiskLevels');
  const userRisk = textsAt(conditions, 'userRiskLevels');
  const locations = scopeOf(member(conditions, 'locations'), 'Locations');
  const platforms = scopeOf(member(conditions, 'platforms'), 'Platforms');
  const grant = grantOf(member(item, 'grantControls'));
  const flows = flowsOf(member(conditions, 'authenticationFlows'));
  if (id === undefined || !isObject(conditions) || users === undefined || applications === undefined) return undefined;
  if (clientAppTypes === undefined || signInRisk === undefined || userRisk === undefined) return undefined;
  if (locations === 'unusable' || platforms === 'unusable' || grant === 'unusable') return undefined;
  const modifiedAt = instantAt(item, 'modifiedDateTime') ?? instantAt(item, 'createdDateTime');
  const others = [
    ...othersIn(conditions, knownConditions),
    ...users.others,
    ...applications.others,
    ...(flows === undefined ? ['authenticationFlows'] : []),
    ...othersIn(member(item, 'grantControls') ?? {}, knownControls, 'grantControls.'),
    ...(saysSomething(member(item, 'partialEnablementStrategy')) ? ['partialEnablementStrategy'] : []),
  ];
  return {
    id,
    name: textAt(item, 'displayName') ?? id,
    state: states[String(member(item, 'state'))] ?? 'unknown',
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    users: users.value,
    applications: applications.value,
    clientAppTypes,
    ...(locations === undefined ? {} : { locations }),
    ...(platforms === undefined ? {} : { platforms }),
    signInRisk,
    userRisk,
    flows: flows ?? [],
    notModelled: [...new Set(others)].slice(0, 64),
    ...(grant === undefined ? {} : { grant }),
    session: othersIn(member(item, 'sessionControls') ?? {}, []).slice(0, 64),
  };
}

const userLists = ['includeUsers', 'excludeUsers', 'includeGroups', 'excludeGroups', 'includeRoles', 'excludeRoles'];

function usersOf(users: unknown): { value: ConditionalAccessPolicy['users']; others: string[] } | undefined {
  // A policy for workload identities has none.
  const from = users ?? { includeUsers: ['None'] };
  const [includeUsers, excludeUsers, includeGroups, excludeGroups, includeRoles, excludeRoles] = userLists.map((name) =>
    textsAt(from, name),
  );
  if (!isObject(from) || includeUsers === undefined || excludeUsers === undefined) return undefined;
  if (includeGroups === undefined || excludeGroups === undefined) return undefined;
  if (includeRoles === undefined || excludeRoles === undefined) return undefined;
  const guests = ['includeGuestsOrExternalUsers', 'excludeGuestsOrExternalUsers'] as const;
  return {
    value: {
      includeUsers,
      excludeUsers,
      includeGroups,
      excludeGroups,
      includeRoles,
      excludeRoles,
      includesGuests: saysSomething(member(from, guests[0])),
      excludesGuests: saysSomething(member(from, guests[1])),
    },
    others: othersIn(from, [...userLists, ...guests], 'users.'),
  };
}

function applicationsOf(
  from: unknown,
): { value: ConditionalAccessPolicy['applications']; others: string[] } | undefined {
  const include = textsAt(from, 'includeApplications');
  const exclude = textsAt(from, 'excludeApplications');
  const userActions = textsAt(from, 'includeUserActions');
  const contexts = textsAt(from, 'includeAuthenticationContextClassReferences');
  if (!isObject(from) || include === undefined || exclude === undefined) return undefined;
  if (userActions === undefined || contexts === undefined) return undefined;
  const known = [
    'includeApplications',
    'excludeApplications',
    'includeUserActions',
    'includeAuthenticationContextClassReferences',
  ];
  return { value: { include, exclude, userActions, contexts }, others: othersIn(from, known, 'applications.') };
}

function scopeOf(from: unknown, what: 'Locations' | 'Platforms'): LocationScope | undefined | 'unusable' {
  if (from === null || from === undefined) return undefined;
  const include = textsAt(from, `include${what}`);
  const exclude = textsAt(from, `exclude${what}`);
  if (!isObject(from) || include === undefined || exclude === undefined) return 'unusable';
  // Empty lists are how some tools write that there is no condition.
  return include.length === 0 && exclude.length === 0 ? undefined : { include, exclude };
}

/** `transferMethods` is a list of flags in one text. */
function flowsOf(from: unknown): string[] | undefined {
  const methods = member(from, 'transferMethods');
  if (methods === undefined || methods === null || methods === '' || methods === 'none') return [];
  return typeof methods === 'string'
    ? methods.split(',').map((method) => method.trim().slice(0, 128).toWellFormed())
    : undefined;
}

const knownControls = [
  'operator',
  'builtInControls',
  'customAuthenticationFactors',
  'termsOfUse',
  'authenticationStrength',
];

function grantOf(from: unknown): GrantControls | undefined | 'unusable' {
  if (from === null || from === undefined) return undefined;
  const controls = textsAt(from, 'builtInControls');
  const custom = textsAt(from, 'customAuthenticationFactors');
  const terms = textsAt(from, 'termsOfUse');
  if (controls === undefined || custom === undefined || terms === undefined) return 'unusable';
  const strength = strengthOf(member(from, 'authenticationStrength'));
  if (strength === 'unusable') return 'unusable';
  const operator = String(member(from, 'operator')).toLowerCase();
  return {
    operator: operator === 'or' || operator === 'and' ? operator : 'unknown',
    controls: controls.slice(0, 64),
    customFactors: custom.length,
    termsOfUse: terms.length,
    ...(strength === undefined ? {} : { strength }),
  };
}

function strengthOf(from: unknown): NonNullable<GrantControls['strength']> | undefined | 'unusable' {
  if (from === null || from === undefined) return undefined;
  const id = textAt(from, 'id');
  const combinations = textsAt(from, 'allowedCombinations');
  if (id === undefined || combinations === undefined || combinations.length > 200) return 'unusable';
  const satisfies = member(from, 'requirementsSatisfied');
  return {
    id,
    name: textAt(from, 'displayName') ?? id,
    satisfies: satisfies === 'mfa' || satisfies === 'none' ? satisfies : 'unknown',
    combinations,
  };
}

/** https://learn.microsoft.com/graph/api/resources/namedlocation */
export function parseLocations(items: readonly unknown[]): Parsed<NamedLocation[]> {
  const locations: NamedLocation[] = [];
  for (const item of items) {
    const id = textAt(item, 'id');
    if (id === undefined) return unparsed('unexpected-answer', 'a location has no id');
    const type = String(member(item, '@odata.type'));
    const kind = type.endsWith('.ipNamedLocation')
      ? 'ip'
      : type.endsWith('.countryNamedLocation')
        ? 'country'
        : 'other';
    locations.push({ id, name: textAt(item, 'displayName') ?? id, kind, trusted: member(item, 'isTrusted') === true });
  }
  return parsed(locations);
}
