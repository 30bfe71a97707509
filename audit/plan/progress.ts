/** How far a plan is: each item's state, and how many were done on each day. */
import type { Attestation } from '../attestations.ts';
import { addDays, type Day, dayOf, daysBetween } from '../days.ts';
import type { EvidenceRef } from '../finding.ts';
import { type DayOutcome, dayOutcomes, type PlanServer } from './outcomes.ts';
import type { CompiledItem, CompiledPlan } from './plan-file.ts';

export type PlanState = 'done' | 'holding' | 'open' | 'at-risk' | 'overdue' | 'undetermined';

export type PlanItemProgress = {
  readonly id: string;
  readonly title: string;
  readonly owner: string;
  readonly due: Day;
  /** Proved by evidence, or by the word of a person: shown apart. */
  readonly by: 'evidence' | 'statement';
  readonly state: PlanState;
  /** The day on which it became done, also where it is no longer. */
  readonly doneOn?: Day;
  /** The first day of the row in which it holds now, and the day on which it will be done if it goes on. */
  readonly holdingSince?: Day;
  readonly doneIfHeldUntil?: Day;
  /** Where it had been done and does not hold any more. */
  readonly lostOn?: Day;
  readonly heldDays: number;
  /** In a sentence. */
  readonly text: string;
  /** Why it does not hold, on the last day that was looked at. */
  readonly why: readonly string[];
  readonly evidence: readonly EvidenceRef[];
};

export type PlanProgress = {
  readonly id: string;
  readonly title: string;
  readonly begins: Day;
  readonly due: Day;
  readonly at: Day;
  readonly items: readonly PlanItemProgress[];
  /** Every day from the beginning to the day of the audit, and the days on which an item is due after it. */
  readonly burnUp: readonly { readonly day: Day; readonly done: number; readonly due: number }[];
};

export const stateOrder: readonly PlanState[] = ['overdue', 'at-risk', 'undetermined', 'open', 'holding', 'done'];

/** `unseen`: servers that are known to be there and of which there is no evidence: nothing holds on them. */
export function planProgress(
  plan: CompiledPlan,
  servers: readonly PlanServer[],
  attestations: readonly Attestation[],
  at: Day,
  unseen: readonly string[] = [],
): PlanProgress {
  const looked = plan.items.map((item) =>
    item.proof.attestation === undefined
      ? byEvidence(item, dayOutcomes(item, servers, plan.begins, at, unseen), at, plan.atRiskDays ?? 14)
      : byStatement(item, attestations, plan.begins, at, plan.atRiskDays ?? 14),
  );
  const items = looked.map(({ progress }) => progress);
  const days: Day[] = [];
  for (let day = plan.begins; day <= at; day = addDays(day, 1)) days.push(day);
  const later = [...new Set(plan.items.map(({ due }) => due))].filter((day) => day > at).toSorted();
  const dueBy = (day: Day): number => plan.items.filter(({ due }) => due <= day).length;
  const doneNow = items.filter(({ state }) => state === 'done').length;
  return {
    id: plan.id,
    title: plan.title,
    begins: plan.begins,
    due:
      plan.items
        .map(({ due }) => due)
        .toSorted()
        .at(-1) ?? plan.begins,
    at,
    items,
    burnUp: [
      ...days.map((day) => ({ day, done: looked.filter(({ doneOn }) => doneOn(day)).length, due: dueBy(day) })),
      ...later.map((day) => ({ day, done: doneNow, due: dueBy(day) })),
    ],
  };
}

type Looked = { readonly progress: PlanItemProgress; readonly doneOn: (day: Day) => boolean };
type Common = Pick<PlanItemProgress, 'id' | 'title' | 'owner' | 'due' | 'heldDays'>;

function commonOf(item: CompiledItem): Common {
  return { id: item.id, title: item.title, owner: item.owner, due: item.due, heldDays: item.proof.heldDays ?? 1 };
}

function byEvidence(item: CompiledItem, days: readonly DayOutcome[], at: Day, atRiskDays: number): Looked {
  const common = commonOf(item);
  const need = common.heldDays;
  let since: Day | undefined;
  let doneOn: Day | undefined;
  let lostOn: Day | undefined;
  const done = new Set<Day>();
  for (const { day, outcome } of days) {
    if (outcome !== 'held') {
      if (since !== undefined && daysBetween(since, day) >= need) lostOn = day;
      since = undefined;
      continue;
    }
    since ??= day;
    if (daysBetween(since, day) + 1 < need) continue;
    doneOn = lostOn === undefined ? (doneOn ?? day) : day;
    if (lostOn !== undefined) lostOn = undefined;
    done.add(day);
  }
  const last = days.at(-1);
  const until = since === undefined ? undefined : addDays(since, need - 1);
  const isDone = done.has(at);
  const state = stateOf({
    isDone,
    isHolding: since !== undefined,
    outcome: last?.outcome,
    until,
    need,
    due: item.due,
    at,
    atRiskDays,
  });
  const why = last === undefined ? ['the plan has not begun'] : isDone || since !== undefined ? [] : last.why;
  return {
    doneOn: (day) => done.has(day),
    progress: {
      ...common,
      by: 'evidence',
      state,
      ...(doneOn !== undefined && { doneOn }),
      ...(since !== undefined && { holdingSince: since }),
      ...(since !== undefined && !isDone && until !== undefined && { doneIfHeldUntil: until }),
      ...(lostOn !== undefined && { lostOn }),
      text: textOf(state, { since, until, doneOn, lostOn, need, due: item.due, why, outcome: last?.outcome }),
      why,
      evidence: evidenceOf(days, since),
    },
  };
}

/** The first and the last day of the row in which it holds; where it does not, the last day. */
function evidenceOf(days: readonly DayOutcome[], since: Day | undefined): readonly EvidenceRef[] {
  const first = since === undefined ? undefined : days.find(({ day }) => day === since);
  const last = days.at(-1);
  const both = first === last ? [last] : [first, last];
  return both.flatMap((each) => each?.evidence.slice(0, 5) ?? []);
}

type Situation = {
  readonly isDone: boolean;
  readonly isHolding: boolean;
  readonly outcome: DayOutcome['outcome'] | undefined;
  readonly until: Day | undefined;
  readonly need: number;
  readonly due: Day;
  readonly at: Day;
  readonly atRiskDays: number;
};

function stateOf({ isDone, isHolding, outcome, until, need, due, at, atRiskDays }: Situation): PlanState {
  if (isDone) return 'done';
  if (at > due) return 'overdue';
  if (isHolding) return until !== undefined && until > due ? 'at-risk' : 'holding';
  // Even if it held from tomorrow on, it would be done too late.
  if (addDays(at, need) > due || daysBetween(at, due) <= atRiskDays) return 'at-risk';
  return outcome === 'undetermined' ? 'undetermined' : 'open';
}

function textOf(
  state: PlanState,
  {
    since,
    until,
    doneOn,
    lostOn,
    need,
    due,
    why,
    outcome,
  }: {
    readonly since: Day | undefined;
    readonly until: Day | undefined;
    readonly doneOn: Day | undefined;
    readonly lostOn: Day | undefined;
    readonly need: number;
    readonly due: Day;
    readonly why: readonly string[];
    readonly outcome: DayOutcome['outcome'] | undefined;
  },
): string {
  const row = need === 1 ? '' : ` for ${need} days in a row`;
  const reason =
    why.length === 0 ? '' : `: ${why.slice(0, 2).join('; ')}${why.length > 2 ? `; and ${why.length - 2} more` : ''}`;
  if (state === 'done')
    return `held${row}, done on ${doneOn ?? ''}${doneOn !== undefined && doneOn > due ? `, after it was due on ${due}` : ''}`;
  const lost = lostOn === undefined ? '' : `it was done and does not hold any more since ${lostOn}; `;
  if (since !== undefined)
    return `${lost}holds since ${since}, done on ${until ?? ''} if it goes on${until !== undefined && until > due ? `, which is after ${due}` : ''}`;
  return `${lost}${outcome === 'undetermined' ? 'not known' : 'does not hold'}${reason}`;
}

/** Proved by the word of a person: the oldest statement of the kind that mentions the item and still holds. */
function byStatement(
  item: CompiledItem,
  all: readonly Attestation[],
  begins: Day,
  at: Day,
  atRiskDays: number,
): Looked {
  const found = all.filter(
    ({ predicate }) =>
      predicate.kind === item.proof.attestation?.kind &&
      dayOf(predicate.madeAt) >= begins &&
      dayOf(predicate.madeAt) <= at &&
      mentions(predicate, item.id),
  );
  const holds = (day: Day): Attestation | undefined =>
    found.find(
      ({ predicate }) =>
        dayOf(predicate.madeAt) <= day &&
        !('expiresAt' in predicate && predicate.expiresAt !== undefined && dayOf(predicate.expiresAt) <= day),
    );
  const now = holds(at);
  const state = stateOf({
    isDone: now !== undefined,
    isHolding: false,
    outcome: 'not-held',
    until: undefined,
    need: 1,
    due: item.due,
    at,
    atRiskDays,
  });
  const saidOn = now === undefined ? undefined : dayOf(now.predicate.madeAt);
  return {
    doneOn: (day) => holds(day) !== undefined,
    progress: {
      ...commonOf(item),
      by: 'statement',
      state,
      ...(saidOn !== undefined && { doneOn: saidOn }),
      text:
        now === undefined
          ? `nobody has stated it (${item.proof.attestation?.kind ?? ''} that mentions ${item.id})`
          : `stated by ${now.predicate.author.name} (${now.predicate.author.role}) on ${saidOn ?? ''}; no machine has seen it`,
      why: [],
      evidence: [],
    },
  };
}

/** The item's id as a word of its own in any text of the statement. */
function mentions(value: unknown, id: string): boolean {
  if (typeof value === 'string') return value.split(/[^a-z0-9.-]+/i).some((word) => word.replace(/\.+$/, '') === id);
  return typeof value === 'object' && value !== null && Object.values(value).some((each) => mentions(each, id));
}
