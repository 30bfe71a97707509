/**
 * Follows groups to their members, level by level, with a budget of look-ups and each SID once, so that a
 * cycle ends. Whether a member that nobody can name is orphaned or only out of reach is told apart here:
 * orphaned needs an authority that answered and does not know it.
 */
import type { Host } from '../../../agent/host/host.ts';
import type { Fact, Unseen, WindowsAccount, WindowsGroup, WindowsMember } from '../../../schemas/generated/types.ts';
import { fromAnswer } from '../../fact.ts';
import { toText } from '../../text.ts';
import {
  type DirectoryAnswer,
  type DirectoryObject,
  type DirectoryRoot,
  parseDirectoryObjects,
} from './directory-rows.ts';
import type { ListedGroup, ListedMember } from './local-rows.ts';
import { authorityOf, isWellKnown, ridOf } from './sid.ts';

/** Objects that the directory may be asked for in one run, and in one question. */
export const lookUpBudget = 2000;
const batchSize = 80;
const maxDepth = 16;

export type Start = {
  /** Of those asked for by name, some that are somewhere: on an Exchange server its role groups. */
  readonly expected: readonly string[];
  /** Groups that this machine listed itself. */
  readonly local: readonly ListedGroup[];
  /** Groups and accounts to ask the directory for, by SID or name. */
  readonly asked: readonly string[];
  readonly accounts: readonly WindowsAccount[];
  /** Whether those are all accounts of this machine. */
  readonly accountsKnown: boolean;
  readonly machineSid: string | undefined;
  readonly root: Fact<DirectoryRoot>;
};

export type Expansion = {
  readonly groups: readonly WindowsGroup[];
  readonly accounts: readonly WindowsAccount[];
  readonly objects: ReadonlyMap<string, DirectoryObject>;
  readonly lookUps: number;
  readonly leftOut: number;
  /** Why a part of the directory could not be looked at, where a whole question of look-ups had no answer. */
  readonly failure?: Unseen;
  readonly sources: readonly string[];
};

type State = {
  readonly objects: Map<string, DirectoryObject>;
  readonly unknown: Set<string>;
  readonly failed: Map<string, string>;
  readonly names: Map<string, string>;
  readonly sources: Set<string>;
  readonly asked: Set<string>;
  lookUps: number;
  leftOut: number;
  failure?: Unseen;
};

export async function expand(host: Host, start: Start): Promise<Expansion> {
  const state: State = {
    objects: new Map(),
    unknown: new Set(),
    failed: new Map(),
    names: new Map(),
    sources: new Set(),
    asked: new Set(),
    lookUps: 0,
    leftOut: 0,
  };
  const reachable = start.root.status === 'observed';
  let next = reachable
    ? [...start.asked, ...start.local.flatMap(({ members }) => members.flatMap(({ sid }) => sid ?? []))]
    : [];
  for (let depth = 0; depth < maxDepth && next.length > 0; depth += 1)
    next = await lookUp(
      host,
      state,
      next.filter((each) => isOfDirectory(each, start)),
    );
  const found = [...state.objects.values()];
  const groups = [
    ...start.local.map((group) => groupOf(group, 'local', start, state)),
    ...found.flatMap(({ group }) => (group === undefined ? [] : [groupOf(group, 'directory', start, state)])),
    ...unreadGroups(start, state),
  ];
  return {
    groups,
    accounts: [...start.accounts, ...found.flatMap(({ account }) => (account === undefined ? [] : [account]))],
    objects: state.objects,
    lookUps: state.lookUps,
    leftOut: state.leftOut + unreadNames(start, state),
    sources: [...state.sources].toSorted(),
    ...(state.failure !== undefined && { failure: state.failure }),
  };
}

/** Names are asked for as such; of SIDs those that a domain made. On a domain controller the builtin groups too. */
function isOfDirectory(subject: string, { machineSid, asked }: Start): boolean {
  if (!subject.startsWith('S-1-')) return true;
  const authority = authorityOf(subject);
  if (authority === undefined) return asked.includes(subject);
  return authority !== machineSid && !isWholeDomain(subject);
}

/** Domain Users, Guests and Computers hold everybody: their members are never asked for. */
function isWholeDomain(sid: string): boolean {
  return authorityOf(sid) !== undefined && [513, 514, 515].includes(ridOf(sid) ?? 0);
}

/** Asks for what was not asked yet, within the budget, and gives the members of the groups that it found. */
async function lookUp(host: Host, state: State, wanted: readonly string[]): Promise<string[]> {
  const fresh = [...new Set(wanted)].filter((each) => !state.asked.has(each)).toSorted();
  const affordable = fresh.slice(0, Math.max(0, lookUpBudget - state.lookUps));
  state.leftOut += fresh.length - affordable.length;
  const next: string[] = [];
  for (let at = 0; at < affordable.length; at += batchSize) {
    const batch = affordable.slice(at, at + batchSize);
    for (const each of batch) state.asked.add(each);
    state.lookUps += batch.length;
    const answer = fromAnswer(await host.query('directory-objects', { subjects: batch }), parseDirectoryObjects);
    for (const source of answer.sources) state.sources.add(source);
    if (answer.status !== 'observed') {
      for (const each of batch) state.failed.set(each, answer.reason);
      state.failure ??= answer;
      continue;
    }
    next.push(...take(state, batch, answer.value));
  }
  return next;
}

function take(state: State, batch: readonly string[], { found, unknown, failed, byName }: DirectoryAnswer): string[] {
  const next: string[] = [];
  for (const [sid, object] of found) {
    state.objects.set(sid, object);
    state.asked.add(sid);
    next.push(...(object.group?.members ?? []).flatMap((member) => member.sid ?? []));
  }
  for (const each of unknown) state.unknown.add(each);
  for (const [each, reason] of failed) state.failed.set(each, reason);
  for (const [name, sid] of byName) state.names.set(name, sid);
  // A subject without a row is not known to be absent.
  for (const each of batch)
    if (!found.has(each) && !unknown.has(each) && !failed.has(each) && !byName.has(each))
      state.failed.set(each, 'not-answered');
  return next;
}

function groupOf(group: ListedGroup, view: WindowsGroup['view'], start: Start, state: State): WindowsGroup {
  const members = group.members.map((member) => memberOf(member, view, group, start, state));
  return {
    sid: group.sid,
    view,
    ...(group.name !== undefined && { name: toText(group.name) }),
    members: members.toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1)),
    complete: group.reason === undefined,
    ...(group.reason !== undefined && { reason: group.reason }),
  };
}

function keyOf({ sid, name }: WindowsMember): string {
  return sid ?? JSON.stringify(name);
}

/** Groups that the directory was asked for and did not give: their members are not known. Those that it does not have are none. */
function unreadGroups({ asked, root }: Start, state: State): WindowsGroup[] {
  return asked.flatMap((subject): WindowsGroup[] => {
    if (!subject.startsWith('S-1-')) return [];
    if (state.objects.has(subject) || state.unknown.has(subject)) return [];
    const reason = state.failed.get(subject) ?? (root.status === 'observed' ? 'look-up-budget' : root.reason);
    return [{ sid: subject, view: 'directory', members: [], complete: false, reason }];
  });
}

/** Groups asked for by name that nobody could look up: without a SID they stand in no list, and are not known to be none. */
function unreadNames({ asked, expected, root }: Start, state: State): number {
  if (root.status !== 'observed') return 0;
  const failed = asked.filter((subject) => !subject.startsWith('S-1-') && state.failed.has(subject)).length;
  // They lie in the domain at the forest's root: another domain that has none of them says nothing of them.
  const elsewhere = failed === 0 && expected.length > 0 && !expected.some((name) => state.names.has(name));
  return failed + (elsewhere ? expected.length : 0);
}

function memberOf(
  { sid, name, ttl, primary }: ListedMember,
  view: WindowsGroup['view'],
  group: ListedGroup,
  start: Start,
  state: State,
): WindowsMember {
  if (sid === undefined)
    return { outcome: 'unreachable', kind: 'unknown', ...(name !== undefined && { name: toText(name) }) };
  const object = state.objects.get(sid);
  const local = start.accounts.find((account) => account.sid === sid);
  const known = object?.name ?? (typeof local?.name === 'string' ? local.name : undefined) ?? name;
  const until = untilOf(ttl, state.objects.get(group.sid)?.readAt);
  const outcome = outcomeOf(sid, view, { object, local, start, state, name });
  return {
    sid,
    outcome,
    // A name that Windows made up of the SID is none.
    ...(known !== undefined && known !== sid && { name: toText(known) }),
    kind: object?.kind ?? kindOf(sid, local),
    ...(primary === true && { primary }),
    ...(until !== undefined && { until }),
  };
}

function kindOf(sid: string, local: WindowsAccount | undefined): NonNullable<WindowsMember['kind']> {
  if (local !== undefined) return 'user';
  if (isWholeDomain(sid) || sid.startsWith('S-1-5-32-')) return 'group';
  return isWellKnown(sid) ? 'well-known' : 'unknown';
}

type Known = {
  readonly object: DirectoryObject | undefined;
  readonly local: WindowsAccount | undefined;
  readonly start: Start;
  readonly state: State;
  readonly name: string | undefined;
};

function outcomeOf(
  sid: string,
  view: WindowsGroup['view'],
  { object, local, start, state, name }: Known,
): WindowsMember['outcome'] {
  if (object !== undefined || local !== undefined || isWellKnown(sid)) return 'resolved';
  const authority = authorityOf(sid);
  // A builtin group inside another, which this Windows names by itself.
  if (authority === undefined) return sid.startsWith('S-1-5-32-') ? 'resolved' : 'unreachable';
  if (authority === start.machineSid) return start.accountsKnown ? 'orphaned' : 'unreachable';
  const domain = start.root.status === 'observed' ? start.root.value.domainSid : undefined;
  if (authority === domain && isWholeDomain(sid)) return 'resolved';
  if (authority === domain && state.unknown.has(sid)) return 'orphaned';
  // The directory lists its own members; what it links to is there, also where the budget ended.
  if (view === 'directory' && authority === domain && !state.failed.has(sid)) return 'resolved';
  // This Windows knows it from somewhere: a name that is not the SID.
  return name !== undefined &&
    !name.startsWith('S-1-') &&
    view === 'local' &&
    !state.unknown.has(sid) &&
    start.root.status === 'observed' &&
    authority !== domain
    ? 'resolved'
    : 'unreachable';
}

/** To the minute, so that the same membership gives the same date at each run. */
function untilOf(ttl: number | undefined, readAt: number | undefined): WindowsMember['until'] {
  if (ttl === undefined || readAt === undefined) return undefined;
  const minute = Math.round((readAt + ttl) / 60) * 60_000;
  return { at: new Date(minute).toISOString().replace(/\.[0-9]{3}Z$/, 'Z') };
}
