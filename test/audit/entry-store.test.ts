/** Server by server: the same histories as from all entries at once, whatever is let go in between. */
import { deepEqual, equal } from 'node:assert/strict';
import { entryCollector } from '../../audit/entry-store.ts';
import { histories } from '../../audit/history.ts';
import type { HistoryEntry } from '../../audit/history-model.ts';
import type { Seen } from '../../audit/observation.ts';
import { fixture } from '../../tools/case/fixtures.ts';
import { entriesOf } from './played.ts';

const [sample] = entriesOf({ ...fixture('msg-2016'), from: '2021-08-10', to: '2021-08-10' });

function fact(name: string, value: string): Seen<string> {
  return { status: 'observed', value, document: 'host', pointer: `/${name}`, sources: [] };
}

function bundle(target: string, day: string, machine?: string, uuid?: string): HistoryEntry {
  const { seen, ...rest } = sample as HistoryEntry;
  return {
    ...rest,
    bundle: `${target} ${day}`,
    file: `${target}/${day}.pack.json`,
    day,
    claimedAt: `${day}T23:00:00Z`,
    targetId: target,
    chain: { id: target, sequence: Number(day.slice(-2)) },
    seen: {
      unseen: seen.unseen,
      hostname: fact('hostname', `${target}-${machine ?? 'x'}`),
      ...(machine !== undefined && { machineId: fact('machineId', machine) }),
      ...(uuid !== undefined && { smbiosUuid: fact('smbiosUuid', uuid) }),
    },
  };
}

const folder = { path: '', shown: '' };

describe('entries server by server', () => {
  const entries = [
    bundle('a', '2021-08-10', 'm1'),
    bundle('b', '2021-08-10', 'm2', 'u2'),
    bundle('a', '2021-08-11'),
    bundle('c', '2021-08-11', undefined, 'u2'),
    bundle('d', '2021-08-12', 'm4'),
    bundle('a', '2021-08-12', 'm1'),
    // Only what comes last shows that e is a as well.
    bundle('e', '2021-08-11', 'm5'),
    bundle('e', '2021-08-20', 'm1'),
  ];
  const collected = (isLetGo: boolean): ReturnType<typeof entryCollector> => {
    const store = entryCollector(({ path }) => structuredClone(entries[Number(path)] as HistoryEntry));
    for (const [at, entry] of entries.entries())
      store.add(entry, isLetGo ? { path: String(at), digest: entry.bundle, folder } : undefined);
    return store;
  };

  it('give the histories that all entries give, to the end and as of a day', () => {
    for (const isLetGo of [false, true])
      for (const until of [undefined, '2021-08-12'])
        deepEqual(
          [...collected(isLetGo).servers()]
            .flatMap((own) => histories(own, until))
            .toSorted((one, other) => (one.host.id < other.host.id ? -1 : 1)),
          histories(entries, until).toSorted((one, other) => (one.host.id < other.host.id ? -1 : 1)),
        );
  });

  it('tell servers by every name that they had, and count what is later', () => {
    const store = collected(true);
    deepEqual(
      store.hosts().map(({ targetIds }) => targetIds.toSorted()),
      [['a', 'e'], ['b', 'c'], ['d']],
    );
    deepEqual(store.later('2021-08-12'), { count: 1, file: 'e/2021-08-20.pack.json' });
    equal(store.count, 8);
    const [, second] = store.hosts();
    equal([...store.servers(second === undefined ? [] : [second])].flat().length, 2);
  });

  it('load one server only when its turn comes', () => {
    const loaded: string[] = [];
    const store = entryCollector(({ path }) => {
      const entry = entries[Number(path)] as HistoryEntry;
      loaded.push(entry.targetId);
      return entry;
    });
    for (const [at, entry] of entries.entries()) store.add(entry, { path: String(at), digest: entry.bundle, folder });
    for (const own of store.servers()) {
      deepEqual(
        loaded.splice(0),
        own.map(({ targetId }) => targetId),
      );
    }
  });
});
