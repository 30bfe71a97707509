/** Microsoft Entra: what decides whether an administrator must show a second factor, and what shows that he did. */
import type { Directory } from '../../agent/directory/directory.ts';
import type {
  AuthenticationMethod,
  ConditionalAccessPolicy,
  DirectoryAdministrator,
  ExcludedGroup,
  Fact,
  FactorRegistration,
  Tenant,
  Unseen,
} from '../../schemas/generated/types.ts';
import type { Draft } from '../collector.ts';
import { fromAnswer, mapFact, missed, observed, type Parsed, parsed, unparsed, unseen } from '../fact.ts';
import { parseLocations, parsePolicies } from './conditional-access.ts';
import { type Holder, holdersOf } from './entra-administrators.ts';
import {
  type Account,
  type AccountClass,
  classOf,
  countAccounts,
  parseAccounts,
  parseRegistrations,
  reportOf,
  summariseSignIns,
  synchronisationRole,
} from './entra-people.ts';
import { flagAt, isObject, member, textAt } from './json.ts';
import { parsedList } from './listing.ts';

export type EntraOptions = {
  /** The tenant that was meant. */
  readonly tenant: string;
  readonly cloud: NonNullable<Tenant['cloud']>;
  /** From when sign-ins are read: RFC 3339, whole seconds, UTC. */
  readonly signInsSince: string;
};

/** Four requests for each; a tenant with more has another problem first. */
const maxAdministrators = 500;
const maxExcludedGroups = 50;

/** Asks one thing after the other: the tenant's quota is shared with its own tools. */
export async function collectEntra(directory: Directory, options: EntraOptions): Promise<Draft<'identityProvider'>> {
  const tenant = await tenantFact(directory, options);
  const policies = await parsedList(directory.list('entra-policies'), parsePolicies);
  const namedLocations = await parsedList(directory.list('entra-locations'), parseLocations);
  const securityDefaults = fromAnswer(await directory.get('entra-security-defaults'), (answer) => {
    const enabled = flagAt(answer, 'isEnabled');
    return enabled === undefined ? unparsed('unexpected-answer') : parsed(enabled);
  });
  const authenticationMethods = fromAnswer(await directory.get('entra-methods'), parseMethods);
  const { holders, eligibleRoles, eligibleGroupMembers } = await holdersOf(directory);
  const people = await peopleOf(directory);
  const classes = new Map<string, AccountClass>();
  if (people.accounts.status === 'observed')
    for (const [id, account] of people.accounts.value.byId)
      classes.set(id, classOf(account, people.roomNames, synchronises(holders, id)));
  const administrators = await administratorsOf(directory, holders, { policies, people, options });
  return {
    tenant,
    conditionalAccessPolicies: policies,
    namedLocations,
    securityDefaults,
    authenticationMethods,
    signOnPolicies: unseen('not-applicable', 'not-okta', ['api:/v1.0/organization']),
    administrators,
    eligibleRoles,
    eligibleGroupMembers,
    accounts: mapFact(people.accounts, ({ complete }) =>
      countAccounts(classes.values(), complete, {
        rooms: people.rooms.status === 'observed',
        services: holders.status === 'observed',
      }),
    ),
    rooms: people.rooms,
    registration: mapFact(people.registrations, ({ byId, complete }) => reportOf(byId, classes, complete)),
    excludedGroups: await excludedGroupsOf(directory, policies),
  };
}

async function tenantFact(directory: Directory, { tenant, cloud }: EntraOptions): Promise<Fact<Tenant>> {
  return fromAnswer(await directory.list('entra-organization'), ({ items: [first] }) => {
    const id = textAt(first, 'id');
    const name = textAt(first, 'displayName');
    if (id === undefined) return unparsed('unexpected-answer');
    if (id.toLowerCase() !== tenant.toLowerCase())
      return unparsed('another-tenant', 'the answers come from another tenant');
    return parsed({ vendor: 'entra' as const, id: id.toLowerCase(), cloud, ...(name === undefined ? {} : { name }) });
  });
}

function parseMethods(answer: unknown): Parsed<AuthenticationMethod[]> {
  const list = member(answer, 'authenticationMethodConfigurations');
  if (!Array.isArray(list)) return unparsed('unexpected-answer');
  const methods = list.filter(isObject).map((item): AuthenticationMethod => {
    const state = item['state'];
    return {
      id: textAt(item, 'id') ?? 'unnamed',
      state: state === 'enabled' || state === 'disabled' ? state : 'unknown',
    };
  });
  return parsed(methods.slice(0, 200));
}

type People = {
  readonly accounts: Fact<{ readonly byId: ReadonlyMap<string, Account>; readonly complete: boolean }>;
  readonly rooms: Fact<number>;
  readonly roomNames: ReadonlySet<string>;
  readonly registrations: Fact<{ readonly byId: ReadonlyMap<string, FactorRegistration>; readonly complete: boolean }>;
};

async function peopleOf(directory: Directory): Promise<People> {
  const accounts = fromAnswer(await directory.list('entra-users'), ({ items, complete }) => {
    const read = parseAccounts(items);
    return read.ok ? parsed({ byId: read.value, complete }) : read;
  });
  const rooms = await parsedList(directory.list('entra-rooms'), (items) =>
    parsed(items.map((item) => textAt(item, 'emailAddress', 1024)?.toLowerCase())),
  );
  const registrations = fromAnswer(await directory.list('entra-registration'), ({ items, complete }) => {
    const read = parseRegistrations(items);
    return read.ok ? parsed({ byId: read.value, complete }) : read;
  });
  const names = rooms.status === 'observed' ? rooms.value : [];
  return {
    accounts,
    rooms: mapFact(rooms, ({ length }) => length),
    roomNames: new Set(names.filter((name) => name !== undefined)),
    registrations,
  };
}

function synchronises(holders: Fact<readonly Holder[]>, id: string): boolean {
  if (holders.status !== 'observed') return false;
  return holders.value.some(
    (holder) => holder.id === id && holder.roles.some((role) => role.id === synchronisationRole),
  );
}

type Context = {
  readonly policies: Fact<ConditionalAccessPolicy[]>;
  readonly people: People;
  readonly options: EntraOptions;
};

async function administratorsOf(
  directory: Directory,
  holders: Fact<readonly Holder[]>,
  context: Context,
): Promise<Fact<DirectoryAdministrator[]>> {
  if (holders.status !== 'observed') return holders;
  const administrators: DirectoryAdministrator[] = [];
  for (const [index, holder] of holders.value.slice(0, 5000).entries()) {
    const known =
      context.people.accounts.status === 'observed' ? context.people.accounts.value.byId.get(holder.id) : undefined;
    const account = known ?? holder.account;
    const named = {
      id: holder.id,
      name: account?.name ?? holder.id,
      kind: holder.kind,
      roles: observed([...holder.roles], ...holders.sources),
    };
    const sources = holders.sources;
    const none = (status: Unseen['status'], reason: string): Unseen => unseen(status, reason, sources);
    if (holder.kind !== 'user') {
      const why =
        holder.kind === 'service-principal' ? none('not-applicable', 'not-a-person') : none('failed', 'not-expanded');
      const nothing = { groups: why, registration: why, perUserMfa: why, signIns: why, factors: why };
      administrators.push({ ...named, class: holder.kind === 'service-principal' ? 'service' : 'unknown', ...nothing });
      continue;
    }
    const kind = classOf(account, context.people.roomNames, synchronises(holders, holder.id));
    const late = index >= maxAdministrators ? none('unsupported', 'too-many-administrators') : undefined;
    administrators.push({
      ...named,
      class: kind,
      groups: late ?? (await groupsOf(directory, holder.id, context.policies)),
      registration: registrationOf(holder.id, context.people.registrations),
      perUserMfa: late ?? (await perUserMfaOf(directory, holder.id)),
      signIns: late ?? (await signInsOf(directory, holder.id, context.options.signInsSince)),
      factors: none('not-applicable', 'not-okta'),
    });
  }
  if (holders.value.length > administrators.length) return unseen('failed', 'too-many-administrators', holders.sources);
  return observed(administrators, ...holders.sources);
}

/** Only groups that a policy names are kept: the others are nobody's business here. */
async function groupsOf(
  directory: Directory,
  id: string,
  policies: Fact<ConditionalAccessPolicy[]>,
): Promise<Fact<string[]>> {
  if (policies.status !== 'observed') return unseen(policies.status, 'policies-not-seen', policies.sources);
  const named = new Set(
    policies.value
      .filter(({ state }) => state !== 'disabled')
      .flatMap(({ users }) => [...users.includeGroups, ...users.excludeGroups])
      .map((group) => group.toLowerCase()),
  );
  if (named.size === 0) return observed([], ...policies.sources);
  return await parsedList(directory.list('entra-user-groups', id), (items) => {
    const ids = items.map((item) => textAt(item, 'id')?.toLowerCase());
    if (ids.includes(undefined)) return unparsed('unexpected-answer', 'a group has no id');
    return parsed(
      ids
        .filter((group) => group !== undefined && named.has(group))
        .map(String)
        .toSorted(),
    );
  });
}

function registrationOf(id: string, registrations: People['registrations']): Fact<FactorRegistration> {
  if (registrations.status !== 'observed') return registrations;
  const row = registrations.value.byId.get(id);
  if (row !== undefined) return observed(row, ...registrations.sources);
  return registrations.value.complete
    ? unseen('absent', 'not-in-the-report', registrations.sources)
    : unseen('failed', 'report-cut', registrations.sources);
}

async function perUserMfaOf(directory: Directory, id: string): Promise<Fact<'disabled' | 'enabled' | 'enforced'>> {
  return fromAnswer(await directory.get('entra-per-user-mfa', id), (answer) => {
    const state = member(answer, 'perUserMfaState');
    if (state === 'disabled' || state === 'enabled' || state === 'enforced') return parsed(state);
    return unparsed('unexpected-answer');
  });
}

async function signInsOf(directory: Directory, id: string, since: string): Promise<DirectoryAdministrator['signIns']> {
  return fromAnswer(await directory.list('entra-sign-ins', id, since), ({ items, complete }) =>
    summariseSignIns(items, since, complete),
  );
}

/** How many people each exclusion lets through, of policies that are in force. */
async function excludedGroupsOf(
  directory: Directory,
  policies: Fact<ConditionalAccessPolicy[]>,
): Promise<Fact<ExcludedGroup[]>> {
  if (policies.status !== 'observed') return unseen(policies.status, 'policies-not-seen', policies.sources);
  const ids = new Set(
    policies.value.filter(({ state }) => state === 'enabled').flatMap(({ users }) => users.excludeGroups),
  );
  const groups: ExcludedGroup[] = [];
  for (const id of [...ids].toSorted().slice(0, 500)) {
    if (groups.length >= maxExcludedGroups) {
      groups.push({ id, members: unseen('unsupported', 'too-many-groups', policies.sources) });
      continue;
    }
    const answer = await directory.list('entra-group-members', id);
    groups.push({
      id,
      members:
        answer.status === 'observed'
          ? observed({ count: answer.value.items.length, complete: answer.value.complete }, answer.source)
          : missed(answer),
    });
  }
  return observed(groups, ...policies.sources);
}
