/** When to try again. */

const baseMs = 1_000;
const capMs = 5 * 60_000;

/**
 * Milliseconds to wait before a further try: full jitter, a random part of an interval that doubles
 * with each try up to five minutes, so that a thousand agents that lost one endpoint together do not
 * come back together. `attempt` counts the tries that failed, from 1; `random` is in [0, 1). What the
 * endpoint asked for (Retry-After, in milliseconds) is kept in full, with the jitter on top.
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export function nextDelay(attempt: number, random: () => number, retryAfterMs = 0): number {
  const interval = Math.min(capMs, baseMs * 2 ** Math.max(0, attempt - 1));
  return Math.max(0, retryAfterMs) + Math.floor(random() * interval);
}

/** The milliseconds of a Retry-After header (RFC 9110 section 10.2.3), seconds or a date; undefined where it is neither. */
export function retryAfterMs(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  if (/^[0-9]{1,9}$/.test(value.trim())) return Number(value) * 1_000;
  const at = /^[A-Za-z]{3}, /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
