/**
 * Who can become root on a Linux server, or administrator on a Windows one, and by which ways. It rather names a way too many than
 * misses one: hosts and commands taken away with `!` are not weighed.
 */
import type { Text, WindowsMember } from '../schemas/generated/types.ts';
import { type AccountState, type People, passwordOf, peopleOf, stateOf } from './account-state.ts';
import { shownText } from './mfa/text.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { type Admins, groupsOf, groupsWith, keyOf, type WayToRoot, type Who } from './ways.ts';
import { waysOfAnyone } from './ways-anyone.ts';
import { doasWays, groupWays, jobWays, keyWays, polkitWays, suWays } from './ways-other.ts';
import { rulesInForce, sudoWays } from './ways-sudo.ts';
import { throughOthers } from './ways-through.ts';
import { unknownsOf } from './ways-unknown.ts';
import { windowsWays } from './windows/ways.ts';

export type { WayToRoot } from './ways.ts';

export type AccountWays = AccountState & {
  readonly name: Text;
  /** Whether the account stands in the local account file, or is one of this Windows machine. */
  readonly local: boolean;
  /** On Windows its SID. */
  readonly sid?: string;
  /** On Windows the SIDs of the groups that lead it there. */
  readonly groups?: readonly string[];
  /** On Windows what it is: a group stands for whom it holds where nobody could list them. */
  readonly kind?: NonNullable<WindowsMember['kind']>;
  readonly ways: readonly WayToRoot[];
};

export type RootVerdict = Verdict & { readonly accounts: readonly AccountWays[] };

/**
 * Fails where anybody but root gets there without a password, or root's uid has a second name. `at` is
 * the moment of the judgement (RFC 3339); without it no rule, key or account counts as over.
 */
export function waysToRoot(admins: Admins, at?: string): RootVerdict {
  if (admins.windowsGroups.status !== 'not-applicable') return windowsWays(admins, at);
  const accounts = admins.accounts.status === 'observed' ? admins.accounts.value : [];
  const people = peopleOf(admins);
  const found = throughOthers(
    [
      ...accounts.map((account) => waysOf(account, true, admins, people, at)),
      ...strangersIn(admins).map((account) => waysOf(account, false, admins, people, at)),
    ],
    admins,
    at,
  ).filter(({ ways }) => ways.length > 0);
  const anyone = waysOfAnyone(admins);
  const doubts = found.flatMap(({ name, ways }) =>
    ways
      .filter(
        (way) => way.withoutPassword && way.reaches === 'unknown' && way.kind !== 'group-indirect' && name !== 'root',
      )
      .map((way) => `how far ${shownText(name)} gets without a password through ${way.via}`),
  );
  return {
    ...verdictOf(
      [...faultsOf(found, people), ...anyone.faults],
      [...unknownsOf(admins), ...anyone.unknowns, ...doubts],
    ),
    accounts: found,
  };
}

function waysOf(who: Who, local: boolean, admins: Admins, people: People, at: string | undefined): AccountWays {
  const own = groupsWith(groupsOf(admins), who);
  const root: WayToRoot = {
    kind: 'uid0',
    via: 'user id 0',
    withoutPassword: false,
    chain: [shownText(who.name), 'user id 0'],
    reaches: 'yes',
  };
  const others = who.uid === 0 ? [] : [...groupWays(who, own, admins), ...suWays(who, own, admins)];
  return {
    name: who.name,
    local,
    ...stateOf(who, admins, people, at),
    ways: [
      ...(who.uid === 0 ? [root, ...keyWays(who, admins, at)] : []),
      ...others,
      ...sudoWays(who, own, admins, at),
      ...doasWays(who, own, admins),
      ...(who.uid === 0 ? [] : polkitWays(who, own, admins)),
      ...jobWays(who, admins),
    ],
  };
}

function faultsOf(found: readonly AccountWays[], people: People): string[] {
  return found.flatMap(({ name, ways }) => {
    const who = shownText(name);
    const faults: string[] = [];
    if (passwordOf({ name }, people)?.state === 'empty') faults.push(`${who} has an empty password`);
    if (name === 'root') return faults;
    for (const { kind, via, withoutPassword, reaches } of ways) {
      if (kind === 'uid0') faults.push(`${who} is root under another name`);
      else if (withoutPassword && reaches === 'yes')
        faults.push(`${who} becomes root without a password through ${via}`);
    }
    return faults;
  });
}

/** Accounts that rules and groups name and the local file does not have, such as a directory's. */
function strangersIn(admins: Admins): Who[] {
  const accounts = admins.accounts.status === 'observed' ? admins.accounts.value : [];
  const names = new Set(accounts.map(({ name }) => keyOf(name).toLowerCase()));
  const ids = new Set(accounts.map(({ uid }) => uid));
  const found = new Map<string, Who>();
  const members =
    admins.directoryGroups.status === 'observed' ? admins.directoryGroups.value.flatMap((group) => group.members) : [];
  for (const user of [...rulesInForce(admins).flatMap(({ users }) => users), ...members]) {
    if (user === 'ALL' || (typeof user === 'string' && /^[!%+]/.test(user))) continue;
    const name = typeof user === 'string' ? user.replace(/^\\/, '') : user;
    const uid = typeof user === 'string' && /^#\d+$/.test(user) ? Number(user.slice(1)) : undefined;
    if (uid === undefined ? !names.has(keyOf(name).toLowerCase()) : !ids.has(uid))
      found.set(keyOf(name), uid === undefined ? { name } : { name, uid });
  }
  return [...found.values()];
}
