/** A replay without its signatures: the same drafts and the same reading, so that ten lives take seconds. */
import { createHash } from 'node:crypto';
import { type AuditOptions, auditHost } from '../../audit/audit-host.ts';
import type { Day } from '../../audit/days.ts';
import { addDays } from '../../audit/days.ts';
import { histories } from '../../audit/history.ts';
import type { History, HistoryEntry } from '../../audit/history-model.ts';
import type { HostAudit } from '../../audit/model.ts';
import { observe, observeMemory } from '../../audit/observe.ts';
import { choosePolicies, loadPolicies, type PolicySet } from '../../audit/policy/policy-set.ts';
import { catalogues } from '../../catalogue/list.ts';
import type { Catalogue, Inventory } from '../../schemas/generated/types.ts';
import { runEnd, type Series, targetIdOf } from '../../tools/case/series.ts';

export function allPolicies(): PolicySet {
  const loaded = loadPolicies(undefined);
  if (!loaded.ok) throw new Error(loaded.refusal.message);
  const chosen = choosePolicies(
    loaded.value,
    loaded.value.policies.map(({ id }) => id),
  );
  if (!chosen.ok) throw new Error(chosen.refusal.message);
  return chosen.value;
}

export const internetFacing: Inventory = {
  format: 'affiant-inventory/1',
  date: '2020-07-01',
  servers: [
    {
      name: 'mail1',
      exposure: 'internet',
      role: 'mail',
      criticality: 'high',
      owner: 'Jane Doe',
      compromisedOn: '2021-08-16',
    },
  ],
};

/** The days of a series as verified bundles would give them. */
export function entriesOf(series: Series): HistoryEntry[] {
  const memory = observeMemory();
  const digests = new Map<object, string>();
  const entries: HistoryEntry[] = [];
  for (let day = series.from; day <= series.to; day = addDays(day, 1)) {
    const drafts = series.draftsOn(day);
    if (drafts === undefined) continue;
    const documents = new Map(
      Object.entries(drafts).map(([name, document]: [string, object]) => {
        const digest = digests.get(document) ?? createHash('sha256').update(`${name} ${digests.size}`).digest('hex');
        digests.set(document, digest);
        return [name, { digest, document }];
      }),
    );
    const sequence = entries.length;
    const previous = entries.at(-1)?.bundle;
    entries.push({
      bundle: createHash('sha256').update(`${series.name} ${day}`).digest('hex'),
      file: `${day}.pack.json`,
      claimedAt: runEnd(day),
      day,
      mode: 'replay',
      keyId: 'a'.repeat(64),
      targetId: targetIdOf(series.name),
      chain: { id: 'c'.repeat(32), sequence, ...(previous !== undefined && { previous }) },
      clock: { state: 'synchronised' },
      collectors: [],
      incidents: [],
      receipt: 'none',
      documents: Object.fromEntries([...documents].map(([name, { digest }]) => [name, digest])),
      seen: observe(documents, runEnd(day), memory),
    });
  }
  return entries;
}

export function historyOf(entries: readonly HistoryEntry[], at: Day): History {
  const [history] = histories(entries, at);
  if (history === undefined) throw new Error('there is no history');
  return history;
}

export function auditOf(
  entries: readonly HistoryEntry[],
  at: Day,
  more: Partial<AuditOptions> & { policies: PolicySet },
): HostAudit {
  return auditHost(historyOf(entries, at), { catalogues, inventory: internetFacing, attestations: [], ...more, at });
}

/** The Exchange catalogue with other inputs of severity. */
export function withCves(change: (id: string) => Partial<Catalogue['cves'][number]>): Catalogue[] {
  return catalogues.map((catalogue) => ({
    ...catalogue,
    cves: catalogue.cves.map((row) => ({ ...row, ...change(row.id) })),
  }));
}
