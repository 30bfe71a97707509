/**
 * Whether somebody gets through a stack, and the surest way: every state of the walk (place, verdict, the
 * verdicts of open substacks) is visited once, the surest outcomes first. Bounded by `maxStates`.
 */
import { type State, type Step, start, step, type Verdict } from './dispatch.ts';
import { type Handler, permDenied, resultNumber, results, success } from './handler.ts';
import { type Certainty, type Outcome, rank } from './outcome.ts';

export type WitnessStep = {
  readonly file: string;
  readonly line: number;
  readonly module: string;
  /** The module's return value, or why it stands for itself. */
  readonly outcome: string;
  readonly because?: string;
};

export type Way = { readonly certainty: Certainty; readonly witness: readonly WitnessStep[] };

export type Found = {
  readonly way?: Way;
  /** States that were visited. */
  readonly states: number;
  readonly bounded: boolean;
  /** Handlers that were called on some way. */
  readonly reached: ReadonlySet<number>;
};

const order: readonly Certainty[] = ['can', 'bypass', 'perhaps'];
const maxStates = 200_000;

/** `by` is the handler that was called last, and what it returned. */
type Node = {
  readonly step: Step;
  readonly parent: Node | undefined;
  readonly by?: Handler;
  readonly returned?: Outcome;
};

/** `outcomes` gives what the module at that place may return. */
export function search(handlers: readonly Handler[], outcomes: (at: number) => readonly Outcome[]): Found {
  const queues: Node[][] = order.map(() => []);
  const seen = new Set<string>();
  const reached = new Set<number>();
  const cache = new Map<number, readonly Outcome[]>();
  // Without a line that can take it back, a stack that went bad stays bad.
  const hopeful = handlers.some(({ resets }) => resets);
  queues[0]?.push({ step: start(handlers), parent: undefined });
  for (const [level, queue] of queues.entries()) {
    const certainty = order[level] ?? 'perhaps';
    for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
      const { step: now } = node;
      if ('result' in now) {
        if (now.result === success) return found({ certainty, witness: witnessOf(node) });
        continue;
      }
      if ('unclear' in now) {
        queues[2]?.push({ ...node, step: { result: success } });
        continue;
      }
      const { state } = now;
      const key = keyOf(state);
      if (seen.has(key)) continue;
      seen.add(key);
      reached.add(state.at);
      if (seen.size > maxStates) return { ...found({ certainty: 'perhaps', witness: witnessOf(node) }), bounded: true };
      const handler = handlers[state.at];
      if (handler === undefined) continue;
      if (handler.kind === 'unknown') {
        queues[2]?.push({ step: { result: success }, parent: node, by: handler });
        continue;
      }
      let possible = cache.get(state.at);
      if (possible === undefined) {
        possible = handler.kind === 'must-fail' ? mustFail : distinct(handler, outcomes(state.at));
        cache.set(state.at, possible);
      }
      for (const outcome of possible) {
        const next = step(handlers, state, resultNumber(outcome.result));
        if (!hopeful && 'state' in next && next.state.verdict.impression === 'bad') continue;
        queues[Math.max(level, rank(outcome.certainty))]?.push({
          step: next,
          parent: node,
          by: handler,
          returned: outcome,
        });
      }
    }
  }
  return found();

  function found(way?: Way): Found {
    return { ...(way === undefined ? {} : { way }), states: seen.size, bounded: false, reached };
  }
}

const mustFail: readonly Outcome[] = [{ result: results[permDenied] ?? 'perm_denied', certainty: 'can' }];

/** Of the results that the control treats alike the surest stands for all. */
function distinct(handler: Handler, outcomes: readonly Outcome[]): readonly Outcome[] {
  const best = new Map<string, Outcome>();
  for (const outcome of outcomes) {
    const number = resultNumber(outcome.result);
    const action = handler.actions[number];
    // `ok` and `done` keep the result itself; only success can end well.
    const key = `${action}${(action === 'ok' || action === 'done') && number !== success ? '-failed' : ''}`;
    const held = best.get(key);
    if (held === undefined || rank(outcome.certainty) < rank(held.certainty)) best.set(key, outcome);
  }
  return [...best.values()];
}

function keyOf({ at, verdict, entered }: State): string {
  let key = `${at}${mark(verdict)}`;
  for (const each of entered) key += mark(each);
  return key;
}

/** Failures end alike, whatever their number. */
function mark({ impression, status }: Verdict): string {
  if (impression === 'good') return status === success ? 'G' : 'g';
  return impression === 'bad' ? 'b' : 'n';
}

function witnessOf(last: Node): WitnessStep[] {
  const steps: WitnessStep[] = [];
  for (let node: Node | undefined = last; node !== undefined; node = node.parent)
    if (node.by !== undefined) steps.push(stepOf(node.by, node.returned));
  return steps.toReversed();
}

function stepOf({ kind, file, line, module, reason }: Handler, returned: Outcome | undefined): WitnessStep {
  const outcome = kind === 'unknown' ? 'unknown' : kind === 'must-fail' ? 'fails' : (returned?.result ?? 'unknown');
  const because = returned?.because ?? reason;
  return { file, line, module: module ?? reason ?? '', outcome, ...(because === undefined ? {} : { because }) };
}
