/**
 * How libpam walks a stack (Linux-PAM `_pam_dispatch_aux`), one return value at a time. Only the walk of
 * pam_authenticate and pam_acct_mgmt: pam_setcred walks the way that authentication took.
 */
import { type Handler, ignoreResult, incomplete, permDenied, success } from './handler.ts';

/** What the stack thinks so far, and the result that it would give. */
export type Verdict = { readonly impression: 'none' | 'good' | 'bad'; readonly status: number };

export type State = {
  /** The handler that is called next; past the last one the walk is over. */
  readonly at: number;
  readonly verdict: Verdict;
  /** The verdicts with which the substacks that it stands in were entered, outermost first. */
  readonly entered: readonly Verdict[];
};

/** `unclear`: a jump crosses lines that were not seen. */
export type Step = { readonly state: State } | { readonly result: number } | { readonly unclear: true };

const none: Verdict = { impression: 'none', status: permDenied };

export function start(handlers: readonly Handler[]): Step {
  return settle(handlers, { at: 0, verdict: none, entered: [] }, 0);
}

/** The state after the handler at `state.at` returned `result`. */
export function step(handlers: readonly Handler[], state: State, result: number): Step {
  const handler = handlers[state.at];
  if (handler === undefined) return { result: resultOf(state.verdict) };
  if (result === incomplete) return { result };
  const valid = Number.isInteger(result) && result >= 0 && result < handler.actions.length;
  const returned = valid ? result : permDenied;
  const action = valid ? (handler.actions[result] ?? 'bad') : 'bad';
  const { level } = handler;
  if (typeof action === 'number') return jump(handlers, state, action);
  const next = { ...state, at: state.at + 1 };
  if (action === 'ignore') return settle(handlers, next, level);
  if (action === 'reset') return settle(handlers, { ...next, verdict: state.entered[level - 1] ?? none }, level);
  const good = action === 'ok' || action === 'done';
  const verdict = good ? afterGood(state.verdict, returned) : afterBad(state.verdict, returned);
  const decided = action === 'die' || (action === 'done' && verdict.impression === 'good');
  return settle(handlers, { ...next, verdict, at: decided ? endOf(handlers, state.at) : next.at }, level);
}

function afterGood(verdict: Verdict, returned: number): Verdict {
  const open = verdict.impression === 'none' || (verdict.impression === 'good' && verdict.status === success);
  return open ? { impression: 'good', status: returned } : verdict;
}

function afterBad(verdict: Verdict, returned: number): Verdict {
  if (verdict.impression === 'bad') return verdict;
  return { impression: 'bad', status: returned === ignoreResult ? permDenied : returned };
}

/** The first handler after the substack, or whole stack, that `at` stands in. */
function endOf(handlers: readonly Handler[], at: number): number {
  const level = handlers[at]?.level ?? 0;
  let next = at + 1;
  while ((handlers[next]?.level ?? -1) >= level) next += 1;
  return next;
}

/** A substack with all that is in it counts as one. A jump past the end is a fault: the stack fails, and goes on there. */
function jump(handlers: readonly Handler[], state: State, skip: number): Step {
  const level = handlers[state.at]?.level ?? 0;
  let at = state.at;
  let left = skip;
  while (left > 0 && (handlers[at + 1]?.level ?? -1) >= level) {
    at += 1;
    if (handlers[at]?.kind === 'unknown' && handlers[at]?.level === level) return { unclear: true };
    while ((handlers[at + 1]?.level ?? -1) > level) at += 1;
    left -= 1;
  }
  const verdict: Verdict = left > 0 ? { impression: 'bad', status: permDenied } : state.verdict;
  return settle(handlers, { ...state, verdict, at: at + 1 }, level);
}

/** Passes over the handlers that only mark a substack, and keeps the verdict with which one is entered. */
function settle(handlers: readonly Handler[], state: State, from: number): Step {
  let { at } = state;
  let level = from;
  let entered = state.entered;
  for (;;) {
    const handler = handlers[at];
    if (handler === undefined) return { result: resultOf(state.verdict) };
    if (handler.level > level) entered = [...entered.slice(0, level), ...fill(handler.level - level, state.verdict)];
    else if (entered.length > handler.level) entered = entered.slice(0, handler.level);
    level = handler.level;
    if (handler.kind !== 'substack') return { state: { at, verdict: state.verdict, entered } };
    at += 1;
  }
}

function fill(count: number, verdict: Verdict): Verdict[] {
  return Array.from({ length: count }, () => verdict);
}

function resultOf({ impression, status }: Verdict): number {
  return status === success && impression !== 'good' ? permDenied : status;
}

/** The result of a stack whose modules return what `call` says; undefined where it hangs on what was not seen. */
export function run(handlers: readonly Handler[], call: (handler: Handler, at: number) => number): number | undefined {
  let now = start(handlers);
  while ('state' in now) {
    const handler = handlers[now.state.at];
    if (handler === undefined || handler.kind === 'unknown') return undefined;
    now = step(handlers, now.state, handler.kind === 'must-fail' ? permDenied : call(handler, now.state.at));
  }
  return 'result' in now ? now.result : undefined;
}
