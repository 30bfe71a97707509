import type { Config } from '../../schemas/generated/types.ts';
import type { Expectation } from './decide.ts';

export type ReportingConfig = NonNullable<NonNullable<Config['serve']>['reporting']>;

const defaultSeconds = 24 * 3600;
const minGaps = 5;
const minSeconds = 300;

/**
 * How often a server should report: as the configuration says; else by its own habit, the median of
 * the times between its reports, where that is shorter than the default; else daily. A longer habit is
 * never learned: a server that reports less and less would be found to be on time.
 */
export function expectationOf(
  target: string,
  finished: readonly string[],
  { everySeconds = defaultSeconds, targets = {} }: ReportingConfig,
): Expectation {
  const own = Object.hasOwn(targets, target) ? targets[target] : undefined;
  const retired = own?.retired ?? false;
  if (own?.everySeconds !== undefined) return { everySeconds: own.everySeconds, from: 'configured', retired };
  const habit = medianSeconds(finished);
  if (habit !== undefined && habit < everySeconds)
    return { everySeconds: Math.max(minSeconds, habit), from: 'learned', retired };
  return { everySeconds, from: everySeconds === defaultSeconds ? 'default' : 'configured', retired };
}

function medianSeconds(finished: readonly string[]): number | undefined {
  const times = finished.map((at) => Date.parse(at) / 1000);
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
  if (gaps.length < minGaps) return undefined;
  const sorted = gaps.toSorted((one, other) => one - other);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}
