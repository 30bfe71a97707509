/** What an investigator asks after a compromise: could they get in, would anybody have seen it, since when. */

import { missingOn } from './as-of.ts';
import { attestationsOf } from './attestations.ts';
import { type AuditOptions, auditHost } from './audit-host.ts';
import { addDays, type Day, dayOf, daysBetween } from './days.ts';
import { type DetectionEvent, detectionEvents } from './detections.ts';
import { histories } from './history.ts';
import type { HistoryEntry } from './history-model.ts';
import type { AdminChange, BlindSpot, DetectorStretch, HostAudit } from './model.ts';

export type Investigation = {
  readonly host: HostAudit['host'];
  readonly from: Day;
  readonly to: Day;
  /** Missing on any day of it, worst and oldest first; `exploited` by the end of it. */
  readonly missing: readonly {
    readonly fixId: string;
    readonly title: string;
    readonly severity: string;
    readonly exploited: boolean;
    readonly requiresUpgrade: boolean;
    readonly missingDaysAtStart?: number;
    readonly missingDaysAtEnd?: number;
  }[];
  readonly detections: readonly DetectionEvent[];
  readonly detector: readonly DetectorStretch[];
  /** Undefined where no bundle saw what is excluded. */
  readonly exclusions?: readonly string[];
  /** Undefined where no bundle saw the administrators. */
  readonly adminChanges?: readonly AdminChange[];
  readonly blindSpots: readonly BlindSpot[];
  /** Undefined where no bundle saw how administrators get in. */
  readonly oneFactor?: readonly string[];
  /** The first sign that a machine saw, and the day on which a daily review would have had it. */
  readonly firstSign?: Day;
  readonly earliestDetection?: Day;
  readonly awareOn?: Day;
  /** From the first sign to awareness, or to the end of the time where nobody said to be aware. */
  readonly dwellDays?: number;
  readonly findings: HostAudit['findings'];
};

export function investigate(
  entries: readonly HistoryEntry[],
  [from, to]: readonly [Day, Day],
  options: Omit<AuditOptions, 'at'>,
): Investigation[] {
  return histories(entries, to).map((history) => {
    const audit = auditHost(history, { ...options, at: to });
    const within = ({ from: begins, to: ends }: { from: Day; to?: Day }): boolean =>
      begins <= to && (ends ?? to) >= from;
    const [start, end] = [missingOn(audit, from), missingOn(audit, to)];
    const missing = audit.exposures
      .filter((exposure) => exposure.missing.some(within))
      .map(({ fixId, title, severity, exploitKnownAt, kevAddedAt, requiresUpgrade }) => {
        const [first, last] = [start, end].map((list) => list.find((each) => each.fixId === fixId)?.missingDays);
        return {
          fixId,
          title,
          severity,
          requiresUpgrade,
          exploited: (exploitKnownAt ?? kevAddedAt ?? '9999') <= to,
          ...(first !== undefined && { missingDaysAtStart: first }),
          ...(last !== undefined && { missingDaysAtEnd: last }),
        };
      })
      .toSorted(
        (one, other) => Number(other.exploited) - Number(one.exploited) || rank(one.severity) - rank(other.severity),
      );
    const detections = detectionEvents(history).filter(({ at }) => dayOf(at) >= from && dayOf(at) <= to);
    const firstSign = detections[0] === undefined ? undefined : dayOf(detections[0].at);
    const aware = attestationsOf(options.attestations, 'incident-aware', history.host, '9999-12-31')
      .map(({ predicate }) => dayOf(predicate.awareAt))
      .filter((day) => firstSign === undefined || day >= firstSign)
      .toSorted()[0];
    const exclusions = history.entries
      .filter(({ day }) => day >= from && day <= to)
      .flatMap(({ seen: { protection } }) =>
        protection?.status === 'observed'
          ? protection.value.riskyExclusions.map(({ product, why }) => `${product}: ${why}`)
          : [],
      );
    const sees = (fact: 'protection' | 'admins' | 'factors'): boolean =>
      history.entries.some(({ seen }) => seen[fact]?.status === 'observed');
    return {
      host: history.host,
      from,
      to,
      missing,
      detections,
      detector: audit.detector.filter(within),
      ...(sees('protection') && { exclusions: [...new Set(exclusions)] }),
      ...(sees('admins') && { adminChanges: audit.adminChanges.filter(({ day }) => day >= from && day <= to) }),
      blindSpots: audit.blindSpots.filter(within),
      ...(sees('factors') && {
        oneFactor: [
          ...new Set(
            (audit.mfa?.cells ?? [])
              .filter(
                ({ kind, requirement }) =>
                  kind === 'entry' && /^(?:notRequired|optional|conditional|requiredWithBypass)$/.test(requirement),
              )
              .map(({ account, way }) => `${account} by ${way}`),
          ),
        ],
      }),
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

function rank(severity: string): number {
  return ['critical', 'high', 'medium', 'low', 'unknown'].indexOf(severity);
}
