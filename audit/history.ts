/** From verified bundles to the histories of servers: joined, in order, with what is missing and what contradicts. */
import { addDays, type Day, dayOf, daysBetween, dueOf, type Instant } from './days.ts';
import type { ChainFault, ChainGap, History, HistoryEntry, StaleStretch } from './history-model.ts';
import { inOrder, joinHosts } from './join-hosts.ts';

/** Hours after which the last known state is old: a day, and two for a run that was late. */
export const staleAfterHours = 26;

/** `until` ends what is looked at: bundles that claim a later day are not known yet, and silence counts to it. */
export function histories(entries: readonly HistoryEntry[], until?: Day): History[] {
  const placed = entries.map(withDay).filter(({ day }) => until === undefined || day <= until);
  return joinHosts(placed).map(({ host, entries: own }) => {
    const { kept, duplicates } = once(own);
    return {
      host,
      entries: kept,
      duplicates,
      gaps: chainGaps(kept),
      faults: [...chainFaults(kept), ...timeFaults(own)],
      stale: staleStretches(kept, until),
    };
  });
}

/** As `histories`; where no bundle is of or before the day, the servers that are known from later ones, with nothing. */
export function historiesBy(entries: readonly HistoryEntry[], until: Day): History[] {
  const known = histories(entries, until);
  const nothing = { entries: [], duplicates: [], gaps: [], faults: [], stale: [] };
  return known.length > 0 ? known : histories(entries).map(({ host }) => ({ host, ...nothing }));
}

/** When the run ended, as far as that can be believed: where a bound that others stamped contradicts the claim, that bound. */
export function believedAt({ claimedAt, notBefore, notAfter }: HistoryEntry): Instant {
  if (notAfter?.at !== undefined && claimedAt > notAfter.at) return notAfter.at;
  if (notBefore?.at !== undefined && claimedAt < notBefore.at) return notBefore.at;
  return claimedAt;
}

function withDay(entry: HistoryEntry): HistoryEntry {
  const at = believedAt(entry);
  return at === entry.claimedAt ? entry : { ...entry, day: dayOf(at) };
}

function once(entries: readonly HistoryEntry[]): { kept: HistoryEntry[]; duplicates: History['duplicates'] } {
  const seen = new Set<string>();
  const kept: HistoryEntry[] = [];
  const duplicates: { file: string; bundle: string }[] = [];
  for (const entry of entries) {
    if (seen.has(entry.bundle)) duplicates.push({ file: entry.file, bundle: entry.bundle });
    else kept.push(entry);
    seen.add(entry.bundle);
  }
  return { kept, duplicates };
}

function byChain(entries: readonly HistoryEntry[]): Map<string, HistoryEntry[]> {
  const chains = new Map<string, HistoryEntry[]>();
  for (const entry of entries) {
    const links = chains.get(entry.chain.id);
    if (links === undefined) chains.set(entry.chain.id, [entry]);
    else links.push(entry);
  }
  for (const [id, links] of chains)
    chains.set(
      id,
      links.toSorted((one, other) => one.chain.sequence - other.chain.sequence || inOrder(one, other)),
    );
  return chains;
}

function chainGaps(entries: readonly HistoryEntry[]): ChainGap[] {
  const gaps: ChainGap[] = [];
  for (const [chainId, links] of byChain(entries))
    for (const [at, link] of links.entries()) {
      const before = links[at - 1];
      if (before === undefined || link.chain.sequence <= before.chain.sequence + 1) continue;
      gaps.push({
        chainId,
        fromSequence: before.chain.sequence + 1,
        toSequence: link.chain.sequence - 1,
        after: before.day,
        before: link.day,
      });
    }
  return gaps;
}

function chainFaults(entries: readonly HistoryEntry[]): ChainFault[] {
  const faults: ChainFault[] = [];
  for (const [chainId, links] of byChain(entries))
    for (const [at, link] of links.entries()) {
      const before = links[at - 1];
      if (before === undefined) continue;
      const { sequence, previous } = link.chain;
      const both = [before.bundle, link.bundle];
      const fault = (kind: ChainFault['kind'], text: string): void =>
        void faults.push({ kind, chainId, sequence, bundles: both, text });
      if (sequence === before.chain.sequence)
        fault(
          'two-at-one-place',
          `two bundles claim number ${sequence} of one chain: a clone, a restored snapshot, or a forgery by who has the key`,
        );
      else if (sequence === before.chain.sequence + 1 && previous !== before.bundle)
        fault('link-broken', `number ${sequence} does not name the bundle that is number ${before.chain.sequence}`);
      if (link.keyId !== before.keyId)
        fault('key-changed', `number ${sequence} is signed by another key than number ${before.chain.sequence}`);
      if (link.claimedAt < before.claimedAt)
        fault(
          'clock-set-back',
          `number ${sequence} claims ${link.claimedAt}, before number ${before.chain.sequence} that claims ${before.claimedAt}`,
        );
    }
  return faults;
}

function timeFaults(entries: readonly HistoryEntry[]): ChainFault[] {
  return entries
    .filter(({ day, claimedAt }) => day !== dayOf(claimedAt))
    .map(({ bundle, chain, claimedAt, day }) => ({
      kind: 'claim-outside-bounds',
      chainId: chain.id,
      sequence: chain.sequence,
      bundles: [bundle],
      text: `it claims ${claimedAt}, which its checkpoints contradict; it is counted to ${day}`,
    }));
}

function staleStretches(entries: readonly HistoryEntry[], until: Day | undefined): StaleStretch[] {
  const stretches: StaleStretch[] = [];
  for (const [at, entry] of entries.entries()) {
    const next = entries[at + 1];
    if (next !== undefined && daysBetween(entry.day, next.day) < 2) continue;
    const { breachDay } = dueOf(believedAt(entry), { hours: staleAfterHours });
    const from = breachDay > entry.day ? breachDay : addDays(entry.day, 1);
    const end = next === undefined ? until : addDays(next.day, -1);
    if (end === undefined || daysBetween(from, end) < 0) continue;
    stretches.push({
      after: entry.claimedAt,
      bundle: entry.bundle,
      from: next === undefined ? from : addDays(entry.day, 1),
      ...(next !== undefined && { to: end }),
    });
  }
  return stretches;
}

/** The newest entry of or before the day; undefined where there is none. */
export function entryAsOf(history: History, day: Day): HistoryEntry | undefined {
  return history.entries.findLast((entry) => entry.day <= day);
}

/** Whether what is said of the day rests on a last known state. */
export function isStale(history: History, day: Day): boolean {
  return history.stale.some(({ from, to }) => from <= day && (to === undefined || day <= to));
}
