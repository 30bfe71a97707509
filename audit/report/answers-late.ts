/** Since when, and by which clock too late. */
import type { ClockRef, HostAudit } from '../model.ts';
import { type Answer, earliest, isUndecided, missingSince, nothing, openFailures, stillMissing } from './answer.ts';
import { bookOf, count, dayText, lasting, list, sentence } from './words.ts';

export function since(audit: HostAudit): Answer {
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
      tone: isUndecided(audit) ? 'unknown' : 'good',
      sentences: [
        audit.bundles === 0 ? sentence(nothing) : `Nothing that was seen is wrong on ${dayText(audit.at)}.`,
        ...(audit.firstDay === undefined ? [] : [`Evidence begins on ${dayText(audit.firstDay)}.`]),
      ],
    };
  const sentences = [
    ...(fix === undefined || from === undefined
      ? []
      : [
          `The fix ${fix.fixId} has been missing since ${dayText(from)}, ${count(lasting(from, audit.at), 'day')}${fix.releasedAt === undefined || fix.releasedAt === from ? '' : `; the vendor released it on ${dayText(fix.releasedAt)}`}`,
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

/** Rule book, limit, and whether anybody compared the row with its source. */
function clockWords(clock: ClockRef): string {
  // A rule that gives no time is named by what it asks for.
  const what = clock.limit.startsWith('0 ') ? clock.title : clock.limit;
  return `${bookOf(clock)}, ${what}${clock.verified ? '' : ' (nobody has compared this rule with its source)'}`;
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

export function clock(audit: HostAudit): Answer {
  const question = 'By which clock too late?';
  const late = lateClocks(audit);
  if (late.length > 0) {
    // Fixes first: what nobody installed is what a stranger asks about.
    const fixes = new Set(audit.exposures.map(({ fixId }) => fixId));
    const ofFixes = late.filter(({ subjects }) => subjects.some((subject) => fixes.has(subject)));
    const others = late.filter((each) => !ofFixes.includes(each));
    const shown = [...ofFixes.slice(0, 4), ...others.slice(0, ofFixes.length === 0 ? 4 : 1)];
    const rest = late.length - shown.length;
    return {
      id: 'clock',
      question,
      tone: 'bad',
      sentences: [
        ...shown.map(({ clock, breachDay, subjects }) =>
          sentence(
            `${clockWords(clock)}: too late since ${dayText(breachDay)}, ${count(lasting(breachDay, audit.at), 'day')}, for ${list(subjects, 2)}`,
          ),
        ),
        ...(rest > 0 ? [sentence(`${count(rest, 'further clock is', 'further clocks are')} broken as well`)] : []),
      ],
    };
  }
  const next = audit.exposures
    .filter(stillMissing)
    .flatMap(({ clocks, fixId }) =>
      clocks.filter(({ state }) => state === 'running').map((each) => ({ ...each, fixId })),
    )
    .toSorted((one, other) => (one.dueDay < other.dueDay ? -1 : 1))[0];
  const undecided = isUndecided(audit);
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
              `The next to run out is ${clockWords(next.clock)}, for ${next.fixId}: the last day is ${dayText(next.dueDay)}`,
            ),
          ]),
    ],
  };
}
