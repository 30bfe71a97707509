/**
 * Calendar days in UTC and the day rule of every clock. A day is a text `YYYY-MM-DD`, an instant an
 * RFC 3339 text that ends in `Z`; both order as texts do. Nothing here knows a time zone, so daylight
 * saving cannot move a date.
 */

/** `YYYY-MM-DD`, proleptic Gregorian, UTC. */
export type Day = string;
/** RFC 3339 in UTC, ending in `Z`. */
export type Instant = string;
/** A day or an instant, as precise as its source. */
export type When = string;

/** How long a clock gives. `months`: the same number of the day in a later month, or that month's last day. */
export type Limit = { readonly hours: number } | { readonly days: number } | { readonly months: number };

const dayMs = 86_400_000;

/** The day of an instant, or the day itself. */
export function dayOf(moment: When): Day {
  return moment.slice(0, 10);
}

/** Whether the text is a day of the calendar: 2021-02-29 is none. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text;
}

/** Days since 1970-01-01. */
export function dayNumber(day: Day): number {
  const found = dayNumbers.get(day) ?? Math.floor(Date.parse(`${day}T00:00:00Z`) / dayMs);
  if (dayNumbers.size < 50_000) dayNumbers.set(day, found);
  return found;
}

export function addDays(day: Day, days: number): Day {
  if (days !== 1 && days !== -1) return shifted(day, days);
  const known = days === 1 ? after : before;
  const found = known.get(day) ?? shifted(day, days);
  if (known.size < 50_000) known.set(day, found);
  return found;
}

/** Fleets ask the same few thousand days again and again. */
const after = new Map<Day, Day>();
const before = new Map<Day, Day>();
const dayNumbers = new Map<Day, number>();
const dues = new Map<string, Due>();

function shifted(day: Day, days: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** From the first to the second; negative where that is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return dayNumber(to) - dayNumber(from);
}

/** The same number of the day, clamped: one month after 31 January is the last of February. */
export function addMonths(day: Day, months: number): Day {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const first = Date.UTC(year, month - 1 + months, 1);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return new Date(first + (Math.min(date, last) - 1) * dayMs).toISOString().slice(0, 10);
}

export type Due = {
  /** The last day on which the rule is still kept. */
  readonly dueDay: Day;
  /** The first day on which it is broken. */
  readonly breachDay: Day;
};

/**
 * When a clock that started then runs out. From a date alone, or with a limit in days or months: N days
 * after day D the last compliant day is D+N, the breach D+N+1. From an instant, hours are exact, and the
 * breach falls on the day in which the last of them ends.
 */
export function dueOf(start: When, limit: Limit): Due {
  const key =
    'days' in limit
      ? `${start} d${limit.days}`
      : 'hours' in limit
        ? `${start} h${limit.hours}`
        : `${start} m${limit.months}`;
  const due = dues.get(key) ?? computedDue(start, limit);
  if (dues.size < 200_000) dues.set(key, due);
  return due;
}

function computedDue(start: When, limit: Limit): Due {
  const day = dayOf(start);
  if ('hours' in limit && start.length > 10) {
    const end = new Date(Date.parse(start) + limit.hours * 3_600_000).toISOString();
    return { dueDay: dayOf(end), breachDay: dayOf(end) };
  }
  const dueDay =
    'months' in limit
      ? addMonths(day, limit.months)
      : addDays(day, 'days' in limit ? limit.days : Math.ceil(limit.hours / 24));
  return { dueDay, breachDay: addDays(dueDay, 1) };
}

/** In words: `48 hours`, `14 days`, `1 month`. */
export function limitInWords(limit: Limit): string {
  const [unit, count] = Object.entries(limit)[0] ?? ['days', 0];
  return `${count} ${count === 1 ? unit.slice(0, -1) : unit}`;
}
