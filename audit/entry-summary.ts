/** What must be known of many entries to tell which servers they are of, without the entries themselves. */
import type { Day } from './days.ts';
import type { HistoryEntry, HostIdentity } from './history-model.ts';
import { joinHosts } from './join-hosts.ts';

export type EntrySummary = {
  readonly count: number;
  readonly replayed: boolean;
  /** Keys that signed any of them. */
  readonly keyIds: readonly string[];
  /** How many claim each day, and the first of their files. */
  readonly days: readonly {
    readonly day: Day;
    readonly count: number;
    readonly file: string;
    readonly order: number;
  }[];
  /** One entry for each different set of traits of a server: enough to join by, and to tell its names. */
  readonly stands: readonly { readonly order: number; readonly entry: HistoryEntry }[];
};

/** An entry with nothing that joining does not look at. */
export function standOf(entry: HistoryEntry): HistoryEntry {
  const { hostname, machineId, smbiosUuid, sshHostKeys } = entry.seen;
  return {
    ...entry,
    collectors: [],
    incidents: [],
    documents: {},
    seen: {
      unseen: [],
      ...(hostname !== undefined && { hostname }),
      ...(machineId !== undefined && { machineId }),
      ...(smbiosUuid !== undefined && { smbiosUuid }),
      ...(sshHostKeys !== undefined && { sshHostKeys }),
    },
  };
}

/** Of several stores over parts of the same files as if it were one. */
export function mergeSummaries(parts: readonly EntrySummary[]): EntrySummary {
  const days = new Map<Day, EntrySummary['days'][number]>();
  for (const each of inOrder(parts.flatMap((part) => part.days))) {
    const { day, count } = each;
    const before = days.get(day);
    days.set(day, before === undefined ? each : { ...before, count: before.count + count });
  }
  return {
    count: parts.reduce((sum, part) => sum + part.count, 0),
    replayed: parts.some((part) => part.replayed),
    keyIds: [...new Set(parts.flatMap((part) => part.keyIds))],
    days: [...days.values()],
    stands: inOrder(parts.flatMap((part) => part.stands)),
  };
}

export function inOrder<T extends { readonly order: number }>(all: readonly T[]): T[] {
  return all.toSorted((one, other) => one.order - other.order);
}

/** Servers as they would be joined if every bundle counted, in the order of their first files. */
export function hostsOf({ stands }: EntrySummary): HostIdentity[] {
  return joinHosts(stands.map(({ entry }) => entry)).map(({ host }) => host);
}

/** How many claim a later day, and one of their files. */
export function laterThan({ days }: EntrySummary, day: Day): { readonly count: number; readonly file: string } {
  const all = days.filter((each) => each.day > day);
  return { count: all.reduce((sum, { count }) => sum + count, 0), file: all[0]?.file ?? '' };
}
