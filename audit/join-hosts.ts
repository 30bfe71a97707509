/**
 * Which bundles are of one server, whoever collected them. The rules: the same target id; the same machine-id;
 * the same SMBIOS UUID where no two machine-ids contradict; the same SSH host key where neither contradicts.
 * Clones share what was copied: two machine-ids are two servers, whatever else agrees.
 */
import type { HistoryEntry, HostIdentity } from './history-model.ts';
import type { Seen } from './observation.ts';

type Traits = {
  readonly targetId: string;
  readonly machineIds: Set<string>;
  readonly uuids: Set<string>;
  readonly keys: Set<string>;
  readonly entries: HistoryEntry[];
};

/** Entries of one target id share a machine-id at least as that id says; groups come in the order of their first bundle. */
export function joinHosts(
  entries: readonly HistoryEntry[],
): { readonly host: HostIdentity; readonly entries: HistoryEntry[] }[] {
  const targets = new Map<string, Traits>();
  for (const entry of entries) {
    const { targetId, seen } = entry;
    const traits = targets.get(targetId) ?? {
      targetId,
      machineIds: new Set(),
      uuids: new Set(),
      keys: new Set(),
      entries: [],
    };
    targets.set(targetId, traits);
    traits.entries.push(entry);
    add(traits.machineIds, seen.machineId);
    add(traits.uuids, seen.smbiosUuid);
    if (seen.sshHostKeys?.status === 'observed') for (const key of seen.sshHostKeys.value) traits.keys.add(key);
  }
  const groups: { members: Traits[]; joinedBy: Set<string> }[] = [];
  const by: readonly [string, (traits: Traits) => Set<string>, (one: Traits, other: Traits) => boolean][] = [
    ['same machine-id', ({ machineIds }) => machineIds, () => true],
    ['same SMBIOS UUID', ({ uuids }) => uuids, (one, other) => agree(one.machineIds, other.machineIds)],
    [
      'same SSH host key',
      ({ keys }) => keys,
      (one, other) => agree(one.machineIds, other.machineIds) && agree(one.uuids, other.uuids),
    ],
  ];
  for (const traits of targets.values()) {
    let home: (typeof groups)[number] | undefined;
    for (const group of groups.toSorted(() => 0)) {
      const rule = by.find(([, of, may]) =>
        group.members.some((member) => overlap(of(member), of(traits)) && may(member, traits)),
      );
      if (rule === undefined) continue;
      if (home === undefined) {
        home = group;
        home.members.push(traits);
      } else {
        home.members.push(...group.members);
        for (const why of group.joinedBy) home.joinedBy.add(why);
        groups.splice(groups.indexOf(group), 1);
      }
      home.joinedBy.add(rule[0]);
    }
    if (home === undefined) groups.push({ members: [traits], joinedBy: new Set() });
  }
  return groups.map(({ members, joinedBy }) => {
    const all = members.flatMap((member) => member.entries).toSorted(inOrder);
    return { host: identityOf(all, members, joinedBy), entries: all };
  });
}

/** By claimed time, then by place in the chain, then by digest: the same whatever order the files had. */
export function inOrder(one: HistoryEntry, other: HistoryEntry): number {
  return (
    compare(one.day, other.day) ||
    (one.chain.id === other.chain.id
      ? one.chain.sequence - other.chain.sequence
      : compare(one.claimedAt, other.claimedAt)) ||
    compare(one.bundle, other.bundle)
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function add(set: Set<string>, fact: Seen<string> | undefined): void {
  if (fact?.status === 'observed') set.add(fact.value);
}

function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].some((value) => other.has(value));
}

/** Not both known and different. */
function agree(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === 0 || other.size === 0 || overlap(one, other);
}

function identityOf(
  entries: readonly HistoryEntry[],
  members: readonly Traits[],
  joinedBy: ReadonlySet<string>,
): HostIdentity {
  const names = entries
    .toReversed()
    .flatMap(({ seen: { hostname } }) => (hostname?.status === 'observed' ? [hostname.value] : []));
  const id = entries.at(-1)?.targetId ?? '';
  return {
    id,
    targetIds: [id, ...members.map(({ targetId }) => targetId).filter((other) => other !== id)],
    names: [...new Set(names)],
    joinedBy: [...joinedBy],
  };
}
