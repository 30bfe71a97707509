/** Clocks that measure a state from bundle to bundle: signatures, protection, administrators, second factors. */
import { type AuditContext, evidenceOf } from './context.ts';
import { addDays, type Day, type Due, dueOf, type When } from './days.ts';
import type { Finding, StartEvent } from './finding.ts';
import { isStale } from './history.ts';
import type { History, HistoryEntry } from './history-model.ts';
import { makeFinding } from './make-finding.ts';
import type { WithinTime } from './model.ts';
import type { Place } from './observation.ts';
import type { CompiledClock } from './policy/fix-clock.ts';

/** What a bundle cites for a state: which place in it, and what that says. The same in every bundle that says the same. */
export type Cited = { readonly place: Place; readonly says: string };

export function cited(place: Place, says: string): Cited {
  return { place, says };
}

/** What one bundle says of one subject. */
export type State =
  | { readonly kind: 'ok' }
  /** Bad since `start`, where that is older than the bundle: the day of signatures, of the last login. */
  | {
      readonly kind: 'bad' | 'unknown';
      readonly reason: string;
      readonly start?: When;
      readonly evidence: Cited;
    };

export type Measure = {
  /** Subjects of the bundle with their states; undefined where the bundle says nothing of the matter. */
  readonly states: (entry: HistoryEntry) => ReadonlyMap<string, State> | undefined;
  readonly title: (subject: string, verdict: Finding['verdict']) => string;
  readonly startKind: StartEvent['kind'];
  readonly startText: string;
  /** True where what is measured is how long ago `start` is: another start is another finding, and a recent one is none. */
  readonly ages?: boolean;
};

export type StandingResult = { readonly findings: readonly Finding[]; readonly withinTime: readonly WithinTime[] };

/** Made a piece of evidence only where a finding needs it: most bundles say what the one before said. */
type CitedFrom = { readonly entry: HistoryEntry; readonly cited: Cited };

type Open = {
  kind: 'bad' | 'unknown';
  start: When;
  from: Day;
  reason: string;
  evidence: CitedFrom;
  last: CitedFrom;
  lastReason: string;
};

/** Days on which a subject was bad, or not known; without an end while it is. */
export type Stretch = { readonly subject: string; readonly state: Readonly<Open>; readonly end?: Day };

/**
 * A subject is bad from the first bundle that says so to the first that does not. Where a bundle could not see
 * it, what was known before stays; what was never known is undetermined. In the order in which they end; clocks that
 * measure the same share them, since no limit has a say here.
 */
export function stretchesOf({ entries }: History, measure: Measure): Stretch[] {
  const stretches: Stretch[] = [];
  const open = new Map<string, Open>();
  const close = (subject: string, state: Open, end: Day): void => void stretches.push({ subject, state, end });
  let before: ReadonlyMap<string, State> | undefined;
  for (const entry of entries) {
    const states = measure.states(entry);
    if (states === undefined) continue;
    if (states !== before)
      for (const [subject, state] of open)
        if (!states.has(subject)) {
          close(subject, state, entry.day);
          open.delete(subject);
        }
    before = states;
    for (const [subject, state] of states) step(open, close, { subject, state, entry, ages: measure.ages === true });
  }
  for (const [subject, state] of open) stretches.push({ subject, state });
  return stretches;
}

/** What a clock says of the stretches of what it measures. */
export function standingFindings(
  history: History,
  compiled: CompiledClock,
  measure: Measure,
  stretches: readonly Stretch[],
  context: AuditContext,
): StandingResult {
  const { clock } = compiled;
  const limit = clock.limit ?? { days: 0 };
  const findings: Finding[] = [];
  const withinTime: WithinTime[] = [];
  for (const { subject, state, end } of stretches) {
    const due = dueOf(state.start, limit);
    const to = end === undefined ? undefined : addDays(end, -1);
    const until = to ?? context.at;
    // An age is bad by its clock alone; any other state is bad from its first day on.
    if (measure.ages !== true && state.from < due.breachDay)
      withinTime.push({
        rule: clock.id,
        subject,
        verdict: state.kind === 'bad' ? 'fail' : 'undetermined',
        reason: state.reason,
        from: state.from,
        to: until < due.breachDay ? until : addDays(due.breachDay, -1),
      });
    const level = levelOn(due, state, clock.warnAfter, until);
    if (level === undefined) continue;
    const from = level.from > state.from ? level.from : state.from;
    if (to !== undefined && from > to) continue;
    findings.push(
      makeFinding(history.host, context, {
        rule: clock.id,
        clock: compiled,
        subject,
        verdict: state.kind === 'bad' ? 'fail' : 'undetermined',
        level: level.level,
        title: measure.title(subject, state.kind === 'bad' ? 'fail' : 'undetermined'),
        reason: state.lastReason === state.reason ? state.reason : `${state.reason}; last: ${state.lastReason}`,
        start: { kind: measure.startKind, at: state.start, text: measure.startText },
        dueDay: due.dueDay,
        breachDay: due.breachDay,
        from,
        ...(to !== undefined && { to }),
        evidence: (state.last.entry.bundle === state.evidence.entry.bundle
          ? [state.evidence]
          : [state.evidence, state.last]
        ).map(({ entry, cited: { place, says } }) => evidenceOf(entry, place, says)),
        stale: to === undefined && isStale(history, context.at),
      }),
    );
  }
  return { findings, withinTime };
}

function step(
  open: Map<string, Open>,
  close: (subject: string, state: Open, end: Day) => void,
  { subject, state, entry, ages }: { subject: string; state: State; entry: HistoryEntry; ages: boolean },
): void {
  const before = open.get(subject);
  if (state.kind === 'ok') {
    if (before !== undefined) close(subject, before, entry.day);
    open.delete(subject);
    return;
  }
  const began = state.start ?? entry.claimedAt;
  const another = ages && state.kind === 'bad' && before !== undefined && before.start !== began;
  // Not seen leaves what was known to be bad.
  if (before !== undefined && !another && (before.kind === state.kind || state.kind === 'unknown')) {
    if (state.kind === before.kind) {
      before.last = { entry, cited: state.evidence };
      before.lastReason = state.reason;
    }
    return;
  }
  if (before !== undefined) close(subject, before, entry.day);
  const { kind, reason } = state;
  const evidence = { entry, cited: state.evidence };
  open.set(subject, { kind, start: began, from: entry.day, reason, evidence, last: evidence, lastReason: reason });
}

/** breach from the breach day on; before it, a warning where the clock gives one. */
function levelOn(
  due: Due,
  { start }: Open,
  warnAfter: CompiledClock['clock']['warnAfter'],
  last: Day,
): { level: Finding['level']; from: Day } | undefined {
  if (last >= due.breachDay) return { level: 'breach', from: due.breachDay };
  if (warnAfter === undefined) return undefined;
  const warning = dueOf(start, warnAfter).breachDay;
  return last >= warning ? { level: 'warning', from: warning } : undefined;
}
