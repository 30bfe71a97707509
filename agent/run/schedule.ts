/**
 * When a server collects. Its turn comes once in each interval, at a moment that a hash of its identity chooses, so that a
 * fleet does not come at once and a server keeps its hour. Pure: clock and identity are given.
 */
import { createHash } from 'node:crypto';

/** Milliseconds into each interval at which this server's turn comes; the same for as long as identity and interval stay. */
export function turnOffsetMs(identity: string, intervalMs: number): number {
  const digest = createHash('sha256').update(`affiant turn 1\n${identity}`).digest();
  // 48 bits: more than any interval has milliseconds, so that each is as likely as the next.
  return Math.floor((digest.readUIntBE(0, 6) / 2 ** 48) * intervalMs);
}

export type Turn = {
  readonly intervalMs: number;
  readonly offsetMs: number;
};

/**
 * The next turn, in milliseconds since 1970. Without a last run, and where that lies in the future (the clock was set back
 * since), it is now: one run too many is better than none until that day comes again. A turn that was missed lies in the
 * past, and is made up at once; of several missed turns one.
 */
export function nextTurnMs(lastRunMs: number | undefined, nowMs: number, { intervalMs, offsetMs }: Turn): number {
  if (lastRunMs === undefined || lastRunMs > nowMs) return nowMs;
  return (Math.floor((lastRunMs - offsetMs) / intervalMs) + 1) * intervalMs + offsetMs;
}
