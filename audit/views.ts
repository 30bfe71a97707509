/** What a report shows beside findings: changes of administrators, the matrix of factors, the detector's days, blind spots. */

import { compareBuilds, parseBuild } from '../judge/versions/build.ts';
import { type AuditContext, evidenceOf } from './context.ts';
import { addDays, type Day, daysBetween } from './days.ts';
import type { ExchangeRun } from './exchange-levels.ts';
import type { Finding } from './finding.ts';
import type { History, HistoryEntry } from './history-model.ts';
import type { AdminChange, BlindSpot, Counters, DetectorStretch, Exposure, MfaMatrix } from './model.ts';

/** Between each two bundles that saw the administrators. */
export function adminChanges({ entries }: History): AdminChange[] {
  const changes: AdminChange[] = [];
  let before: ReadonlyMap<string, readonly string[]> | undefined;
  let last: unknown;
  for (const entry of entries) {
    const fact = entry.seen.admins;
    if (fact?.status !== 'observed' || fact === last) continue;
    last = fact;
    const now = new Map(fact.value.map(({ name, ways }) => [name, ways]));
    const change = (kind: AdminChange['kind'], account: string, ways: readonly string[]): void =>
      void changes.push({
        day: entry.day,
        kind,
        account,
        ways,
        evidence: evidenceOf(entry, fact, `${account}: ${ways.join(', ') || 'no way'}`),
      });
    if (before !== undefined) {
      for (const [account, ways] of now) {
        const old = before.get(account);
        if (old === undefined) change('added', account, ways);
        else if (old.join('\n') !== ways.join('\n')) change('ways-changed', account, ways);
      }
      for (const [account, ways] of before) if (!now.has(account)) change('removed', account, ways);
    }
    before = now;
  }
  return changes;
}

export function mfaMatrix({ entries }: History): MfaMatrix | undefined {
  const newest = entries.findLast(({ seen: { factors } }) => factors?.status === 'observed');
  const fact = newest?.seen.factors;
  if (newest === undefined || fact?.status !== 'observed') return undefined;
  const since = new Map<string, { requirement: string; day: Day }>();
  let before: typeof fact | undefined;
  for (const { seen, day } of entries) {
    // The same object as before says the same as before.
    if (seen.factors?.status !== 'observed' || seen.factors === before) continue;
    before = seen.factors;
    const there = new Set<string>();
    for (const { account, way, requirement } of seen.factors.value.cells) {
      const key = `${account}\n${way}`;
      there.add(key);
      if (since.get(key)?.requirement !== requirement) since.set(key, { requirement, day });
    }
    for (const key of since.keys()) if (!there.has(key)) since.delete(key);
  }
  return {
    day: newest.day,
    cells: fact.value.cells.map((cell) => ({
      ...cell,
      since: since.get(`${cell.account}\n${cell.way}`)?.day ?? newest.day,
    })),
    outOfBand: fact.value.outOfBand,
    evidence: [evidenceOf(newest, { ...fact, pointer: '' }, `${fact.value.cells.length} ways of administrators`)],
  };
}

/** Day by day, equal days together; a day without evidence is its own kind. */
export function detectorStretches(history: History, at: Day): DetectorStretch[] {
  const stretches: { from: Day; to: Day; outcome: DetectorStretch['outcome']; reasons: readonly string[] }[] = [];
  const add = (from: Day, to: Day, outcome: DetectorStretch['outcome'], reasons: readonly string[]): void => {
    const last = stretches.at(-1);
    if (
      last !== undefined &&
      last.outcome === outcome &&
      last.reasons.join('\n') === reasons.join('\n') &&
      addDays(last.to, 1) >= from
    )
      last.to = to > last.to ? to : last.to;
    else stretches.push({ from, to, outcome, reasons });
  };
  const known = history.entries.filter(({ seen: { protection } }) => protection !== undefined);
  for (const [index, entry] of known.entries()) {
    const fact = entry.seen.protection;
    const next = known[index + 1];
    if (fact !== undefined)
      if (fact.status === 'observed')
        add(
          entry.day,
          entry.day,
          fact.value.outcome,
          fact.value.outcome === 'undetermined' ? fact.value.unknowns : fact.value.faults,
        );
      else add(entry.day, entry.day, 'undetermined', [fact.reason]);
    const last = next === undefined ? at : addDays(next.day, -1);
    const from = addDays(entry.day, 1);
    if (from <= last) add(from, last, 'no-evidence', ['no signed evidence of these days']);
  }
  return stretches;
}

export function blindSpots(history: History, at: Day): BlindSpot[] {
  const open = new Map<
    string,
    { what: string; reason: string; from: Day; entry: HistoryEntry; place: HistoryEntry['seen']['unseen'][number] }
  >();
  const spots: BlindSpot[] = [];
  let before: unknown;
  for (const entry of history.entries) {
    if (entry.seen.unseen === before) continue;
    before = entry.seen.unseen;
    const now = new Map(
      entry.seen.unseen.map((place) => [`${place.document}${place.pointer}\n${place.reason}`, place]),
    );
    for (const [key, { what, reason, from }] of open)
      if (!now.has(key) && Object.keys(entry.documents).includes(what.split('/')[0] ?? '')) {
        spots.push({ what, reason, from, to: addDays(entry.day, -1) });
        open.delete(key);
      }
    for (const [key, place] of now)
      if (!open.has(key))
        open.set(key, {
          what: `${place.document}${place.pointer}`,
          reason: place.reason,
          from: entry.day,
          entry,
          place,
        });
  }
  for (const { what, reason, from, entry, place } of open.values())
    spots.push({ what, reason, from, evidence: evidenceOf(entry, place, reason) });
  const silent = history.stale.map(
    ({ from, to }): BlindSpot => ({
      what: 'everything',
      reason: 'no signed evidence of these days',
      from,
      ...(to !== undefined && { to }),
    }),
  );
  return [...spots, ...silent]
    .filter(({ from }) => from <= at)
    .toSorted((one, other) => (one.from < other.from ? -1 : one.from > other.from ? 1 : 0));
}

export function countersOf(
  exposures: readonly Exposure[],
  runs: readonly ExchangeRun[],
  findings: readonly Finding[],
  context: AuditContext,
): Counters {
  const { at, inventory } = context;
  const open = exposures.filter(({ missing }) => missing.at(-1)?.to === undefined);
  const critical = open.filter(
    ({ severity, exploitKnownAt }) => severity === 'critical' || exploitKnownAt !== undefined,
  );
  const first: Record<string, Day> = {};
  for (const { rule, breachDay, verdict, level } of findings)
    if (breachDay !== undefined && verdict === 'fail' && level === 'breach' && (first[rule] ?? '9999') > breachDay)
      first[rule] = breachDay;
  const ages = (list: readonly Exposure[]): number | undefined =>
    list.length === 0 ? undefined : Math.max(...list.map(({ ageDays }) => ageDays));
  const last = lastRise(runs);
  const fixClocks = new Set(
    context.policies.clocks.filter(({ clock }) => clock.measures === 'fix').map(({ clock }) => clock.id),
  );
  const earliest = Object.entries(first)
    .filter(([rule]) => fixClocks.has(rule))
    .map(([, day]) => day)
    .toSorted()[0];
  const oldest = ages(open);
  const oldestCritical = ages(critical);
  return {
    ...(last !== undefined && { daysWithoutAnySecurityUpdate: daysBetween(last, at) }),
    missingCriticalCount: critical.length,
    missingCount: open.length,
    ...(oldestCritical !== undefined && { oldestMissingCriticalAgeDays: oldestCritical }),
    ...(oldest !== undefined && { oldestMissingAgeDays: oldest }),
    firstBreachDayByClock: first,
    ...(inventory.compromisedOn !== undefined &&
      earliest !== undefined && { daysBreachedBeforeCompromise: daysBetween(earliest, inventory.compromisedOn) }),
  };
}

/** The last day on which the build went up, or the first on which it was seen. */
function lastRise(runs: readonly ExchangeRun[]): Day | undefined {
  let highest: readonly number[] | undefined;
  let day: Day | undefined;
  for (const { installed, from } of runs) {
    const build = parseBuild(installed.build) ?? [];
    if (highest !== undefined && compareBuilds(build, highest) <= 0) continue;
    highest = build;
    day = from;
  }
  return day;
}

/** Whether anything here was played from a recording: it proves nothing of a server. */
export function isReplayed({ entries }: History): boolean {
  return entries.some(({ mode }) => mode === 'replay');
}
