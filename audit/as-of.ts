/** What was true of a server on a day, and how surely: both bounds of the time, and whether it is a last known state. */
import { type AuditOptions, auditHost } from './audit-host.ts';
import { type Day, daysBetween } from './days.ts';
import { entryOn } from './exposures.ts';
import { historiesBy } from './history.ts';
import type { History, HistoryEntry } from './history-model.ts';
import type { HostAudit, MfaCell } from './model.ts';
import { closedWays, oneFactorWays } from './one-factor.ts';

export type AsOf = {
  readonly day: Day;
  readonly host: HostAudit['host'];
  /** The bundle that the answer rests on; missing where there is none of or before that day. */
  readonly bundle?: Pick<
    HistoryEntry,
    'bundle' | 'file' | 'claimedAt' | 'notBefore' | 'notAfter' | 'logIndex' | 'receipt' | 'mode' | 'documents'
  >;
  /** Both bounds of its time, in words. */
  readonly bounds: readonly string[];
  /** Days between the bundle and the day; 0 where it is of that day. */
  readonly staleDays: number;
  /** Topics that the bundle does not let judge; what is said of them is of older bundles, or nothing (unjudged.ts). */
  readonly unjudged: readonly string[];
  readonly product?: NonNullable<HostAudit['products']>[number];
  readonly missing: readonly {
    readonly fixId: string;
    readonly title: string;
    readonly severity: string;
    readonly missingDays: number;
    readonly requiresUpgrade: boolean;
    readonly exploited: boolean;
  }[];
  readonly detector?: HostAudit['detector'][number];
  /** Undefined where no bundle saw what any product detected. */
  readonly detections?: number;
  /** Undefined where no bundle saw the administrators. */
  readonly admins?: readonly string[];
  /** Undefined where no bundle saw how they get in. */
  readonly oneFactor?: readonly MfaCell[];
  /** Ways of which it is not known whether one factor is enough. */
  readonly factorUnknown?: readonly MfaCell[];
  /** The day of the newest bundle that saw each of them. */
  readonly seenOn: SeenOn;
  readonly openFindings: HostAudit['findings'];
};

/** The day of the newest bundle that saw it, by what is seen. */
export type SeenOn = { readonly [What in 'protection' | 'detections' | 'admins' | 'factors']?: Day };

/** A list without any product says nothing of what was detected. */
export function seenOn({ entries }: Pick<History, 'entries'>): SeenOn {
  const days: { -readonly [What in keyof SeenOn]: Day } = {};
  for (const { day, seen } of entries) {
    for (const what of ['protection', 'admins', 'factors'] as const)
      if (seen[what]?.status === 'observed') days[what] = day;
    if (seen.detections?.status === 'observed' && seen.detections.value.length > 0) days.detections = day;
  }
  return days;
}

/** For each server; without a bundle where it had none by then. */
export function asOf(entries: readonly HistoryEntry[], day: Day, options: Omit<AuditOptions, 'at'>): AsOf[] {
  return historiesBy(entries, day).map((history) => {
    const audit = auditHost(history, { ...options, at: day });
    const entry = entryOn(history.entries, day);
    const seen = seenOn(history);
    const ways = (audit.mfa?.cells ?? []).filter(({ kind }) => kind === 'entry');
    const admins = history.entries.findLast(({ seen }) => seen.admins?.status === 'observed')?.seen.admins;
    return {
      day,
      host: history.host,
      ...(entry !== undefined && { bundle: pick(entry) }),
      bounds: entry === undefined ? [] : boundsInWords(entry),
      staleDays: entry === undefined ? 0 : daysBetween(entry.day, day),
      unjudged: audit.unjudged,
      ...productOn(audit, day),
      missing: missingOn(audit, day),
      ...detectorOn(audit, day),
      ...(seen.detections !== undefined && { detections: detectedBy(audit, day) }),
      ...(admins?.status === 'observed' && {
        admins: admins.value.map(({ name, ways }) => `${name}: ${ways.join(', ')}`),
      }),
      ...(audit.mfa !== undefined && {
        oneFactor: ways.filter(({ requirement }) => oneFactorWays.has(requirement)),
        factorUnknown: ways.filter(
          ({ requirement }) => !oneFactorWays.has(requirement) && !closedWays.has(requirement),
        ),
      }),
      seenOn: seen,
      openFindings: audit.findings.filter(({ state }) => state !== 'ended'),
    };
  });
}

function detectedBy({ detections }: HostAudit, day: Day): number {
  return detections.reduce((sum, { days }) => sum + (days.findLast((each) => each.day <= day)?.total ?? 0), 0);
}

function pick({
  bundle,
  file,
  claimedAt,
  notBefore,
  notAfter,
  logIndex,
  receipt,
  mode,
  documents,
}: HistoryEntry): NonNullable<AsOf['bundle']> {
  return {
    bundle,
    file,
    claimedAt,
    ...(notBefore && { notBefore }),
    ...(notAfter && { notAfter }),
    ...(logIndex !== undefined && { logIndex }),
    receipt,
    mode,
    documents,
  };
}

function productOn(audit: HostAudit, day: Day): Pick<AsOf, 'product'> {
  const product = audit.products?.findLast(({ from, to }) => from <= day && (to === undefined || day <= to));
  return product === undefined ? {} : { product };
}

function detectorOn(audit: HostAudit, day: Day): Pick<AsOf, 'detector'> {
  const detector = audit.detector.findLast(({ from, to }) => from <= day && day <= to);
  return detector === undefined ? {} : { detector };
}

export function missingOn(audit: HostAudit, day: Day): AsOf['missing'] {
  return audit.exposures.flatMap(
    ({ fixId, title, severity, releasedAt, missing, requiresUpgrade, exploitKnownAt, kevAddedAt }) => {
      const span = missing.find(({ from, to }) => from <= day && (to === undefined || day <= to));
      if (span === undefined) return [];
      const exploited = [exploitKnownAt, kevAddedAt].some((known) => known !== undefined && known <= day);
      return [
        { fixId, title, severity, missingDays: daysBetween(releasedAt ?? span.from, day), requiresUpgrade, exploited },
      ];
    },
  );
}

/** Never an exact time where nobody else vouched for one. */
export function boundsInWords({ claimedAt, notBefore, notAfter, receipt }: HistoryEntry): string[] {
  const lower =
    notBefore === undefined
      ? 'not before: nothing is known; the statement quotes no checkpoint'
      : `not before: checkpoint ${notBefore.size} of ${notBefore.origin} was there already${notBefore.at === undefined ? '' : `, stamped ${notBefore.at}`}`;
  const upper =
    notAfter === undefined
      ? `not after: nothing is proved; ${receipt === 'none' ? 'the pack has no receipt' : 'its receipt was not checked against a trusted log key'}`
      : `not after: checkpoint ${notAfter.size} of ${notAfter.origin} holds it${notAfter.at === undefined ? ', without a time stamp that was checked' : `, stamped ${notAfter.at}`}`;
  return [`the server claims ${claimedAt}`, lower, upper];
}
