/**
 * Who can become administrator on a Windows machine, and by which ways: groups, user rights, and settings that
 * ask for nothing. Orphaned members and groups whose members nobody could list are named, never left out.
 */
import type { Moment, WindowsAccount, WindowsGroup } from '../../schemas/generated/types.ts';
import { shownText } from '../mfa/text.ts';
import { verdictOf } from '../verdict.ts';
import type { Admins, WayToRoot } from '../ways.ts';
import type { AccountWays, RootVerdict } from '../ways-to-root.ts';
import { directoryWays } from './directory-rights.ts';
import { isBroad, type Membership, membersOf, nameOf, titleOf } from './groups.ts';
import { settingFaults } from './settings.ts';
import { storedCredentials } from './stored-credentials.ts';

/** Groups whose members administer this machine, or their domain, at once. */
const fullOnMember = [544];
const fullOnController = [544, 548, 549, 550, 551, 512, 518, 519, 520, 526, 527];
/** Groups that come near: backups of everything, virtual machines. */
const nearOnMember = [551, 578];
const nearOnController = [578];
const namedFull = /\\?(?:DnsAdmins|Organization Management|Exchange Trusted Subsystem|Exchange Windows Permissions)$/i;

/** Rights that make an administrator of their holder (learn.microsoft.com, user-rights-assignment). */
const fullRights = new Set([
  'SeTcbPrivilege',
  'SeDebugPrivilege',
  'SeCreateTokenPrivilege',
  'SeLoadDriverPrivilege',
  'SeTakeOwnershipPrivilege',
  'SeRestorePrivilege',
  'SeBackupPrivilege',
  'SeAssignPrimaryTokenPrivilege',
  'SeImpersonatePrivilege',
  'SeManageVolumePrivilege',
  'SeRelabelPrivilege',
  'SeEnableDelegationPrivilege',
]);
/** Holders by Windows' own defaults: administrators and backup operators, who stand among the groups, services, and those of IIS. */
const usualHolders = /^S-1-5-(?:6|18|19|20|32-(?:544|549|550|551|568)|8[0-9](?:-.*)?|90-0|96-0)$/;

export function windowsWays(admins: Admins, at?: string): RootVerdict {
  const faults: string[] = [];
  const unknowns: string[] = [];
  const { windowsGroups, windowsAccounts, windowsDomain } = admins;
  for (const name of [
    'windowsDomain',
    'windowsGroups',
    'windowsAccounts',
    'userRights',
    'privilegedSettings',
  ] as const) {
    const fact = admins[name];
    if (fact.status !== 'observed') unknowns.push(`${name}: ${fact.reason}`);
  }
  const groups = windowsGroups.status === 'observed' ? windowsGroups.value : [];
  const accounts = windowsAccounts.status === 'observed' ? windowsAccounts.value : [];
  const onController = windowsDomain.status === 'observed' && windowsDomain.value.role === 'domain-controller';
  if (windowsDomain.status === 'observed' && windowsDomain.value.reachable === false)
    unknowns.push(
      `members of domain groups: the domain could not be asked (${windowsDomain.value.reason ?? 'no answer'})`,
    );
  if (windowsDomain.status === 'observed' && (windowsDomain.value.lookUpsLeftOut ?? 0) > 0)
    unknowns.push(
      `${windowsDomain.value.lookUpsLeftOut} more members of domain groups, or groups, that could not be looked up`,
    );
  const found = new Map<string, Found>();
  for (const group of groups) {
    const reach = reachOf(group, onController);
    if (reach === undefined) continue;
    const { list, unknowns: open } = membersOf(group.sid, groups);
    if (reach === 'yes') unknowns.push(...open);
    for (const membership of list) note(found, membership, group, reach, faults, unknowns);
  }
  rightWays(admins, groups, found, faults);
  for (const { sid, via } of directoryWays(admins, faults, unknowns)) grant(found, sid, groups, 'directory-right', via);
  const ways = [...found.values()].map((each) => accountWays(each, accounts, at));
  faults.push(
    ...settingFaults(admins),
    ...accountFaults(admins, accounts, ways, at),
    ...storedCredentials(admins, groups, unknowns),
  );
  return {
    ...verdictOf(faults, unknowns),
    accounts: ways.toSorted((left, right) => (shownText(left.name) < shownText(right.name) ? -1 : 1)),
  };
}

type Found = {
  readonly key: string;
  readonly membership: Membership;
  readonly ways: WayToRoot[];
  readonly groups: Set<string>;
};

function reachOf({ sid, name }: WindowsGroup, onController: boolean): WayToRoot['reaches'] | undefined {
  const rid = Number(/-([0-9]+)$/.exec(sid)?.[1]);
  const builtin = sid.startsWith('S-1-5-32-');
  const own = (rids: readonly number[]): boolean => rids.includes(rid) && (builtin ? rid >= 544 : rid < 544);
  if (own(onController ? fullOnController : fullOnMember)) return 'yes';
  if (own(onController ? nearOnController : nearOnMember)) return 'unknown';
  if (typeof name !== 'string' || !namedFull.test(name)) return undefined;
  // Elsewhere its members administer Exchange, from which a server of Exchange is near.
  return onController ? 'yes' : 'unknown';
}

function note(
  found: Map<string, Found>,
  membership: Membership,
  group: WindowsGroup,
  reach: WayToRoot['reaches'],
  faults: string[],
  unknowns: string[],
): void {
  const { member, chain, through, until } = membership;
  const key = member.sid ?? `name ${nameOf(member)}`;
  if (reach === 'yes') {
    if (member.sid !== undefined && isBroad(member.sid))
      faults.push(`everybody of ${nameOf(member)} is administrator through ${titleOf(group)}`);
    if (member.outcome === 'orphaned') faults.push(`${titleOf(group)} holds ${key}, which nobody knows any more`);
    if (member.outcome === 'unreachable')
      unknowns.push(`who is ${nameOf(member)} in ${titleOf(group)}: it could not be asked`);
  }
  const entry = found.get(key) ?? { key, membership, ways: [], groups: new Set<string>() };
  for (const sid of through) entry.groups.add(sid);
  entry.ways.push({
    kind: reach === 'yes' ? 'group' : 'group-indirect',
    via: titleOf(group),
    withoutPassword: false,
    chain,
    reaches: reach,
    ...(until !== undefined && { until }),
  });
  found.set(key, entry);
}

/** Rights that somebody beside Windows' own holders has. */
function rightWays(
  { userRights }: Admins,
  groups: readonly WindowsGroup[],
  found: Map<string, Found>,
  faults: string[],
): void {
  if (userRights.status !== 'observed') return;
  for (const { right, holders } of userRights.value) {
    if (!fullRights.has(right)) continue;
    for (const holder of holders) {
      if (usualHolders.test(holder)) continue;
      if (isBroad(holder)) faults.push(`everybody of ${holder} has ${right}`);
      grant(found, holder, groups, 'user-right', right);
    }
  }
}

/** Whoever stands behind a SID or a name has this way: of a group everybody in it. */
function grant(
  found: Map<string, Found>,
  holder: string,
  groups: readonly WindowsGroup[],
  kind: 'user-right' | 'directory-right',
  via: string,
): void {
  const member = holder.startsWith('S-1-')
    ? ({ sid: holder, outcome: 'resolved' } as const)
    : ({ name: holder, outcome: 'unreachable' } as const);
  const members: readonly Membership[] = groups.some(({ sid }) => sid === holder)
    ? membersOf(holder, groups).list
    : [{ member, through: [], chain: [holder], until: undefined }];
  for (const membership of members) {
    const key = membership.member.sid ?? `name ${nameOf(membership.member)}`;
    const entry = found.get(key) ?? { key, membership, ways: [], groups: new Set<string>() };
    entry.ways.push({ kind, via, withoutPassword: false, chain: [...membership.chain, via], reaches: 'yes' });
    found.set(key, entry);
  }
}

function accountWays(
  { key, membership: { member }, ways, groups }: Found,
  accounts: readonly WindowsAccount[],
  at: string | undefined,
): AccountWays {
  const account = accounts.find(({ sid }) => sid === member.sid);
  const last = account?.lastLogonAt;
  const changed = account?.passwordChangedAt;
  return {
    name: account?.name ?? member.name ?? key,
    local: account?.view === 'local',
    ...(member.sid !== undefined && { sid: member.sid, groups: [...groups] }),
    kind: account?.kind ?? member.kind ?? 'unknown',
    // Nobody logs on as an account that is gone.
    state: member.outcome === 'orphaned' ? 'locked' : stateOf(account, at),
    ...(changed !== undefined && { passwordChangedOn: dateOf(changed).slice(0, 10) }),
    ...(last !== undefined && 'at' in last && { lastLoginAt: last.at }),
    ways,
  };
}

function stateOf(account: WindowsAccount | undefined, at: string | undefined): AccountWays['state'] {
  if (account?.enabled === undefined) return 'unknown';
  if (!account.enabled) return 'locked';
  if (account.expiresAt !== undefined && at !== undefined && dateOf(account.expiresAt) <= at) return 'expired';
  return 'enabled';
}

function dateOf(moment: Moment): string {
  return 'at' in moment ? moment.at : moment.on;
}

const maxPasswordDays = 30;

/** Accounts that may have no password, and the built-in administrator whose password nobody changes. */
function accountFaults(
  { laps }: Admins,
  accounts: readonly WindowsAccount[],
  ways: readonly AccountWays[],
  at: string | undefined,
): string[] {
  const faults: string[] = [];
  for (const { sid, enabled, passwordRequired, name } of accounts)
    if (enabled === true && passwordRequired === false && ways.some((each) => each.sid === sid))
      faults.push(`${name === undefined ? sid : shownText(name)} may have an empty password (PASSWD_NOTREQD)`);
  if (at === undefined) return faults;
  const builtIn = accounts.find(
    ({ sid, view, enabled }) => view === 'local' && enabled === true && sid.endsWith('-500'),
  );
  const kept = laps.status === 'observed' && laps.value.backup !== undefined && laps.value.backup !== 'nowhere';
  const known = laps.status === 'observed' || laps.status === 'absent';
  if (builtIn?.passwordChangedAt !== undefined && known && !kept) {
    const days = (Date.parse(at) - Date.parse(dateOf(builtIn.passwordChangedAt))) / 86_400_000;
    if (days > maxPasswordDays)
      faults.push(
        `the built-in administrator is enabled, and its password is of ${dateOf(builtIn.passwordChangedAt).slice(0, 10)} and not kept by LAPS`,
      );
  }
  const expires = laps.status === 'observed' ? laps.value.passwordExpiresAt : undefined;
  if (expires !== undefined && dateOf(expires) < at)
    faults.push(`LAPS should have changed the password of the local administrator at ${dateOf(expires)}`);
  return faults;
}
