/**
 * The six questions that a report answers before anything else, in sentences. An answer is good only
 * where everything that it rests on was seen; where something was not, it says so and is no good answer.
 */
import { daysBetween } from '../days.ts';
import type { ClockRef, Exposure, Finding, HostAudit } from '../model.ts';
import { count, dayText, lasting, list, sentence } from './words.ts';

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

export function answersOf(audit: HostAudit): readonly Answer[] {
  return [wrong(audit), since(audit), clock(audit), factor(audit), detector(audit), unseen(audit)];
}

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
const openUnknowns = (audit: HostAudit): readonly Finding[] =>
  open(audit).filter(({ verdict }) => verdict === 'undetermined');

const nothing = 'No evidence of this server was verified, so nothing is known';
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

function wrong(audit: HostAudit): Answer {
  const question = 'What is wrong?';
  if (audit.bundles === 0) return { id: 'wrong', question, tone: 'unknown', sentences: [sentence(nothing)] };
  const fixes = worstFirst(audit.exposures.filter(stillMissing));
  const ids = new Set(fixes.map(({ fixId }) => fixId));
  const others = [
    ...new Map(
      openFailures(audit)
        .filter(({ subject }) => !ids.has(subject))
        .toSorted((one, other) => (one.level === other.level ? 0 : one.level === 'breach' ? -1 : 1))
        .map((finding) => [finding.title, finding]),
    ).values(),
  ];
  const unknowns = openUnknowns(audit);
  const suspended = audit.findings.filter(({ state }) => state === 'suspended').length;
  const ended = audit.findings.filter(({ state, verdict }) => state === 'ended' && verdict === 'fail').length;
  const critical = fixes.filter(({ severity }) => severity === 'critical').length;
  const sentences = [
    ...(fixes.length === 0
      ? []
      : [
          `${count(fixes.length, 'published fix is', 'published fixes are')} missing${critical === 0 ? '' : `, ${critical} of them critical`}: ${list(fixes.map(({ fixId }) => fixId))}`,
        ]),
    ...others.slice(0, 4).map(({ title }) => title),
    ...(others.length > 4
      ? [`${count(others.length - 4, 'further finding is', 'further findings are')} listed below`]
      : []),
    ...(unknowns.length === 0
      ? []
      : [
          `${count(unknowns.length, 'rule', 'rules')} could not be decided: ${list([...new Set(unknowns.map(({ title }) => title))], 3)}`,
        ]),
    ...(suspended === 0 ? [] : [`${count(suspended, 'finding is', 'findings are')} suspended by the word of a person`]),
  ];
  const bad = fixes.length > 0 || others.length > 0;
  if (!bad && unknowns.length === 0) sentences.unshift('No rule is broken by what was seen');
  if (!bad && ended > 0)
    sentences.push(`${count(ended, 'finding', 'findings')} of the past ended and are listed below`);
  return {
    id: 'wrong',
    question,
    tone: bad ? 'bad' : unknowns.length > 0 ? 'unknown' : 'good',
    sentences: sentences.map(sentence),
  };
}

function since(audit: HostAudit): Answer {
  const question = 'Since when?';
  const failures = openFailures(audit);
  const first = earliest(failures.map((finding) => finding.interval.from));
  const fix = audit.exposures
    .filter(stillMissing)
    .toSorted((one, other) => ((missingSince(one) ?? '') < (missingSince(other) ?? '') ? -1 : 1))[0];
  const from = fix === undefined ? undefined : missingSince(fix);
  if (first === undefined && from === undefined)
    return {
      id: 'since',
      question,
      tone: audit.bundles === 0 || openUnknowns(audit).length > 0 ? 'unknown' : 'good',
      sentences: [
        audit.bundles === 0 ? sentence(nothing) : `Nothing that was seen is wrong on ${dayText(audit.at)}.`,
        ...(audit.firstDay === undefined ? [] : [`Evidence begins on ${dayText(audit.firstDay)}.`]),
      ],
    };
  const sentences = [
    ...(fix === undefined || from === undefined
      ? []
      : [
          `${fix.fixId} has been missing since ${dayText(from)}, ${count(lasting(from, audit.at), 'day')}${fix.releasedAt === undefined || fix.releasedAt === from ? '' : `; the vendor released it on ${dayText(fix.releasedAt)}`}`,
        ]),
    ...(first === undefined
      ? []
      : [
          `The first rule that is still broken has been broken since ${dayText(first)}, ${count(lasting(first, audit.at), 'day')}`,
        ]),
    ...(audit.counters.daysWithoutAnySecurityUpdate === undefined
      ? []
      : [`No security update was installed for ${count(audit.counters.daysWithoutAnySecurityUpdate, 'day')}`]),
    ...(audit.counters.daysBreachedBeforeCompromise === undefined
      ? []
      : [
          `A rule had been broken for ${count(audit.counters.daysBreachedBeforeCompromise, 'day')} when the compromise began`,
        ]),
    ...(audit.firstDay !== undefined && (first === audit.firstDay || from === audit.firstDay)
      ? ['It may be older: evidence begins on that day']
      : []),
  ];
  return { id: 'since', question, tone: 'bad', sentences: sentences.map(sentence) };
}

export type LateClock = { readonly clock: ClockRef; readonly breachDay: string; readonly subjects: readonly string[] };

/** The clocks that are broken now, the earliest first, with what broke them. */
export function lateClocks(audit: HostAudit): readonly LateClock[] {
  const rows = new Map<string, { clock: ClockRef; breachDay: string; subjects: Set<string> }>();
  const add = (clock: ClockRef, breachDay: string, subject: string): void => {
    const row = rows.get(clock.id) ?? { clock, breachDay, subjects: new Set() };
    if (breachDay < row.breachDay) row.breachDay = breachDay;
    row.subjects.add(subject);
    rows.set(clock.id, row);
  };
  for (const exposure of audit.exposures.filter(stillMissing))
    for (const { clock, breachDay, state } of exposure.clocks)
      if (state === 'breached' && breachDay <= audit.at) add(clock, breachDay, exposure.fixId);
  for (const { clock, breachDay, subject, level } of openFailures(audit))
    if (clock !== undefined && breachDay !== undefined && level === 'breach' && breachDay <= audit.at)
      add(clock, breachDay, subject);
  return [...rows.values()]
    .map((row) => ({ ...row, subjects: [...row.subjects] }))
    .toSorted((one, other) => (one.breachDay < other.breachDay ? -1 : one.breachDay > other.breachDay ? 1 : 0));
}

function clock(audit: HostAudit): Answer {
  const question = 'By which clock too late?';
  const late = lateClocks(audit);
  if (late.length > 0)
    return {
      id: 'clock',
      question,
      tone: 'bad',
      sentences: [
        ...late.slice(0, 5).map(({ clock, breachDay, subjects }) => {
          const days = lasting(breachDay, audit.at);
          const doubt = clock.verified ? '' : ' (nobody has compared this rule with its source)';
          return sentence(
            `${clock.title}, ${clock.limit}: too late since ${dayText(breachDay)}, ${count(days, 'day')}, for ${list(subjects, 3)}${doubt}`,
          );
        }),
        ...(late.length > 5
          ? [sentence(`${count(late.length - 5, 'further clock is', 'further clocks are')} broken as well`)]
          : []),
      ],
    };
  const next = audit.exposures
    .filter(stillMissing)
    .flatMap(({ clocks, fixId }) =>
      clocks.filter(({ state }) => state === 'running').map((each) => ({ ...each, fixId })),
    )
    .toSorted((one, other) => (one.dueDay < other.dueDay ? -1 : 1))[0];
  const undecided = openUnknowns(audit).length > 0 || audit.bundles === 0;
  return {
    id: 'clock',
    question,
    tone: undecided ? 'unknown' : 'good',
    sentences: [
      audit.bundles === 0 ? sentence(nothing) : undecided ? 'By none that could be decided.' : 'By none.',
      ...(next === undefined
        ? []
        : [
            sentence(
              `The next to run out is ${next.clock.title}, for ${next.fixId}: the last day is ${dayText(next.dueDay)}`,
            ),
          ]),
    ],
  };
}

/** Requirements under which one factor, or none, lets somebody in at least sometimes. */
const oneFactor = new Set(['notRequired', 'optional', 'conditional', 'requiredWithBypass']);

function factor({ mfa, bundles }: HostAudit): Answer {
  const question = 'Who can get in with one factor?';
  if (mfa === undefined || mfa.cells.length === 0)
    return {
      id: 'factor',
      question,
      tone: 'unknown',
      sentences: [
        bundles === 0
          ? sentence(nothing)
          : 'It is not known: no evidence says who the administrators are and what they are asked for.',
      ],
    };
  const byAccount = (holds: (requirement: string) => boolean): Map<string, string[]> => {
    const found = new Map<string, string[]>();
    for (const { account, way, kind, requirement } of mfa.cells)
      if (kind === 'entry' && holds(requirement)) found.set(account, [...(found.get(account) ?? []), way]);
    return found;
  };
  const accounts = new Set(mfa.cells.map(({ account }) => account)).size;
  const weak = byAccount((requirement) => oneFactor.has(requirement));
  const unknown = byAccount((requirement) => !oneFactor.has(requirement) && !closed.has(requirement));
  const onlyUnknown = [...unknown.keys()].filter((account) => !weak.has(account));
  const ways = [...new Set([...weak.values()].flat())];
  const sentences = [
    ...(weak.size === 0
      ? []
      : [`${weak.size} of ${count(accounts, 'administrator')} can: ${list([...weak.keys()])}, by ${list(ways)}`]),
    ...(onlyUnknown.length === 0 ? [] : [`Of ${onlyUnknown.length} it is not known: ${list(onlyUnknown)}`]),
    ...(weak.size === 0 && onlyUnknown.length === 0
      ? [`Nobody among ${count(accounts, 'administrator')}: two factors are required on every way in that was judged`]
      : []),
    ...(mfa.outOfBand.length === 0 ? [] : [`Not judged from this server: ${list(mfa.outOfBand, 4)}`]),
  ];
  return {
    id: 'factor',
    question,
    tone: weak.size > 0 ? 'bad' : onlyUnknown.length > 0 || unknown.size > 0 ? 'unknown' : 'good',
    sentences: sentences.map(sentence),
  };
}

const closed = new Set(['required', 'pathDisabled']);

function detector(audit: HostAudit): Answer {
  const question = 'Did the detector work?';
  const last = audit.detector.at(-1);
  const days = (outcome: string): number =>
    audit.detector
      .filter((stretch) => stretch.outcome === outcome)
      .reduce((sum, { from, to }) => sum + lasting(from, to), 0);
  const total = audit.detector.reduce((sum, { from, to }) => sum + lasting(from, to), 0);
  const [worked, failed] = [days('pass'), days('fail')];
  const notKnown = total - worked - failed;
  const seen = audit.detections.filter((each) => each.total > 0);
  const ignored = seen.filter(({ acknowledged }) => !acknowledged);
  const found = seen.reduce((sum, each) => sum + each.total, 0);
  const firstAt = earliest(seen.flatMap((each) => each.firstAt ?? []));
  const sentences = [
    last === undefined
      ? 'It is not known: no evidence speaks of a detector'
      : failed === total
        ? `On no day of ${count(total, 'day')}: ${list(last.reasons, 3) || 'it was not effective'}`
        : failed > 0
          ? `Not on ${failed} of ${count(total, 'day')}: ${list(last.outcome === 'fail' ? last.reasons : (audit.detector.findLast(({ outcome }) => outcome === 'fail')?.reasons ?? []), 3)}`
          : notKnown === total
            ? `It is not known for any of ${count(total, 'day')}: ${list(last.reasons, 3) || 'what decides was not seen'}`
            : notKnown > 0
              ? `It worked on ${worked} of ${count(total, 'day')}; on ${notKnown} it is not known`
              : `It worked on every one of ${count(total, 'day')}`,
    ...(failed > 0 && last?.outcome === 'pass' ? ['It works now'] : []),
    ...(failed > 0 && notKnown > 0 ? [`On ${count(notKnown, 'further day')} it is not known`] : []),
    ...(found === 0
      ? []
      : [
          `It reported ${count(found, 'detection')}${firstAt === undefined ? '' : `, the first on ${dayText(firstAt)}`}${ignored.length === 0 ? ', and somebody said to have looked' : '; nobody said to have looked'}`,
        ]),
  ];
  return {
    id: 'detector',
    question,
    tone: failed > 0 || ignored.length > 0 ? 'bad' : last === undefined || notKnown > 0 ? 'unknown' : 'good',
    sentences: sentences.map(sentence),
  };
}

function unseen(audit: HostAudit): Answer {
  const question = 'What could not be seen?';
  const { stale, gaps, faults } = audit.history;
  const blind = audit.blindSpots.filter(({ to }) => to === undefined);
  const past = audit.blindSpots.length - blind.length;
  const silentDays = stale.reduce((sum, { from, to }) => sum + Math.max(0, lasting(from, to ?? audit.at)), 0);
  const now = stale.find(({ to }) => to === undefined);
  const sentences = [
    ...(audit.bundles === 0 ? [nothing] : []),
    ...(now === undefined
      ? []
      : [
          `The server has been silent since ${dayText(now.from)}, ${count(Math.max(0, daysBetween(now.from, audit.at)) + 1, 'day')}; what is said of that time is its last known state`,
        ]),
    ...(silentDays > 0 && now === undefined
      ? [`On ${count(silentDays, 'day')} no evidence came; what is said of them is the last known state`]
      : []),
    ...(gaps.length === 0 ? [] : [`${count(gaps.length, 'gap')} in its chain: bundles were signed that are not here`]),
    ...(faults.length === 0
      ? []
      : [
          `${count(faults.length, 'fault')} in its chain: ${list(
            faults.map(({ text }) => text),
            2,
          )}`,
        ]),
    ...(blind.length === 0
      ? []
      : [
          `${count(blind.length, 'thing is', 'things are')} not seen now: ${list([...new Set(blind.map(({ what }) => what))])}`,
        ]),
    ...(past === 0 ? [] : [`${count(past, 'thing was', 'things were')} not seen for a time`]),
  ];
  const gone = sentences.length > 0;
  return {
    id: 'unseen',
    question,
    tone: gone ? 'unknown' : 'good',
    sentences: gone
      ? sentences.map(sentence)
      : [
          `Nothing of what was asked, from ${dayText(audit.firstDay ?? audit.at)} to ${dayText(audit.lastDay ?? audit.at)}.`,
        ],
  };
}

function earliest(days: readonly string[]): string | undefined {
  return days.toSorted()[0]?.slice(0, 10);
}
