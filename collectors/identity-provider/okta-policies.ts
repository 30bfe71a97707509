/**
 * Policies and rules as Okta's Policy API gives them. What this does not know of a condition it names in
 * `notModelled`; it drops nothing. https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Policy/
 */
import type { NetworkScope, SignOnPolicy, SignOnRule } from '../../schemas/generated/types.ts';
import { flagAt, integerAt, isObject, member, othersIn, saysSomething, textAt, textsAt } from './json.ts';

export type BarePolicy = Omit<SignOnPolicy, 'applications' | 'rules'>;

/** Undefined where it has not the documented shape. */
export function policyOf(item: unknown, kind: SignOnPolicy['kind']): BarePolicy | undefined {
  const id = textAt(item, 'id');
  const status = member(item, 'status');
  const conditions = member(item, 'conditions') ?? {};
  const people = peopleOf(conditions);
  if (id === undefined || people === undefined || (status !== 'ACTIVE' && status !== 'INACTIVE')) return undefined;
  const users = people.includeUsers.length + people.excludeUsers.length > 0 ? ['people.users'] : [];
  return {
    id,
    name: textAt(item, 'name') ?? id,
    kind,
    active: status === 'ACTIVE',
    priority: integerAt(item, 'priority') ?? 0,
    includeGroups: people.includeGroups,
    excludeGroups: people.excludeGroups,
    notModelled: [...othersIn(conditions, ['people']), ...people.others, ...users].slice(0, 64),
  };
}

type People = Pick<SignOnRule, 'includeUsers' | 'excludeUsers' | 'includeGroups' | 'excludeGroups'> & {
  others: string[];
};

function peopleOf(conditions: unknown): People | undefined {
  const people = member(conditions, 'people') ?? {};
  const users = member(people, 'users') ?? {};
  const groups = member(people, 'groups') ?? {};
  const includeUsers = textsAt(users, 'include');
  const excludeUsers = textsAt(users, 'exclude');
  const includeGroups = textsAt(groups, 'include');
  const excludeGroups = textsAt(groups, 'exclude');
  if (!isObject(people) || includeUsers === undefined || excludeUsers === undefined) return undefined;
  if (includeGroups === undefined || excludeGroups === undefined) return undefined;
  return {
    includeUsers,
    excludeUsers,
    includeGroups,
    excludeGroups,
    others: othersIn(people, ['users', 'groups'], 'people.'),
  };
}

const accesses: Readonly<Record<string, SignOnRule['access']>> = {
  ALLOW: 'allow',
  DENY: 'deny',
  CHALLENGE: 'challenge',
};
const knownConditions = ['people', 'network', 'authContext', 'riskScore', 'identityProvider', 'platform'];

/** Undefined where it has not the documented shape. */
export function ruleOf(item: unknown): SignOnRule | undefined {
  const id = textAt(item, 'id');
  const status = member(item, 'status');
  const conditions = member(item, 'conditions') ?? {};
  const people = peopleOf(conditions);
  const network = networkOf(member(conditions, 'network'));
  const actions = member(item, 'actions');
  const session = member(actions, 'signon');
  const application = member(actions, 'appSignOn');
  if (id === undefined || people === undefined || network === 'unusable') return undefined;
  if ((status !== 'ACTIVE' && status !== 'INACTIVE') || (!isObject(session) && !isObject(application)))
    return undefined;
  const { others, ...scope } = people;
  const risk = textAt(member(conditions, 'riskScore'), 'level', 64);
  return {
    id,
    name: textAt(item, 'name') ?? id,
    active: status === 'ACTIVE',
    priority: integerAt(item, 'priority') ?? 0,
    ...scope,
    ...(network === undefined ? {} : { network }),
    ...(risk === undefined || risk === 'ANY' ? {} : { risk }),
    notModelled: [...othersIn(conditions, knownConditions), ...others, ...narrowed(conditions)].slice(0, 64),
    ...(isObject(session) ? sessionActions(session) : applicationActions(application)),
  };
}

/** Conditions that every rule carries, and that say nothing as long as they say ANY. */
function narrowed(conditions: unknown): string[] {
  const authentication = textAt(member(conditions, 'authContext'), 'authType');
  const provider = textAt(member(conditions, 'identityProvider'), 'provider');
  const platform = member(conditions, 'platform');
  const platforms = member(platform, 'include') ?? [];
  const anyPlatform =
    Array.isArray(platforms) &&
    platforms.every((each) => member(each, 'type') === 'ANY' && member(member(each, 'os'), 'type') === 'ANY') &&
    !saysSomething(member(platform, 'exclude'));
  return [
    ...(authentication === undefined || authentication === 'ANY' ? [] : ['authContext']),
    ...(provider === undefined || provider === 'ANY' ? [] : ['identityProvider']),
    ...(anyPlatform ? [] : ['platform']),
  ];
}

function networkOf(from: unknown): NetworkScope | undefined | 'unusable' {
  if (from === null || from === undefined) return undefined;
  const include = textsAt(from, 'include');
  const exclude = textsAt(from, 'exclude');
  const connection = textAt(from, 'connection', 64);
  if (include === undefined || exclude === undefined || connection === undefined) return 'unusable';
  return connection === 'ANYWHERE' ? undefined : { connection, include, exclude };
}

type Actions = Pick<
  SignOnRule,
  'access' | 'requireFactor' | 'promptMode' | 'primaryFactor' | 'verification' | 'factorMode' | 'phishingResistant'
>;

function sessionActions(from: unknown): Actions {
  const requireFactor = flagAt(from, 'requireFactor');
  const promptMode = textAt(from, 'factorPromptMode', 64);
  const primaryFactor = textAt(from, 'primaryFactor', 64);
  return {
    access: accesses[String(member(from, 'access'))] ?? 'unknown',
    ...(requireFactor === undefined ? {} : { requireFactor }),
    ...(promptMode === undefined ? {} : { promptMode }),
    ...(primaryFactor === undefined ? {} : { primaryFactor }),
  };
}

function applicationActions(from: unknown): Actions {
  const method = member(from, 'verificationMethod');
  const verification = textAt(method, 'type', 64);
  const factorMode = textAt(method, 'factorMode', 64);
  const constraints = member(method, 'constraints');
  const phishingResistant =
    Array.isArray(constraints) &&
    constraints.length > 0 &&
    constraints.every((each) => member(member(each, 'possession'), 'phishingResistant') === 'REQUIRED');
  return {
    access: accesses[String(member(from, 'access'))] ?? 'unknown',
    ...(verification === undefined ? {} : { verification }),
    ...(factorMode === undefined ? {} : { factorMode }),
    phishingResistant,
  };
}
