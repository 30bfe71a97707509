/** Ways to root by sudo: its rules as the server's files have them, and what sudo itself says of a directory's. */
import type { LocalGroup, SudoCommand, SudoRule } from '../schemas/generated/types.ts';
import { shownText } from './mfa/text.ts';
import { type Reach, reachOf } from './root-commands.ts';
import { matchesUser } from './sudo-match.ts';
import { type Admins, keyOf, type WayToRoot, type Who } from './ways.ts';

const dayMs = 86_400_000;

/**
 * The last rule that matches wins, so a later rule for everything as root replaces what came before; but for
 * `sudo -g`, of which a rule that names no groups says nothing.
 */
export function sudoWays(who: Who, own: readonly LocalGroup[], admins: Admins, at: string | undefined): WayToRoot[] {
  let found: { readonly way: WayToRoot; readonly withGroups: boolean }[] = [];
  const open = neverAuthenticated(who, own, admins);
  const other = asksForRootsPassword(admins);
  const steered = keepsEnvironment(admins);
  for (const rule of rulesInForce(admins, at)) {
    const kind = wayOfRule(rule);
    // Who a netgroup or a directory's group means is unknown, and said so; it is no way of this account's.
    if (kind === undefined || matchesUser(rule.users, who, own) !== 'yes') continue;
    const everywhere = rule.hosts.length === 1 && rule.hosts[0] === 'ALL';
    const all =
      kind === 'sudo-all' && everywhere && rule.options === undefined && rule.runAsUsers?.includes('ALL') === true;
    if (all) found = rule.runAsGroups?.includes('ALL') === true ? [] : found.filter(({ withGroups }) => withGroups);
    const withoutPassword = rule.tags.includes('NOPASSWD') || (open && !rule.tags.includes('PASSWD'));
    const via = `${shownText(rule.definedIn)} line ${rule.line}`;
    const until = rule.options?.NOTAFTER;
    const reaches = kind === 'sudo-all' || steered || rule.tags.includes('SETENV') ? 'yes' : reachOfAll(rule);
    const asksRoot = other && !withoutPassword;
    const way: WayToRoot = {
      kind,
      via,
      withoutPassword,
      chain: [
        shownText(who.name),
        ...throughGroup(rule, own),
        via,
        ...(asksRoot ? ["root's own password"] : []),
        commandText(rule.commands),
      ],
      // Who knows that password is root by su as well: the rule for everybody that SUSE ships makes no administrators.
      reaches: asksRoot ? 'no' : reaches,
      ...(until === undefined ? {} : { until: shownText(until) }),
    };
    found.push({ way, withGroups: rule.runAsGroups !== undefined });
  }
  const ways = found.map(({ way }) => way);
  return [...ways, ...listedWays(who, ways, admins)];
}

/** What sudo grants beyond the files: rules of a directory, where they give more than the files do. The last one wins here too. */
function listedWays(who: Who, known: readonly WayToRoot[], { sudoListings }: Admins): WayToRoot[] {
  if (sudoListings.status !== 'observed') return [];
  const listing = sudoListings.value.find(({ account }) => keyOf(account) === keyOf(who.name));
  let ways: WayToRoot[] = [];
  for (const { runAs, tags, commands } of listing?.rules ?? []) {
    const target = shownText(runAs);
    if (!/^\s*(?:ALL|root)\b/.test(target)) continue;
    const kind = shownText(commands).split(/,\s*/).includes('ALL') ? 'sudo-all' : 'sudo-limited';
    if (kind === 'sudo-all' && /^\s*ALL\b/.test(target)) ways = [];
    ways.push({
      kind,
      via: 'sudo -l',
      withoutPassword: tags.includes('NOPASSWD') || (listing?.neverAuthenticates === true && !tags.includes('PASSWD')),
      chain: [shownText(who.name), "sudo's answer, from a directory", shownText(commands)],
      reaches: kind === 'sudo-all' ? 'yes' : 'unknown',
    });
  }
  return ways.filter(
    ({ kind, withoutPassword }) => !known.some((way) => way.kind === kind && (way.withoutPassword || !withoutPassword)),
  );
}

/** Without sudo its rules lead nowhere; not knowing counts as having it. A rule whose time is over is none. */
export function rulesInForce({ sudoInstalled, sudoRules }: Admins, at?: string): readonly SudoRule[] {
  if (sudoInstalled.status === 'observed' && !sudoInstalled.value) return [];
  const rules = sudoRules.status === 'observed' ? sudoRules.value : [];
  const now = at === undefined ? Number.NaN : Date.parse(at);
  return Number.isNaN(now) ? rules : rules.filter(({ options }) => holdsAt(now, options));
}

/** Generalised time (RFC 4517 section 3.3.13); without a zone it is the server's own, so a day of doubt remains. */
function holdsAt(now: number, options: SudoRule['options']): boolean {
  const [from, until] = [options?.NOTBEFORE, options?.NOTAFTER].map(generalisedTime);
  return !(until !== undefined && now > until.ms + until.doubt) && !(from !== undefined && now < from.ms - from.doubt);
}

function generalisedTime(text: SudoRule['definedIn'] | undefined): { ms: number; doubt: number } | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d)?(?:[.,]\d)?(Z)?/.exec(typeof text === 'string' ? text : '');
  if (match === null) return undefined;
  const [, year, month, day, hour, minute = 0, second = 0, zone] = match;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return { ms, doubt: zone === undefined ? dayMs : 0 };
}

export function wayOfRule({
  commands,
  runAsUsers,
  runAsGroups = [],
}: SudoRule): 'sudo-all' | 'sudo-limited' | undefined {
  const given = commands.filter(({ negated, command }) => negated !== true && command !== 'list');
  if (given.length === 0) return undefined;
  // A group, a netgroup or bytes may stand for root.
  const asRoot =
    runAsUsers === undefined ||
    runAsUsers.some((user) => typeof user !== 'string' || /^(?:ALL|root|#0+|%.*|\+.*)$/s.test(user));
  if (!asRoot) return runAsGroups.length > 0 ? 'sudo-limited' : undefined;
  return given.some(({ command, digests }) => command === 'ALL' && digests === undefined) ? 'sudo-all' : 'sudo-limited';
}

export function reachOfAll({ commands, tags, runAsUsers }: SudoRule): Reach {
  // As another user with a group of one's choice: how far that leads depends on the group.
  if (runAsUsers?.length === 0) return 'unknown';
  const reaches = commands.map(reachOf);
  // NOEXEC keeps most programs from starting a shell, but not from writing files (sudoers(5)).
  if (reaches.includes('yes')) return tags.includes('NOEXEC') ? 'unknown' : 'yes';
  return reaches.includes('unknown') ? 'unknown' : 'no';
}

/** `Defaults targetpw` and its like, for all, and taken back for nobody (sudoers(5)). */
function asksForRootsPassword({ sudoDefaults }: Admins): boolean {
  if (sudoDefaults.status !== 'observed') return false;
  const said = sudoDefaults.value.filter(({ setting }) => /^(?:targetpw|rootpw)$/.test(setting));
  return said.length > 0 && said.every(({ operation, scope }) => operation === 'on' && scope === undefined);
}

/**
 * `Defaults !authenticate`, or a group that is exempt, for all or for this account; the last one counts, but those
 * for a command, which sudo applies after all others (sudoers(5)).
 */
export function neverAuthenticated(who: Who, own: readonly LocalGroup[], { sudoDefaults }: Admins): boolean {
  if (sudoDefaults.status !== 'observed') return false;
  let open = false;
  let exempt = false;
  let ofCommand = false;
  for (const { setting, operation, scope, value } of sudoDefaults.value) {
    const user = scope === undefined || (scope.kind === 'user' && matchesUser(scope.members, who, own) === 'yes');
    if (setting === 'exempt_group')
      exempt = operation === 'set' && own.some(({ name }) => value !== undefined && keyOf(name) === keyOf(value));
    if (setting !== 'authenticate') continue;
    // Limited to a host, a command or a target it may hold too: that it asks again is not believed.
    if (operation === 'off' && scope?.kind === 'command') ofCommand = true;
    else if (operation === 'off' && (user || scope.kind !== 'user')) open = true;
    else if (operation === 'on' && scope === undefined) open = false;
  }
  return open || exempt || ofCommand;
}

/** Variables by which a program loads code of the caller's choice, or a shell runs it. */
const loading =
  'LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT PYTHONPATH PYTHONHOME PYTHONSTARTUP PERL5LIB PERLLIB PERL5OPT PERL5DB RUBYLIB RUBYOPT NODE_OPTIONS NODE_PATH JAVA_TOOL_OPTIONS CLASSPATH BASH_ENV ENV SHELLOPTS GCONV_PATH'.split(
    ' ',
  );

/** A kept variable that loads code makes every command a shell; so does a caller who may set any (setenv). */
function keepsEnvironment({ sudoDefaults }: Admins): boolean {
  if (sudoDefaults.status !== 'observed') return false;
  return sudoDefaults.value.some(
    ({ setting, operation, value }) =>
      (setting === 'env_reset' && operation === 'off') ||
      (setting === 'setenv' && operation === 'on') ||
      (setting === 'env_keep' &&
        (operation === 'add' || operation === 'set') &&
        (typeof value === 'string' ? value : '').split(/\s+/).some(loads)),
  );
}

/** An entry of env_keep: a name or a pattern with `*`, and perhaps `=` with what it has to be. */
function loads(entry: string): boolean {
  const [name = ''] = entry.split('=', 1);
  if (name === '') return false;
  const [head = '', ...rest] = name.split('*');
  return loading.some((known) => (rest.length === 0 ? known === name : known.startsWith(head)));
}

function throughGroup({ users }: SudoRule, own: readonly LocalGroup[]): string[] {
  const named = users.flatMap((user) => (typeof user === 'string' && user.startsWith('%') ? [user.slice(1)] : []));
  const group = own.find(
    ({ name, gid }) =>
      named.includes(`#${gid}`) || named.some((each) => each.toLowerCase() === shownText(name).toLowerCase()),
  );
  return group === undefined ? [] : [`group ${shownText(group.name)}`];
}

function commandText(commands: readonly SudoCommand[]): string {
  const [first, ...others] = commands.filter(({ negated }) => negated !== true);
  if (first === undefined) return '';
  const words = [first.command, ...(first.arguments === undefined ? [] : [first.arguments])].map(shownText).join(' ');
  return others.length === 0 ? words : `${words} and ${others.length} more`;
}
