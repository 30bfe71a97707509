/** Accounts, roles, registrations and sign-ins as Microsoft Graph gives them. Pure. */
import type {
  AccountCounts,
  DirectoryAdministrator,
  FactorRegistration,
  HeldRole,
  RegistrationReport,
  SignInSummary,
} from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { flagAt, instantAt, integerAt, member, textAt, textsAt } from './json.ts';

export type Account = {
  readonly id: string;
  readonly name: string;
  readonly mail?: string;
  readonly enabled?: boolean;
  readonly guest: boolean;
};
export type AccountClass = DirectoryAdministrator['class'];

/** https://learn.microsoft.com/graph/api/resources/user; undefined where it has no id. */
export function accountOf(item: unknown): Account | undefined {
  const id = textAt(item, 'id');
  if (id === undefined) return undefined;
  const enabled = flagAt(item, 'accountEnabled');
  const mail = textAt(item, 'mail', 1024);
  return {
    id: id.toLowerCase(),
    name: textAt(item, 'userPrincipalName', 1024) ?? textAt(item, 'displayName', 1024) ?? id,
    ...(mail === undefined ? {} : { mail }),
    ...(enabled === undefined ? {} : { enabled }),
    guest: String(member(item, 'userType')).toLowerCase() === 'guest',
  };
}

export function parseAccounts(items: readonly unknown[]): Parsed<ReadonlyMap<string, Account>> {
  const accounts = new Map<string, Account>();
  for (const item of items) {
    const account = accountOf(item);
    if (account === undefined) return unparsed('unexpected-answer', 'a user has no id');
    accounts.set(account.id, account);
  }
  return parsed(accounts);
}

/** `On-Premises Directory Synchronization Service Account`: its holders are programs, in the clothes of users. */
export const synchronisationRole = 'd29b2b05-8046-44ba-8758-1e26182fcf32';

/** Disabled first: what cannot sign in is not counted as anything else. */
export function classOf(account: Account | undefined, rooms: ReadonlySet<string>, synchronises: boolean): AccountClass {
  if (account?.enabled === undefined) return 'unknown';
  if (!account.enabled) return 'disabled';
  if (synchronises) return 'service';
  if ([account.name, account.mail].some((name) => name !== undefined && rooms.has(name.toLowerCase()))) return 'room';
  return account.guest ? 'guest' : 'member';
}

/** Accounts of unknown class are in no count; a class that could not be told apart has none. */
export function countAccounts(
  classes: Iterable<AccountClass>,
  complete: boolean,
  told: { readonly rooms: boolean; readonly services: boolean },
): AccountCounts {
  const counts = { members: 0, guests: 0, disabled: 0, rooms: 0, services: 0 };
  const names = {
    member: 'members',
    guest: 'guests',
    disabled: 'disabled',
    room: 'rooms',
    service: 'services',
  } as const;
  for (const name of classes) if (name !== 'unknown') counts[names[name]] += 1;
  const { rooms, services, ...others } = counts;
  return { complete, ...others, ...(told.rooms ? { rooms } : {}), ...(told.services ? { services } : {}) };
}

export type Assignment = {
  readonly principalId: string;
  readonly kind: DirectoryAdministrator['kind'];
  readonly account: Account | undefined;
  readonly roleId: string;
  readonly scope: HeldRole['scope'];
};

/** unifiedRoleAssignment and unifiedRoleEligibilityScheduleInstance, with their principal. */
export function parseAssignments(items: readonly unknown[]): Parsed<Assignment[]> {
  const assignments: Assignment[] = [];
  for (const item of items) {
    const principalId = textAt(item, 'principalId')?.toLowerCase();
    const roleId = textAt(item, 'roleDefinitionId')?.toLowerCase();
    if (principalId === undefined || roleId === undefined)
      return unparsed('unexpected-answer', 'a role assignment names no principal or no role');
    const principal = member(item, 'principal');
    const scope = textAt(item, 'directoryScopeId');
    assignments.push({
      principalId,
      kind: kindOf(textAt(principal, '@odata.type')),
      account: accountOf(principal),
      roleId,
      scope: scope === undefined ? 'unknown' : scope === '/' ? 'tenant' : 'part',
    });
  }
  return parsed(assignments);
}

function kindOf(type: string | undefined): DirectoryAdministrator['kind'] {
  if (type === '#microsoft.graph.user') return 'user';
  if (type === '#microsoft.graph.servicePrincipal') return 'service-principal';
  return type === '#microsoft.graph.group' ? 'group' : 'unknown';
}

export type Role = { readonly name: string; readonly custom: boolean; readonly templateId: string };

/** By definition id; a tenant's own role has a template id of its own. */
export function parseRoles(items: readonly unknown[]): Parsed<ReadonlyMap<string, Role>> {
  const roles = new Map<string, Role>();
  for (const item of items) {
    const id = textAt(item, 'id')?.toLowerCase();
    if (id === undefined) return unparsed('unexpected-answer', 'a role has no id');
    const templateId = textAt(item, 'templateId')?.toLowerCase() ?? id;
    roles.set(id, { name: textAt(item, 'displayName') ?? id, custom: flagAt(item, 'isBuiltIn') === false, templateId });
  }
  return parsed(roles);
}

/** https://learn.microsoft.com/graph/api/resources/userregistrationdetails, by user id. */
export function parseRegistrations(items: readonly unknown[]): Parsed<ReadonlyMap<string, FactorRegistration>> {
  const registrations = new Map<string, FactorRegistration>();
  for (const item of items) {
    const id = textAt(item, 'id')?.toLowerCase();
    const registered = flagAt(item, 'isMfaRegistered');
    const capable = flagAt(item, 'isMfaCapable');
    const passwordless = flagAt(item, 'isPasswordlessCapable');
    const methods = textsAt(item, 'methodsRegistered');
    if (id === undefined || registered === undefined || capable === undefined)
      return unparsed('unexpected-answer', 'a row of the registration report lacks what it must say');
    if (passwordless === undefined || methods === undefined)
      return unparsed('unexpected-answer', 'a row of the registration report lacks what it must say');
    const updatedAt = instantAt(item, 'lastUpdatedDateTime');
    registrations.set(id, {
      registered,
      capable,
      passwordless,
      methods: methods.slice(0, 64).map((method) => method.slice(0, 128).toWellFormed()),
      ...(updatedAt === undefined ? {} : { updatedAt }),
    });
  }
  return parsed(registrations);
}

/** Counts of the report, classed by what each account is; one that is not among the accounts is `unknown`. */
export function reportOf(
  registrations: ReadonlyMap<string, FactorRegistration>,
  classes: ReadonlyMap<string, AccountClass>,
  complete: boolean,
): RegistrationReport {
  const counts = new Map<AccountClass, { total: number; registered: number; capable: number }>();
  const dates: string[] = [];
  for (const [id, { registered, capable, updatedAt }] of registrations) {
    const each = classes.get(id) ?? 'unknown';
    const count = counts.get(each) ?? { total: 0, registered: 0, capable: 0 };
    counts.set(each, {
      total: count.total + 1,
      registered: count.registered + (registered ? 1 : 0),
      capable: count.capable + (capable ? 1 : 0),
    });
    if (updatedAt !== undefined) dates.push(updatedAt);
  }
  const ordered = dates.toSorted();
  const [updatedFrom] = ordered;
  const updatedTo = ordered.at(-1);
  return {
    complete,
    ...(updatedFrom === undefined ? {} : { updatedFrom }),
    ...(updatedTo === undefined ? {} : { updatedTo }),
    classes: [...counts]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, count]) => ({ class: name, ...count })),
  };
}

/**
 * What the sign-ins show. Only errorCode 0 is a success. `authenticationRequirement` says how much was
 * asked for; where it is missing or new the success is undeclared, never multi-factor.
 * https://learn.microsoft.com/graph/api/resources/signin?view=graph-rest-beta
 */
export function summariseSignIns(items: readonly unknown[], since: string, complete: boolean): Parsed<SignInSummary> {
  const ways = new Map<string, { application: string; client: string; count: number }>();
  const counts = { succeeded: 0, multiFactor: 0, singleFactor: 0, undeclared: 0 };
  let lastSingleFactorAt: string | undefined;
  for (const item of items) {
    const code = integerAt(member(item, 'status'), 'errorCode');
    if (code === undefined) return unparsed('unexpected-answer', 'a sign-in does not say how it ended');
    if (code !== 0) continue;
    counts.succeeded += 1;
    const requirement = member(item, 'authenticationRequirement');
    if (requirement === 'multiFactorAuthentication') counts.multiFactor += 1;
    else if (requirement !== 'singleFactorAuthentication') counts.undeclared += 1;
    else {
      counts.singleFactor += 1;
      const at = instantAt(item, 'createdDateTime');
      if (at !== undefined && (lastSingleFactorAt === undefined || at > lastSingleFactorAt)) lastSingleFactorAt = at;
      const application = textAt(item, 'appDisplayName') ?? textAt(item, 'appId') ?? 'unnamed';
      const client = textAt(item, 'clientAppUsed', 128) ?? 'unnamed';
      const key = `${application}\n${client}`;
      ways.set(key, { application, client, count: (ways.get(key)?.count ?? 0) + 1 });
    }
  }
  return parsed({
    since,
    complete,
    seen: items.length,
    ...counts,
    ...(lastSingleFactorAt === undefined ? {} : { lastSingleFactorAt }),
    singleFactorWays: [...ways.values()]
      .toSorted(
        (one, other) =>
          other.count - one.count || (one.application + one.client < other.application + other.client ? -1 : 1),
      )
      .slice(0, 20),
  });
}
