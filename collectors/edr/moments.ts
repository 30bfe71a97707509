/** Dates as the products print them. Undefined where the text is none, or names a day that does not exist. */
import type { Moment } from '../../schemas/generated/types.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `1691587153787`, milliseconds since 1970, as mdatp gives it in JSON (a string). */
export function momentOfMilliseconds(value: unknown): Moment | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^[0-9]{12,14}$/.test(text)) return undefined;
  return atInstant(Number(text));
}

/** Seconds since 1970; 0 stands for never in every product that we read. */
export function momentOfSeconds(text: string): Moment | undefined {
  return /^[1-9][0-9]{8,10}$/.test(text) ? atInstant(Number(text) * 1000) : undefined;
}

/** `Aug 12, 2023 at 03:26:24 AM`, in the time zone that we give our children: UTC. */
export function momentOfEnglish(text: string): Moment | undefined {
  const match = /^([A-Z][a-z]{2}) ([0-9]{1,2}), ([0-9]{4}) at ([0-9]{1,2}):([0-9]{2}):([0-9]{2}) ([AP])M$/.exec(text);
  if (match === null) return undefined;
  const [, month = '', day, year, hour, minute, second, half] = match;
  const twelve = Number(hour) % 12;
  return instantOf(year, months.indexOf(month) + 1, day, twelve + (half === 'P' ? 12 : 0), minute, second);
}

/** `Mon Jun 29 03:27:20 2026` (asctime(3)) in a time zone that the text does not name: only the day is kept. */
export function dayOfAsctime(text: string): Moment | undefined {
  const match = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}([0-9]{1,2}) [0-9]{2}:[0-9]{2}:[0-9]{2} ([0-9]{4})$/.exec(text);
  if (match === null) return undefined;
  const [, month = '', day, year] = match;
  return onDay(year, months.indexOf(month) + 1, day);
}

/** `2023-08-24 at 11:44:37 GMT+2`. */
export function momentOfGmtOffset(text: string): Moment | undefined {
  const match =
    /^([0-9]{4})-([0-9]{2})-([0-9]{2}) at ([0-9]{2}):([0-9]{2}):([0-9]{2}) (?:GMT|UTC)(?:([+-])([0-9]{1,2})(?::?([0-9]{2}))?)?$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, sign, hours = '0', minutes = '0'] = match;
  const local = milliseconds(year, Number(month), day, hour, minute, second);
  if (local === undefined || Number(hours) > 14 || Number(minutes) > 59) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return atInstant(sign === '-' ? local + offset : local - offset);
}

/** The day at the front of `2018-08-23 04:11:00`, `2026-06-21` or `20250909`; the zone of a time behind it is not known. */
export function dayOfIso(text: string): Moment | undefined {
  const match = /^([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})(?:$|[ T])/.exec(text);
  return match === null ? undefined : onDay(match[1], Number(match[3]), match[4]);
}

/** An RFC 3339 time with its offset. */
export function momentOfRfc3339(text: string): Moment | undefined {
  if (
    !/^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})$/.test(
      text,
    )
  )
    return undefined;
  const iso = text.replace(' ', 'T').replace(/([+-][0-9]{2})([0-9]{2})$/, '$1:$2');
  return atInstant(Date.parse(iso));
}

function milliseconds(
  year: string | undefined,
  month: number,
  day: string | undefined,
  hour: string | number | undefined,
  minute: string | undefined,
  second: string | undefined,
): number | undefined {
  const time = Date.UTC(Number(year), month - 1, Number(day), Number(hour), Number(minute), Number(second));
  const date = new Date(time);
  const exists =
    date.getUTCFullYear() === Number(year) && date.getUTCMonth() === month - 1 && date.getUTCDate() === Number(day);
  return exists && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60 ? time : undefined;
}

function instantOf(
  year: string | undefined,
  month: number,
  day: string | undefined,
  hour: number,
  minute: string | undefined,
  second: string | undefined,
): Moment | undefined {
  const time = milliseconds(year, month, day, hour, minute, second);
  return time === undefined ? undefined : atInstant(time);
}

function onDay(year: string | undefined, month: number, day: string | undefined): Moment | undefined {
  const time = milliseconds(year, month, day, 0, '0', '0');
  return time === undefined ? undefined : { on: new Date(time).toISOString().slice(0, 10) };
}

/** Whole seconds: a fraction says nothing here and would change a document for nothing. */
function atInstant(time: number): Moment | undefined {
  if (!(time >= 0 && time < 253_402_300_800_000)) return undefined;
  return { at: new Date(time).toISOString().replace(/\.[0-9]{3}Z$/, 'Z') };
}
