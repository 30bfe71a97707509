/**
 * The entries of a folder, server by server. What the cache holds is let go and loaded again when its server's turn
 * comes, so that memory holds one server's history and a few numbers of each bundle, not all of them.
 */
import type { Day } from './days.ts';
import { type EntrySummary, hostsOf, laterThan, standOf } from './entry-summary.ts';
import type { PackFolder } from './evidence-source.ts';
import type { HistoryEntry, HostIdentity } from './history-model.ts';

/** Where an entry is found again: its pack, and the SHA-256 of it. */
export type Kept = { readonly path: string; readonly digest: string; readonly folder: PackFolder };

type Held = HistoryEntry | Kept;

/** An entry, and where its file stands among all files. */
export type Placed = { readonly order: number; readonly entry: HistoryEntry };

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
  /** With `kept` the entry itself is let go; `order` is the place of its file among all, in which they are added. */
  add(entry: HistoryEntry, kept?: Kept, order?: number): void;
  /** All that must be known of the entries to join servers over several stores. */
  summary(): EntrySummary;
  /** The entries of these targets, in the order of the files. */
  placed(targetIds: readonly string[]): readonly Placed[];
  targetIds(): readonly string[];
};

/** `load` finds an entry again that was let go; what it throws comes out of `servers` and `placed`. */
export function entryCollector(load: (kept: Kept) => HistoryEntry): EntryCollector {
  const byTarget = new Map<string, { readonly order: number; readonly held: Held }[]>();
  const stands = new Map<string, Placed>();
  const keyIds = new Set<string>();
  const days = new Map<Day, { day: Day; count: number; readonly file: string; readonly order: number }>();
  let joined: readonly HostIdentity[] | undefined;
  let count = 0;
  let replayed = false;
  const store: EntryCollector = {
    get count() {
      return count;
    },
    keyIds,
    get replayed() {
      return replayed;
    },
    later: (day) => laterThan(store.summary(), day),
    summary: () => ({ count, replayed, keyIds: [...keyIds], days: [...days.values()], stands: [...stands.values()] }),
    add(entry, kept, order = count) {
      joined = undefined;
      count += 1;
      replayed ||= entry.mode === 'replay';
      keyIds.add(entry.keyId);
      const day = days.get(entry.day) ?? { day: entry.day, count: 0, file: entry.file, order };
      day.count += 1;
      days.set(entry.day, day);
      const own = byTarget.get(entry.targetId) ?? [];
      own.push({ order, held: kept ?? entry });
      byTarget.set(entry.targetId, own);
      const { hostname, machineId, smbiosUuid, sshHostKeys } = entry.seen;
      const traits = [hostname, machineId, smbiosUuid, sshHostKeys].map((fact) =>
        fact?.status === 'observed' ? fact.value : null,
      );
      const key = JSON.stringify([entry.targetId, ...traits]);
      if (!stands.has(key)) stands.set(key, { order, entry: standOf(entry) });
    },
    hosts: () => (joined ??= hostsOf(store.summary())),
    placed: (targetIds) =>
      targetIds
        .flatMap((id) => byTarget.get(id) ?? [])
        .map(({ order, held }) => ({ order, entry: 'digest' in held ? load(held) : held })),
    targetIds: () => [...byTarget.keys()],
    *servers(of = store.hosts()) {
      for (const { targetIds } of of) yield store.placed(targetIds).map(({ entry }) => entry);
    },
  };
  return store;
}
