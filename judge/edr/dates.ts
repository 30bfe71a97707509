/** How old a date is at a given time. A day is taken at its earliest moment anywhere on earth: never younger than it is. */
import type { Moment } from '../../schemas/generated/types.ts';

const hourMs = 3_600_000;

/** Hours from a moment to `at` (RFC 3339); negative where the moment is later. Undefined where `at` is no date. */
export function hoursBetween(moment: Moment, at: string): number | undefined {
  const end = Date.parse(at);
  // The day begins first at UTC+14.
  const start = 'at' in moment ? Date.parse(moment.at) : Date.parse(`${moment.on}T00:00:00Z`) - 14 * hourMs;
  return Number.isNaN(end) || Number.isNaN(start) ? undefined : (end - start) / hourMs;
}
