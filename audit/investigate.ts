/** What an investigator asks after a compromise: could they get in, would anybody have seen it, since when. */

import { missingOn, type SeenOn, seenOn } from './as-of.ts';
import { attestationsOf } from './attestations.ts';
import { type AuditOptions, auditHost } from './audit-host.ts';
import { addDays, type Day, dayOf, daysBetween } from './days.ts';
import { type DetectionEvent, detectionEvents } from './detections.ts';
import { histories, historiesBy } from './history.ts';
import type { History, HistoryEntry } from './history-model.ts';
import type { AdminChange, BlindSpot, DetectorStretch, HostAudit, MfaCell } from './model.ts';
import { closedWays, oneFactorWays } from './one-factor.ts';

export type Investigation = {
  readonly host: HostAudit['host'];
  readonly from: Day;
  readonly to: Day;
  /** Bundles of these days; without one, everything here is a last known state or nothing. */
  readonly bundles: number;
  /** Stretches of it without evidence. */
  readonly stale: readonly { readonly from: Day; readonly to: Day }[];
  /** The day of the newest bundle of or before the last day that saw each of them; one before `from` is a last known state. */
  readonly seenOn: SeenOn;
  /** Topics that the newest bundle does not let judge (unjudged.ts). */
  readonly unjudged: readonly string[];
  /** Missing on any day of it, worst and oldest first; `exploited` by the end of it. */
  readonly missing: readonly {
    readonly fixId: string;
    readonly title: string;
    readonly severity: string;
    readonly exploited: boolean;
    readonly requiresUpgrade: boolean;
    readonly releasedAt?: Day;
    readonly missingDaysAtStart?: number;
    readonly missingDaysAtEnd?: number;
  }[];
  /** Of these days by their own time, in whichever bundle they stand: a later one may be the first that saw them. */
  readonly detections: readonly DetectionEvent[];
  /** Before these days: the intrusion may be older than what was asked. */
  readonly earlier: { readonly count: number; readonly firstOn?: Day };
  readonly detector: readonly DetectorStretch[];
  /** Of these days and of the state in which they began. Undefined where no bundle saw what is excluded. */
  readonly exclusions?: readonly string[];
  /** Undefined where no bundle of these days saw the administrators. */
  readonly adminChanges?: readonly AdminChange[];
  readonly blindSpots: readonly BlindSpot[];
  /** On any of these days; `until` where it was closed in them. Undefined where no bundle saw how administrators get in. */
  readonly oneFactor?: readonly OneFactor[];
  /** Ways of the newest matrix of which it is not known whether one factor is enough. */
  readonly factorUnknown?: readonly OneFactor[];
  /** The first sign in these days that a machine saw, and the day on which a daily review would have had it. */
  readonly firstSign?: Day;
  readonly earliestDetection?: Day;
  readonly awareOn?: Day;
  /** From the first sign to awareness, or to the end of the time where nobody said to be aware. */
  readonly dwellDays?: number;
  readonly findings: HostAudit['findings'];
};

export type OneFactor = { readonly account: string; readonly way: string; readonly until?: Day };

/** For each server, also where it had no bundle by then. */
export function investigate(
  entries: readonly HistoryEntry[],
  [from, to]: readonly [Day, Day],
  options: Omit<AuditOptions, 'at'>,
): Investigation[] {
  const whole = histories(entries);
  return historiesBy(entries, to).map((history) => {
    const audit = auditHost(history, { ...options, at: to });
    const within = ({ from: begins, to: ends }: { from: Day; to?: Day }): boolean =>
      begins <= to && (ends ?? to) >= from;
    const asked = history.entries.filter(({ day }) => day >= from && day <= to);
    const before = history.entries.filter(({ day }) => day < from).slice(-1);
    const all = whole.find(({ host }) => host.targetIds.includes(history.host.id)) ?? history;
    const events = detectionEvents(all).map((event) => ({ event, day: dayOf(event.at) }));
    const detections = events.filter(({ day }) => day >= from && day <= to).map(({ event }) => event);
    const earlier = events.filter(({ day }) => day < from);
    const firstSign = detections[0] === undefined ? undefined : dayOf(detections[0].at);
    const aware = attestationsOf(options.attestations, 'incident-aware', history.host, '9999-12-31')
      .map(({ predicate }) => dayOf(predicate.awareAt))
      .filter((day) => firstSign === undefined || day >= firstSign)
      .toSorted()[0];
    const exclusions = [...before, ...asked].flatMap(({ seen: { protection } }) =>
      protection?.status === 'observed'
        ? protection.value.riskyExclusions.map(({ product, why }) => `${product}: ${why}`)
        : [],
    );
    const seen = seenOn(history);
    return {
      host: history.host,
      from,
      to,
      bundles: asked.length,
      stale: staleOf(history, from, to),
      seenOn: seen,
      unjudged: audit.unjudged,
      missing: missingIn(audit, from, to),
      detections,
      earlier: { count: earlier.length, ...(earlier[0] !== undefined && { firstOn: earlier[0].day }) },
      detector: audit.detector.filter(within),
      ...(seen.protection !== undefined && { exclusions: [...new Set(exclusions)] }),
      ...(asked.some(({ seen: { admins } }) => admins?.status === 'observed') && {
        adminChanges: audit.adminChanges.filter(({ day }) => day >= from && day <= to),
      }),
      blindSpots: audit.blindSpots.filter(within),
      ...(seen.factors !== undefined && waysIn([...before, ...asked], audit)),
      ...(firstSign !== undefined && {
        firstSign,
        earliestDetection: addDays(firstSign, 1),
        dwellDays: daysBetween(firstSign, aware ?? to),
      }),
      ...(aware !== undefined && { awareOn: aware }),
      findings: audit.findings.filter(({ interval }) => within(interval)),
    };
  });
}

/** Days before the first bundle are without evidence as well. */
function staleOf({ entries, stale }: History, from: Day, to: Day): Investigation['stale'] {
  const first = entries[0]?.day ?? addDays(to, 1);
  const unknown = first > from ? [{ from, to: addDays(first, -1) }] : [];
  return [...unknown, ...stale.map((each) => ({ from: each.from, to: each.to ?? to }))]
    .filter((each) => each.from <= to && each.to >= from)
    .map((each) => ({ from: each.from < from ? from : each.from, to: each.to > to ? to : each.to }));
}

function missingIn(audit: HostAudit, from: Day, to: Day): Investigation['missing'] {
  const [start, end] = [missingOn(audit, from), missingOn(audit, to)];
  return audit.exposures
    .filter(({ missing }) => missing.some(({ from: begins, to: ends }) => begins <= to && (ends ?? to) >= from))
    .map(({ fixId, title, severity, releasedAt, exploitKnownAt, kevAddedAt, requiresUpgrade }) => {
      const [first, last] = [start, end].map((list) => list.find((each) => each.fixId === fixId)?.missingDays);
      return {
        fixId,
        title,
        severity,
        requiresUpgrade,
        exploited: (exploitKnownAt ?? kevAddedAt ?? '9999') <= to,
        ...(releasedAt !== undefined && { releasedAt }),
        ...(first !== undefined && { missingDaysAtStart: first }),
        ...(last !== undefined && { missingDaysAtEnd: last }),
      };
    })
    .toSorted(
      (one, other) => Number(other.exploited) - Number(one.exploited) || rank(one.severity) - rank(other.severity),
    );
}

/** Ways in with one factor on any day of these bundles; what was closed since was open all the same. */
function waysIn(
  entries: readonly HistoryEntry[],
  audit: HostAudit,
): Required<Pick<Investigation, 'oneFactor' | 'factorUnknown'>> {
  const open = new Map<string, { account: string; way: string; until?: Day }>();
  let last: unknown;
  for (const { day, seen } of entries) {
    const { factors } = seen;
    if (factors?.status !== 'observed' || factors === last) continue;
    last = factors;
    const weak = factors.value.cells.filter(isWeak);
    for (const each of open.values()) each.until ??= addDays(day, -1);
    for (const { account, way } of weak) open.set(`${account}\n${way}`, { account, way });
  }
  const cells = (audit.mfa?.cells ?? []).filter(({ kind }) => kind === 'entry');
  // Nothing of these days saw it: the last known matrix.
  if (last === undefined)
    for (const { account, way } of cells.filter(isWeak)) open.set(`${account}\n${way}`, { account, way });
  return {
    oneFactor: [...open.values()],
    factorUnknown: cells
      .filter((cell) => !isWeak(cell) && !closedWays.has(cell.requirement))
      .map(({ account, way }) => ({ account, way })),
  };
}

function isWeak({ kind, requirement }: MfaCell): boolean {
  return kind === 'entry' && oneFactorWays.has(requirement);
}

function rank(severity: string): number {
  return ['critical', 'high', 'medium', 'low', 'unknown'].indexOf(severity);
}
