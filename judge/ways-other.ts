/** Ways to root beside sudo: groups, sockets, doas, polkit, su, jobs, keys. */
import type { DoasRule, LocalGroup, Text } from '../schemas/generated/types.ts';
import { shownText } from './mfa/text.ts';
import { groupsLikeRoot, groupsNearRoot, isRootAction, reachOf } from './root-commands.ts';
import { type Admins, keyOf, type WayToRoot, type Who } from './ways.ts';

/** Daemons that ask for nothing, and files that only such a group may open. */
export function groupWays(who: Who, own: readonly LocalGroup[], { controlSockets }: Admins): WayToRoot[] {
  const account = shownText(who.name);
  const ways: WayToRoot[] = [];
  for (const { name } of own) {
    const group = shownText(name);
    const why = groupsLikeRoot.get(group) ?? groupsNearRoot.get(group);
    // An account whose own group happens to be one of these, such as `sys` itself.
    if (why === undefined || group === account) continue;
    const certain = groupsLikeRoot.has(group);
    ways.push({
      kind: certain ? 'group' : 'group-indirect',
      via: group,
      withoutPassword: true,
      chain: [account, `group ${group}`, why],
      reaches: certain ? 'yes' : 'unknown',
    });
  }
  for (const { path, gid, mode } of controlSockets.status === 'observed' ? controlSockets.value.sockets : []) {
    const group = own.find((each) => each.gid === gid);
    if (group === undefined || !/[2367].$/.test(mode) || groupsLikeRoot.has(shownText(group.name))) continue;
    ways.push({
      kind: 'socket',
      via: shownText(path),
      withoutPassword: true,
      chain: [account, `group ${shownText(group.name)}`, shownText(path)],
      reaches: 'yes',
    });
  }
  return ways;
}

/** The last rule that matches decides for each command, so a later one for everything replaces what came before. */
export function doasWays(who: Who, own: readonly LocalGroup[], { doasInstalled, doasRules }: Admins): WayToRoot[] {
  if ((doasInstalled.status === 'observed' && !doasInstalled.value) || doasRules.status !== 'observed') return [];
  let ways: WayToRoot[] = [];
  for (const rule of doasRules.value) {
    if (!isMeant(rule.identity, who, own)) continue;
    const everything = rule.command === undefined && rule.asUser === undefined;
    if (everything || rule.action === 'deny') ways = rule.action === 'deny' && !everything ? ways : [];
    if (rule.action === 'deny' || (rule.asUser !== undefined && rule.asUser !== 'root')) continue;
    const via = `${shownText(rule.definedIn)} line ${rule.line}`;
    ways.push({
      kind: 'doas',
      via,
      withoutPassword: rule.options.includes('nopass'),
      chain: [shownText(who.name), via, rule.command === undefined ? 'any command' : shownText(rule.command)],
      reaches: rule.command === undefined || rule.options.includes('keepenv') ? 'yes' : reachOf(asCommand(rule)),
    });
  }
  return ways;
}

/** doas looks a bare name up in its own safe PATH; of the arguments only the whole list counts. */
function asCommand({ command, arguments: args }: DoasRule): Parameters<typeof reachOf>[0] {
  const path = typeof command === 'string' && !command.includes('/') ? `/usr/bin/${command}` : (command ?? 'ALL');
  return args === undefined
    ? { command: path }
    : { command: path, arguments: args.map(shownText).join(' ').replace(/[*?[]/g, '_') };
}

function isMeant(identity: Text, who: Who, own: readonly LocalGroup[]): boolean {
  if (typeof identity !== 'string') return keyOf(identity) === keyOf(who.name);
  if (identity.startsWith(':'))
    return own.some(({ name, gid }) => [shownText(name), String(gid)].includes(identity.slice(1)));
  return identity === who.name || (who.uid !== undefined && identity === String(who.uid));
}

/** Who counts as administrator to polkit: they become root with their own password (pkexec(1), run0(1)). */
export function polkitWays(who: Who, own: readonly LocalGroup[], { polkitRules }: Admins): WayToRoot[] {
  if (polkitRules.status !== 'observed') return [];
  const ways: WayToRoot[] = [];
  const account = shownText(who.name);
  // The first file whose admin rule names somebody decides (polkit(8)).
  const admin = polkitRules.value.files.find(({ adminIdentities }) => adminIdentities.length > 0);
  if (admin?.adminIdentities.some((identity) => names(identity, who, own)) === true)
    ways.push({
      kind: 'polkit',
      via: shownText(admin.path),
      withoutPassword: false,
      chain: [account, `administrator to polkit by ${shownText(admin.path)}`],
      reaches: 'yes',
    });
  for (const { definedIn, identities, actions, resultAny, resultInactive, resultActive } of polkitRules.value
    .localAuthority) {
    const yes = [resultAny, resultInactive, resultActive].includes('yes');
    const root = actions.some((action) => typeof action === 'string' && isRootAction(action));
    if (!yes || !root || !identities.some((identity) => names(identity, who, own))) continue;
    const via = shownText(definedIn);
    ways.push({ kind: 'polkit', via, withoutPassword: true, chain: [account, via], reaches: 'yes' });
  }
  return ways;
}

function names(identity: Text, who: Who, own: readonly LocalGroup[]): boolean {
  const [, kind, name = ''] = /^unix-(user|group):(.*)$/s.exec(typeof identity === 'string' ? identity : '') ?? [];
  if (kind === 'user') return name === '*' || name === who.name || (who.uid !== undefined && name === String(who.uid));
  return (
    kind === 'group' &&
    own.some((group) => name === '*' || shownText(group.name) === name || String(group.gid) === name)
  );
}

/**
 * `pam_wheel.so trust`: members of the group become root by su without a password; with `deny` beside it everybody
 * but them (pam_wheel.c).
 */
export function suWays(who: Who, own: readonly LocalGroup[], { suGuards }: Admins): WayToRoot[] {
  if (suGuards.status !== 'observed') return [];
  return suGuards.value.flatMap(({ definedIn, line, module, options, control }): WayToRoot[] => {
    if (!shownText(module).includes('pam_wheel') || !options.includes('trust')) return [];
    // Any control that can end the stack well.
    if (!/^(?:sufficient|.*success=(?:done|ok|\d+).*)$/.test(shownText(control))) return [];
    const named = options
      .map(shownText)
      .find((option) => option.startsWith('group='))
      ?.slice('group='.length);
    const wanted = named ?? (own.some(({ name }) => name === 'wheel') ? 'wheel' : undefined);
    const group = own.find(({ name, gid }) => (wanted === undefined ? gid === 0 : shownText(name) === wanted));
    if ((group === undefined) !== options.includes('deny') || who.uid === 0) return [];
    const via = `${shownText(definedIn)} line ${line}`;
    const because = group === undefined ? `not in group ${wanted ?? 'wheel'}` : `group ${shownText(group.name)}`;
    return [
      {
        kind: 'su',
        via,
        withoutPassword: true,
        chain: [shownText(who.name), because, via],
        reaches: 'yes',
      },
    ];
  });
}

/** Owns a file that root runs by itself. */
export function jobWays(who: Who, { writableRootJobs }: Admins): WayToRoot[] {
  if (writableRootJobs.status !== 'observed' || who.uid === undefined || who.uid === 0) return [];
  return writableRootJobs.value
    .filter(({ uid }) => uid === who.uid)
    .map(({ definedIn, what }) => ({
      kind: 'job' as const,
      via: shownText(definedIn),
      withoutPassword: true,
      chain: [
        shownText(who.name),
        `owns ${what === 'program' ? 'a program of' : 'the'} ${what === 'program' ? '' : `${what} `}${shownText(definedIn)}`,
        'root runs it',
      ],
      reaches: 'yes' as const,
    }));
}

/** Whoever holds one of these keys is root at once. A key with a forced command leads as far as that. */
export function keyWays(who: Who, { authorizedKeys }: Admins, at: string | undefined): WayToRoot[] {
  if (who.uid !== 0 || authorizedKeys.status !== 'observed') return [];
  const files = authorizedKeys.value.files.filter(({ accounts }) =>
    accounts.some((name) => keyOf(name) === keyOf(who.name)),
  );
  return files.flatMap(({ file, keys }) =>
    keys
      .filter(({ expiryTime }) => !isOver(expiryTime, at))
      .map(({ line, fingerprint, options, expiryTime }) => ({
        kind: 'ssh-key' as const,
        via: `${shownText(file)} line ${line}`,
        withoutPassword: false,
        chain: [
          options.includes('cert-authority') ? `certificates of ${fingerprint}` : fingerprint,
          shownText(who.name),
        ],
        reaches: options.includes('command') ? ('unknown' as const) : ('yes' as const),
        ...(expiryTime === undefined ? {} : { until: expiryTime }),
      })),
  );
}

/** Only where it is over in every time zone. */
function isOver(expiry: string | undefined, at: string | undefined): boolean {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)/.exec(expiry ?? '') ?? [];
  const now = at === undefined ? Number.NaN : Date.parse(at);
  if (year === undefined || Number.isNaN(now)) return false;
  return now > Date.UTC(Number(year), Number(month) - 1, Number(day) + 2);
}
