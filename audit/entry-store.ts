/**
 * The entries of a folder, server by server. What the cache holds is let go and loaded again when its server's turn
 * comes, so that memory holds one server's history and a few numbers of each bundle, not all of them.
 */
import type { Day } from './days.ts';
import type { PackFolder } from './evidence-source.ts';
import type { HistoryEntry, HostIdentity } from './history-model.ts';
import { joinHosts } from './join-hosts.ts';

/** Where an entry is found again: its pack, and the SHA-256 of it. */
export type Kept = { readonly path: string; readonly digest: string; readonly folder: PackFolder };

type Held = HistoryEntry | Kept;

export type EntryStore = {
  readonly count: number;
  /** Keys that signed any of them. */
  readonly keyIds: ReadonlySet<string>;
  readonly replayed: boolean;
  /** How many claim a later day, and one of their files. */
  later(day: Day): { readonly count: number; readonly file: string };
  /** Servers as they would be joined if every bundle counted. */
  hosts(): readonly HostIdentity[];
  /** All entries of each of these servers, in the order of the files. Only one server's are alive at a time. */
  servers(of?: readonly HostIdentity[]): Generator<readonly HistoryEntry[]>;
};

export type EntryCollector = EntryStore & {
  /** With `kept` the entry itself is let go. */
  add(entry: HistoryEntry, kept?: Kept): void;
};

/** `load` finds an entry again that was let go; what it throws comes out of `servers`. */
export function entryCollector(load: (kept: Kept) => HistoryEntry): EntryCollector {
  const byTarget = new Map<string, Held[]>();
  /** One entry for each different set of traits of a server: enough to join by, and to tell its names. */
  const standFor = new Map<string, HistoryEntry>();
  const keyIds = new Set<string>();
  const days = new Map<Day, { count: number; readonly file: string }>();
  let joined: ReturnType<typeof joinHosts> | undefined;
  let count = 0;
  let replayed = false;
  const store = {
    get count() {
      return count;
    },
    keyIds,
    get replayed() {
      return replayed;
    },
    later(day: Day) {
      const all = [...days].filter(([each]) => each > day).map(([, value]) => value);
      return { count: all.reduce((sum, each) => sum + each.count, 0), file: all[0]?.file ?? '' };
    },
    add(entry: HistoryEntry, kept?: Kept) {
      joined = undefined;
      count += 1;
      replayed ||= entry.mode === 'replay';
      keyIds.add(entry.keyId);
      const day = days.get(entry.day) ?? { count: 0, file: entry.file };
      day.count += 1;
      days.set(entry.day, day);
      const own = byTarget.get(entry.targetId) ?? [];
      own.push(kept ?? entry);
      byTarget.set(entry.targetId, own);
      const { hostname, machineId, smbiosUuid, sshHostKeys } = entry.seen;
      const traits = [hostname, machineId, smbiosUuid, sshHostKeys].map((fact) =>
        fact?.status === 'observed' ? fact.value : null,
      );
      const key = JSON.stringify([entry.targetId, ...traits]);
      if (!standFor.has(key)) standFor.set(key, entry);
    },
    hosts() {
      joined ??= joinHosts([...standFor.values()]);
      return joined.map(({ host }) => host);
    },
    *servers(of: readonly HostIdentity[] = store.hosts()) {
      for (const { targetIds } of of)
        yield targetIds.flatMap((id) => byTarget.get(id) ?? []).map((held) => ('digest' in held ? load(held) : held));
    },
  };
  return store;
}
