/** What an answer is, and the small questions that several answers share. */
import type { Exposure, Finding, HostAudit } from '../model.ts';

export type Tone = 'bad' | 'good' | 'unknown';
export type Answer = {
  readonly id: 'wrong' | 'since' | 'clock' | 'factor' | 'detector' | 'unseen';
  readonly question: string;
  readonly tone: Tone;
  /** The first says it in short. */
  readonly sentences: readonly string[];
};

/** How the tone is said without a colour. */
export const toneWords: Readonly<Record<Tone, { readonly mark: string; readonly word: string }>> = {
  bad: { mark: '✗', word: 'Attention' },
  good: { mark: '✓', word: 'In order' },
  unknown: { mark: '?', word: 'Not known' },
};

/** Whether no evidence comes any more: what is said of now is the last known state. */
export function isSilent({ history }: HostAudit): boolean {
  return history.stale.some(({ to }) => to === undefined);
}

/** Whether something that a good answer needs could not be judged. */
export function isUndecided(audit: HostAudit): boolean {
  return audit.bundles === 0 || openUnknowns(audit).length > 0 || audit.unjudged.length > 0 || isSilent(audit);
}

/** Said wherever no bundle stands behind the answer. */
export const nothing = 'No evidence of this server was verified, so nothing is known';

export function stillMissing(exposure: Exposure): boolean {
  return exposure.missing.some(({ to }) => to === undefined);
}

/** The day from which a fix is missing now, if it is. */
export function missingSince(exposure: Exposure): string | undefined {
  return exposure.missing.find(({ to }) => to === undefined)?.from;
}

const open = ({ findings }: HostAudit): readonly Finding[] => findings.filter(({ state }) => state === 'open');
export const openFailures = (audit: HostAudit): readonly Finding[] =>
  open(audit).filter(({ verdict }) => verdict === 'fail');
export const openUnknowns = (audit: HostAudit): readonly Finding[] =>
  open(audit).filter(({ verdict }) => verdict === 'undetermined');

const severities = ['critical', 'high', 'medium', 'low', 'unknown'] as const;

/** The worst first, then the one that is missing for longest. */
export function worstFirst(exposures: readonly Exposure[]): readonly Exposure[] {
  const rank = (each: Exposure): number => (stillMissing(each) ? 0 : 10) + severities.indexOf(each.severity);
  return exposures.toSorted(
    (one, other) => rank(one) - rank(other) || (firstMissing(one) < firstMissing(other) ? -1 : 1),
  );
}

function firstMissing({ missing }: Exposure): string {
  return missing[0]?.from ?? '9999';
}

/** The first of them as a day. */
export function earliest(days: readonly string[]): string | undefined {
  return days.toSorted()[0]?.slice(0, 10);
}
