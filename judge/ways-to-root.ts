/**
 * Who can become root on a Linux server, and by which ways. It rather names a way too many than
 * misses one: hosts, commands taken away with `!` and time limits of a rule are not weighed yet.
 */
import type { Draft } from '../collectors/collector.ts';
import type { LocalAccount, LocalGroup, SudoRule, Text } from '../schemas/generated/types.ts';
import { matchesUser } from './sudo-match.ts';
import { type Verdict, verdictOf } from './verdict.ts';

type Admins = Draft<'admins'>;

export type WayToRoot = {
  /** sudo-limited: some commands as root, or any with a group of root's; how far they lead is not judged here. */
  readonly kind: 'uid0' | 'sudo-all' | 'sudo-limited' | 'group';
  /** What opens it: the account file, a rule's file and line, a group. */
  readonly via: string;
  /** No password is asked on this way. */
  readonly withoutPassword: boolean;
};

export type AccountWays = {
  readonly name: Text;
  /** Whether the account stands in the local account file. */
  readonly local: boolean;
  readonly ways: readonly WayToRoot[];
};

export type RootVerdict = Verdict & { readonly accounts: readonly AccountWays[] };

/**
 * Members start what they like as root: the daemons behind the first five do it for them, and whoever
 * writes to a disk writes to every file.
 */
const groupsLikeRoot: ReadonlySet<string> = new Set(['docker', 'podman', 'lxd', 'incus-admin', 'libvirt', 'disk']);

/** Fails where anybody but root gets there without a password, or root's uid has a second name. */
export function waysToRoot(admins: Admins): RootVerdict {
  const unknowns = unknownsOf(admins);
  const accounts = admins.accounts.status === 'observed' ? admins.accounts.value : [];
  const groups = admins.groups.status === 'observed' ? admins.groups.value : [];
  const rules = rulesInForce(admins);
  const found = [
    ...accounts.map((account) => waysOf(account, true, groups, rules, admins)),
    ...strangersIn(rules, accounts).map((account) => waysOf(account, false, groups, rules, admins)),
  ].filter(({ ways }) => ways.length > 0);
  return { ...verdictOf(faultsOf(found, admins), unknowns), accounts: found };
}

type Account = Pick<LocalAccount, 'name'> & Partial<Pick<LocalAccount, 'uid' | 'gid'>>;

function waysOf(
  account: Account,
  local: boolean,
  groups: readonly LocalGroup[],
  rules: readonly SudoRule[],
  admins: Admins,
): AccountWays {
  const own = groups.filter(({ members }) => members.some((member) => keyOf(member) === keyOf(account.name)));
  const ways: WayToRoot[] = account.uid === 0 ? [{ kind: 'uid0', via: 'user id 0', withoutPassword: false }] : [];
  for (const { name } of own)
    if (typeof name === 'string' && groupsLikeRoot.has(name))
      ways.push({ kind: 'group', via: name, withoutPassword: true });
  return { name: account.name, local, ways: [...ways, ...sudoWays(account, own, rules, admins)] };
}

/** The last rule that matches wins, so a later rule for everything as root replaces what came before. */
function sudoWays(
  account: Account,
  own: readonly LocalGroup[],
  rules: readonly SudoRule[],
  admins: Admins,
): WayToRoot[] {
  let ways: WayToRoot[] = [];
  const open = neverAuthenticated(account, own, admins);
  for (const rule of rules) {
    const kind = wayOfRule(rule);
    // Who a netgroup or a directory's group means is unknown, and said so; it is no way of this account's.
    if (kind === undefined || matchesUser(rule.users, account, own) !== 'yes') continue;
    const everywhere = rule.hosts.length === 1 && rule.hosts[0] === 'ALL';
    const all =
      kind === 'sudo-all' && everywhere && rule.options === undefined && rule.runAsUsers?.includes('ALL') === true;
    if (all) ways = [];
    const withoutPassword = rule.tags.includes('NOPASSWD') || (open && !rule.tags.includes('PASSWD'));
    ways.push({ kind, via: `${shown(rule.definedIn)} line ${rule.line}`, withoutPassword });
  }
  return ways;
}

function wayOfRule({ commands, runAsUsers, runAsGroups = [] }: SudoRule): 'sudo-all' | 'sudo-limited' | undefined {
  const given = commands.filter(({ negated, command }) => negated !== true && command !== 'list');
  if (given.length === 0) return undefined;
  // A group, a netgroup or bytes may stand for root.
  const asRoot =
    runAsUsers === undefined ||
    runAsUsers.some((user) => typeof user !== 'string' || /^(?:ALL|root|#0+|%.*|\+.*)$/s.test(user));
  if (!asRoot) return runAsGroups.length > 0 ? 'sudo-limited' : undefined;
  return given.some(({ command, digests }) => command === 'ALL' && digests === undefined) ? 'sudo-all' : 'sudo-limited';
}

/** `Defaults !authenticate`, for all or for this account; the last one counts (sudoers(5)). */
function neverAuthenticated(account: Account, own: readonly LocalGroup[], { sudoDefaults }: Admins): boolean {
  if (sudoDefaults.status !== 'observed') return false;
  let open = false;
  for (const { setting, operation, scope } of sudoDefaults.value) {
    if (setting !== 'authenticate') continue;
    const user = scope === undefined || (scope.kind === 'user' && matchesUser(scope.members, account, own) === 'yes');
    // Limited to a host, a command or a target it may hold too: that it asks again is not believed.
    if (operation === 'off' && (user || scope.kind !== 'user')) open = true;
    else if (operation === 'on' && scope === undefined) open = false;
  }
  return open;
}

/** Without sudo its rules lead nowhere; not knowing counts as having it. */
function rulesInForce({ sudoInstalled, sudoRules }: Admins): readonly SudoRule[] {
  if (sudoInstalled.status === 'observed' && !sudoInstalled.value) return [];
  return sudoRules.status === 'observed' ? sudoRules.value : [];
}

function unknownsOf(admins: Admins): string[] {
  const unknowns: string[] = [];
  for (const name of ['accounts', 'groups', 'sudoRules', 'sudoDefaults', 'passwordStates'] as const) {
    const fact = admins[name];
    const noRules = (name === 'sudoRules' || name === 'sudoDefaults') && fact.status === 'absent';
    if (fact.status !== 'observed' && !noRules) unknowns.push(`${name}: ${fact.reason}`);
  }
  const { accountSources } = admins;
  if (accountSources.status !== 'observed' && accountSources.status !== 'absent')
    unknowns.push(`accountSources: ${accountSources.reason}`);
  if (accountSources.status === 'observed')
    for (const [database, services] of Object.entries(accountSources.value))
      for (const service of services)
        if (!localServices.has(service) && !service.startsWith('[') && !isEmptyCompat(service, admins))
          unknowns.push(`${database} also comes from ${service}`);
  return [
    ...unknowns,
    ...rulesInForce(admins)
      .flatMap(({ users }) => users)
      .flatMap((user) => unknownMember(user, admins)),
  ];
}

/** Services of nsswitch.conf(5) that add no account or group of their own but those that systemd makes for its services. */
const localServices: ReadonlySet<string> = new Set(['files', 'systemd']);

/** `compat` is local files and what their `+` lines take in. */
function isEmptyCompat(service: string, { nisEntries }: Admins): boolean {
  return service === 'compat' && nisEntries.status === 'observed' && nisEntries.value.length === 0;
}

/** Members of a rule whose people this server's files do not name. */
function unknownMember(user: Text, { groups }: Admins): string[] {
  if (typeof user !== 'string') return ['a name in a sudo rule is not UTF-8'];
  const bare = user.replace(/^!/, '');
  if (bare.startsWith('+') || bare.startsWith('%:')) return [`who is in ${bare}`];
  if (!bare.startsWith('%') || groups.status !== 'observed') return [];
  const name = bare.slice(1).toLowerCase();
  const local = groups.value.some((group) => shown(group.name).toLowerCase() === name || `#${group.gid}` === name);
  return local ? [] : [`who is in ${bare}, no local group`];
}

function faultsOf(found: readonly AccountWays[], { accounts, passwordStates }: Admins): string[] {
  const states = passwordStates.status === 'observed' ? passwordStates.value : [];
  const inFile = accounts.status === 'observed' ? accounts.value.filter(({ password }) => password === 'empty') : [];
  const empty = new Set([...states.filter(({ state }) => state === 'empty'), ...inFile].map(({ name }) => keyOf(name)));
  return found.flatMap(({ name, ways }) => {
    const who = shown(name);
    const faults: string[] = [];
    if (empty.has(keyOf(name))) faults.push(`${who} has an empty password`);
    if (name === 'root') return faults;
    for (const { kind, via, withoutPassword } of ways) {
      if (kind === 'uid0') faults.push(`${who} is root under another name`);
      else if (withoutPassword) faults.push(`${who} becomes root without a password through ${via}`);
    }
    return faults;
  });
}

/** Accounts that rules name and the local file does not have, such as a directory's. */
function strangersIn(rules: readonly SudoRule[], accounts: readonly LocalAccount[]): Account[] {
  const names = new Set(accounts.map(({ name }) => keyOf(name)));
  const ids = new Set(accounts.map(({ uid }) => uid));
  const found = new Map<string, Account>();
  for (const user of rules.flatMap(({ users }) => users)) {
    if (user === 'ALL' || (typeof user === 'string' && /^[!%+]/.test(user))) continue;
    const name = typeof user === 'string' ? user.replace(/^\\/, '') : user;
    const uid = typeof user === 'string' && /^#\d+$/.test(user) ? Number(user.slice(1)) : undefined;
    if (uid === undefined ? !names.has(keyOf(name)) : !ids.has(uid))
      found.set(keyOf(name), uid === undefined ? { name } : { name, uid });
  }
  return [...found.values()];
}

/** One key for a name, whichever form it has. */
function keyOf(name: Text): string {
  return typeof name === 'string' ? `text ${name}` : `bytes ${name.bytes}`;
}

function shown(name: Text): string {
  return typeof name === 'string' ? name : `(not UTF-8: ${name.bytes})`;
}
