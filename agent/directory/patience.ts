/** Waits as long as a provider asks for, within what is left, and no longer. */
import type { RawMiss } from '../host/machine.ts';
import { nextDelay, retryAfterMs } from '../post/backoff.ts';
import type { HttpReply, Sent } from './connection.ts';

/** Time and chance; only tests replace them. */
export type Pace = {
  readonly monotonicMs: () => number;
  readonly now: () => Date;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
};

export const realPace: Pace = {
  monotonicMs: () => performance.now(),
  now: () => new Date(),
  wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
  random: Math.random,
};

const maxTries = 6;
/** A provider that asks for more is not waited for: the rest of the run would stand still. */
const longestWaitMs = 120_000;
const requestTimeoutMs = 60_000;

/**
 * Sends until the answer is neither 429 nor 503, keeping to Retry-After (RFC 9110 section 10.2.3) and
 * X-Rate-Limit-Reset (Okta: epoch seconds). `untilMs` is on the monotonic clock. Where it takes too long
 * the miss is `timed-out` with reason `throttled`; where time is up before, `budget-spent`.
 */
export async function patiently(
  send: (timeoutMs: number) => Promise<Sent>,
  untilMs: number,
  pace: Pace,
): Promise<Sent> {
  for (let attempt = 1; ; attempt += 1) {
    const left = untilMs - pace.monotonicMs();
    if (left <= 0) return { miss: { outcome: 'timed-out', reason: 'budget-spent' } };
    const sent = await send(Math.min(left, requestTimeoutMs));
    if ('miss' in sent || !(sent.reply.status === 429 || sent.reply.status === 503)) return sent;
    const asked = askedFor(sent.reply, pace.now());
    // Okta counts in whole seconds of its own clock: a further one is on the safe side.
    const waitMs = asked === undefined ? nextDelay(attempt, pace.random) : asked + Math.floor(pace.random() * 1000);
    if (attempt === maxTries || waitMs > longestWaitMs || waitMs >= untilMs - pace.monotonicMs())
      return { miss: throttled(sent.reply.status, waitMs) };
    await pace.wait(waitMs);
  }
}

function askedFor(reply: HttpReply, now: Date): number | undefined {
  const [after] = reply.header('retry-after');
  const asked = retryAfterMs(after, now);
  if (asked !== undefined) return asked;
  const [reset] = reply.header('x-rate-limit-reset');
  return reset !== undefined && /^\d{9,11}$/.test(reset)
    ? Math.max(0, Number(reset) * 1000 - now.getTime())
    : undefined;
}

function throttled(status: number, waitMs: number): RawMiss {
  const detail = `status ${status}; it asked to wait ${Math.ceil(waitMs / 1000)} s more`;
  return { outcome: 'timed-out', reason: 'throttled', detail };
}
