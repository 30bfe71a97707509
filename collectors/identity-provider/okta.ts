/** Okta: policies by priority, administrators, their groups and factors. */
import type { Directory } from '../../agent/directory/directory.ts';
import type { RequestId } from '../../agent/directory/requests.ts';
import type {
  DirectoryAdministrator,
  Fact,
  HeldRole,
  SignOnPolicy,
  SignOnRule,
  Tenant,
} from '../../schemas/generated/types.ts';
import type { Draft } from '../collector.ts';
import { fromAnswer, mapFact, missed, observed, type Parsed, parsed, unparsed, unseen } from '../fact.ts';
import { member, textAt } from './json.ts';
import { each, parsedList } from './listing.ts';
import { type BarePolicy, policyOf, ruleOf } from './okta-policies.ts';

export type OktaOptions = { readonly tenant: string };

const maxAdministrators = 500;
const here = 'api:/.well-known/okta-organization';

export async function collectOkta(directory: Directory, { tenant }: OktaOptions): Promise<Draft<'identityProvider'>> {
  const whose = fromAnswer(await directory.get('okta-organization'), (answer): Parsed<Tenant> => {
    const engines = { v1: 'classic', idx: 'identity-engine' } as const;
    const pipeline = member(answer, 'pipeline');
    if (pipeline !== 'v1' && pipeline !== 'idx') return unparsed('unexpected-answer');
    const name = textAt(answer, 'id');
    return parsed({ vendor: 'okta', id: tenant, engine: engines[pipeline], ...(name === undefined ? {} : { name }) });
  });
  // Classic Engine has no policies of applications to ask for.
  const classic = whose.status === 'observed' && whose.value.engine === 'classic';
  const session = await policiesOf(directory, 'okta-session-policies', 'session');
  const application = classic
    ? observed<SignOnPolicy[]>([], here)
    : await policiesOf(directory, 'okta-application-policies', 'application');
  const signOnPolicies: Fact<SignOnPolicy[]> =
    session.status !== 'observed'
      ? session
      : application.status !== 'observed'
        ? application
        : observed([...session.value, ...application.value], ...session.sources, ...application.sources);
  const notHere = unseen('not-applicable', 'not-entra', [here]);
  const notAsked = unseen('unsupported', 'not-asked-of-okta', [here]);
  return {
    tenant: whose,
    conditionalAccessPolicies: notHere,
    namedLocations: notHere,
    securityDefaults: notHere,
    authenticationMethods: notHere,
    signOnPolicies,
    administrators: await administratorsOf(directory, signOnPolicies),
    eligibleRoles: notHere,
    eligibleGroupMembers: notHere,
    accounts: notAsked,
    rooms: notHere,
    registration: notHere,
    excludedGroups: notHere,
  };
}

async function policiesOf(
  directory: Directory,
  request: RequestId & `okta-${string}-policies`,
  kind: SignOnPolicy['kind'],
): Promise<Fact<SignOnPolicy[]>> {
  const bare = await parsedList(
    directory.list(request),
    each((item) => policyOf(item, kind)),
  );
  if (bare.status !== 'observed') return bare;
  const policies: SignOnPolicy[] = [];
  for (const policy of bare.value.toSorted(byPriority))
    policies.push({
      ...policy,
      applications: await applicationsOf(directory, policy),
      rules: await rulesOf(directory, policy.id),
    });
  return observed(policies, ...bare.sources);
}

async function rulesOf(directory: Directory, policy: string): Promise<Fact<SignOnRule[]>> {
  return mapFact(await parsedList(directory.list('okta-rules', policy), each(ruleOf)), (rules) =>
    rules.toSorted(byPriority),
  );
}

async function applicationsOf(directory: Directory, { id, kind }: BarePolicy): Promise<Fact<number>> {
  if (kind === 'session') return unseen('not-applicable', 'guards-the-session', [here]);
  return await parsedList(directory.list('okta-mappings', id), ({ length }) => parsed(length));
}

function byPriority(one: { priority: number }, other: { priority: number }): number {
  return one.priority - other.priority;
}

async function administratorsOf(
  directory: Directory,
  policies: Fact<SignOnPolicy[]>,
): Promise<Fact<DirectoryAdministrator[]>> {
  const ids = await parsedList(
    directory.list('okta-role-holders'),
    each((item) => textAt(item, 'id')),
  );
  if (ids.status !== 'observed') return ids;
  if (ids.value.length > maxAdministrators) return unseen('failed', 'too-many-administrators', ids.sources);
  const notHere = unseen('not-applicable', 'not-entra', [here]);
  const administrators: DirectoryAdministrator[] = [];
  for (const id of ids.value.toSorted()) {
    const user = await directory.get('okta-user', id);
    const roles = await parsedList(directory.list('okta-user-roles', id), each(roleOf));
    administrators.push({
      id,
      name: user.status === 'observed' ? (textAt(member(user.value, 'profile'), 'login', 1024) ?? id) : id,
      kind: 'user',
      class: user.status === 'observed' ? classOf(member(user.value, 'status')) : 'unknown',
      roles,
      groups: await groupsOf(directory, id, policies),
      registration: notHere,
      perUserMfa: notHere,
      signIns: unseen('unsupported', 'not-asked-of-okta', [here]),
      factors: await factorsOf(directory, id),
    });
  }
  return observed(administrators, ...ids.sources);
}

/** https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/ (UserStatus) */
function classOf(status: unknown): DirectoryAdministrator['class'] {
  if (status === 'SUSPENDED' || status === 'DEPROVISIONED' || status === 'STAGED') return 'disabled';
  const live = ['ACTIVE', 'PROVISIONED', 'RECOVERY', 'PASSWORD_EXPIRED', 'LOCKED_OUT'];
  return typeof status === 'string' && live.includes(status) ? 'member' : 'unknown';
}

function roleOf(item: unknown): HeldRole | undefined {
  const type = textAt(item, 'type');
  if (type === undefined) return undefined;
  const name = textAt(item, 'label') ?? type;
  const wide = type === 'SUPER_ADMIN' || type === 'ORG_ADMIN';
  return { id: type, name, state: 'active', scope: wide ? 'tenant' : 'unknown', custom: type === 'CUSTOM' };
}

/** Only groups that a policy or rule names are kept. */
async function groupsOf(directory: Directory, id: string, policies: Fact<SignOnPolicy[]>): Promise<Fact<string[]>> {
  const groups = await parsedList(
    directory.list('okta-user-groups', id),
    each((item) => textAt(item, 'id')),
  );
  if (groups.status !== 'observed') return groups;
  if (policies.status !== 'observed') return unseen(policies.status, 'policies-not-seen', policies.sources);
  const rules = policies.value.flatMap((policy) => (policy.rules.status === 'observed' ? policy.rules.value : []));
  const named = new Set(
    [...policies.value, ...rules].flatMap(({ includeGroups, excludeGroups }) => [...includeGroups, ...excludeGroups]),
  );
  return { ...groups, value: groups.value.filter((group) => named.has(group)).toSorted() };
}

async function factorsOf(directory: Directory, id: string): Promise<DirectoryAdministrator['factors']> {
  const answer = await directory.list('okta-user-factors', id);
  if (answer.status !== 'observed') return missed(answer);
  return fromAnswer(answer, ({ items }) =>
    each((item) => {
      const type = textAt(item, 'factorType', 128);
      if (type === undefined) return undefined;
      return {
        type,
        provider: textAt(item, 'provider', 128) ?? 'unknown',
        active: member(item, 'status') === 'ACTIVE',
      };
    })(items),
  );
}
