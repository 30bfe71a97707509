/** When a clock of a missing fix starts and runs out. Pure but for the expressions that it is handed. */
import type { ClockLimit, PolicyClock } from '../../schemas/generated/types.ts';
import { addDays, type Day, dueOf, limitInWords } from '../days.ts';
import type { ClockRef, StartEvent } from '../finding.ts';
import type { Expression } from './expression.ts';
import { type FixFacts, fixOn, knowledgeDays } from './knowledge.ts';

/** A clock with its expressions compiled. */
export type CompiledClock = {
  readonly clock: PolicyClock;
  readonly policy: string;
  readonly status: ClockRef['status'];
  readonly when?: Expression;
  readonly inputs?: ReadonlyMap<string, Expression>;
};

export type HostVariables = Readonly<Record<string, unknown>>;

/** The clock of one fix on one server, whether it was met or not. */
export type StartedClock = {
  readonly start: StartEvent;
  readonly limit: string;
  readonly dueDay: Day;
  readonly breachDay: Day;
  readonly later: readonly StartEvent[];
  readonly duty?: string;
};

export type ClockResult =
  | { readonly kind: 'started'; readonly started: StartedClock }
  | { readonly kind: 'not-applicable' }
  /** It applies, and no number stands in it. */
  | { readonly kind: 'no-limit' }
  | { readonly kind: 'undetermined'; readonly why: string };

type Trigger = StartedClock & { readonly at: Day };

/**
 * `seenOn`: the first day on which a bundle shows the fix missing. Something known later can start the clock,
 * or shorten what is left; it never gives more time, and a breach stays one.
 */
export function startClock(
  compiled: CompiledClock,
  facts: FixFacts,
  {
    seenOn,
    requiresUpgrade,
    host,
  }: { readonly seenOn: Day; readonly requiresUpgrade: boolean; readonly host: HostVariables },
): ClockResult {
  const { clock } = compiled;
  const base = baseEvent(clock, facts, seenOn);
  const events: StartEvent[] = [
    ...(base === undefined ? [] : [base]),
    ...knowledgeDays(facts)
      .filter(({ day }) => base === undefined || day > base.at)
      .map(({ day, kind }) => ({ kind, at: day, text: eventText(kind, facts) })),
  ];
  const triggers: Trigger[] = [];
  const later: StartEvent[] = [];
  let applies = false;
  let doubt: string | undefined;
  for (const event of events) {
    if (clock.start === 'exploited-listed' && event.kind !== 'exploited-listed') continue;
    const outcome = limitOn(compiled, fixOn(facts, event.at, requiresUpgrade), host, facts);
    if (outcome.kind === 'undetermined') doubt ??= outcome.why;
    if (outcome.kind === 'no-limit') applies = true;
    if (outcome.kind !== 'limit') continue;
    const due =
      'dueDay' in outcome
        ? { dueDay: outcome.dueDay, breachDay: addDays(outcome.dueDay, 1) }
        : dueOf(event.at, outcome.limit);
    const limit = 'limit' in outcome ? limitInWords(outcome.limit) : 'the due day of the list';
    const duty = outcome.duty === undefined ? {} : { duty: outcome.duty };
    const before = triggers.at(-1);
    if (before === undefined) triggers.push({ at: event.at, start: event, limit, ...due, later: [], ...duty });
    else {
      later.push(event);
      // The clock of an event that came later begins there; whichever ends first counts.
      if (due.breachDay < before.breachDay)
        triggers.push({ at: event.at, start: event, limit, ...due, later: [], ...duty });
      else if (outcome.duty !== undefined && before.duty === undefined)
        triggers[triggers.length - 1] = { ...before, duty: outcome.duty };
    }
  }
  const last = triggers.at(-1);
  if (last !== undefined) {
    const { at: _at, ...started } = last;
    return { kind: 'started', started: { ...started, later: later.filter(({ at }) => at > last.start.at) } };
  }
  if (doubt !== undefined) return { kind: 'undetermined', why: doubt };
  return applies ? { kind: 'no-limit' } : { kind: 'not-applicable' };
}

function baseEvent(clock: PolicyClock, facts: FixFacts, seenOn: Day): StartEvent | undefined {
  const seen: StartEvent = { kind: 'first-seen', at: seenOn, text: `the first bundle that shows ${facts.id} missing` };
  switch (clock.start ?? 'fix-release') {
    case 'fix-release':
      return facts.releasedAt === undefined
        ? { ...seen, text: `${seen.text}; the day of its release is not known` }
        : { kind: 'fix-release', at: facts.releasedAt, text: `${facts.id} was released` };
    case 'exploited-listed':
      return undefined;
    case 'listed-or-seen':
      return facts.kevAddedAt !== undefined && facts.kevAddedAt < seenOn
        ? { kind: 'exploited-listed', at: facts.kevAddedAt, text: eventText('exploited-listed', facts) }
        : seen;
    case 'first-seen':
      return seen;
  }
}

function eventText(kind: 'exploit-known' | 'exploited-listed', facts: FixFacts): string {
  return kind === 'exploit-known'
    ? `an exploit of what ${facts.id} fixes was publicly known`
    : `what ${facts.id} fixes was listed as exploited by CISA`;
}

type LimitOutcome =
  | { readonly kind: 'limit'; readonly limit: ClockLimit; readonly duty?: string }
  | { readonly kind: 'limit'; readonly dueDay: Day; readonly duty?: string }
  | { readonly kind: 'no-limit' | 'not-applicable' }
  | { readonly kind: 'undetermined'; readonly why: string };

function limitOn(
  { clock, when, inputs }: CompiledClock,
  fix: Readonly<Record<string, unknown>>,
  host: HostVariables,
  facts: FixFacts,
): LimitOutcome {
  if (when !== undefined) {
    const outcome = when.run({ fix, host });
    if (outcome.kind === 'undetermined') return outcome;
    if (outcome.value !== true) return { kind: 'not-applicable' };
  }
  if (clock.kevDueDay === true)
    return facts.kevDueAt === undefined ? { kind: 'no-limit' } : { kind: 'limit', dueDay: facts.kevDueAt };
  if (clock.decision === undefined)
    return clock.limit === undefined ? { kind: 'no-limit' } : { kind: 'limit', limit: clock.limit };
  const values = new Map<string, unknown>();
  for (const [name, expression] of inputs ?? []) {
    const outcome = expression.run({ fix, host });
    if (outcome.kind === 'undetermined') return { kind: 'undetermined', why: `${name}: ${outcome.why}` };
    values.set(name, outcome.value);
  }
  const row = clock.decision.rows.find(({ when: wanted }) =>
    Object.entries(wanted).every(([name, value]) => values.get(name) === value),
  );
  if (row === undefined) return { kind: 'undetermined', why: 'no row of the table fits' };
  const duty = row.duty === undefined ? {} : { duty: row.duty };
  return row.limit === undefined ? { kind: 'no-limit' } : { kind: 'limit', limit: row.limit, ...duty };
}
