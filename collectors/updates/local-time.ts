/** A server's local time and its zone, as logs write them that name no zone. */
import { instantOf } from './instant.ts';

export type LocalTime = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
};

/** `2026-08-01  06:25:59`, with one or more blanks between date and time; undefined where it is no time. */
export function parseLocalTime(text: string): LocalTime | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})[ T]+(\d{2}):(\d{2}):(\d{2})$/.exec(text.trim());
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const local = { year, month, day, hour, minute, second };
  return sameTime(fieldsAt(wallClock(local)), local) ? local : undefined;
}

/**
 * The instant (RFC 3339, UTC) of a local time; undefined where the zone is not known to the runtime.
 * An hour that a change of the clock repeats is read as its first pass, the earlier of the two instants, so
 * that nothing looks fresher than it is; an hour that it skips as if the clock had not been changed yet.
 */
export function instantOfLocalTime(local: LocalTime, zone: string): string | undefined {
  const clock = zoneClock(zone);
  if (clock === undefined) return undefined;
  const wall = wallClock(local);
  const dayMs = 86_400_000;
  const offsetAt = (epochMs: number): number => wallClock(clock(epochMs)) - epochMs;
  const before = wall - offsetAt(wall - dayMs);
  const after = wall - offsetAt(wall + dayMs);
  const possible = [before, after].filter((epochMs) => sameTime(clock(epochMs), local));
  const [first = before] = possible.toSorted((a, b) => a - b);
  return instantOf(first);
}

/** Names of UTC itself in the time zone database: most servers', and no reason to load the tables of all zones. */
const utc = /^(?:(?:Etc\/)?(?:UTC|UCT|Universal|Zulu|Greenwich|GMT(?:[+-]?0)?))$/;

function zoneClock(zone: string): ((epochMs: number) => LocalTime) | undefined {
  if (utc.test(zone)) return fieldsAt;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
  return (epochMs) => {
    const parts = new Map(format.formatToParts(epochMs).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    return {
      year: part('year'),
      month: part('month'),
      day: part('day'),
      hour: part('hour'),
      minute: part('minute'),
      second: part('second'),
    };
  };
}

function wallClock({ year, month, day, hour, minute, second }: LocalTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function fieldsAt(epochMs: number): LocalTime {
  const date = new Date(epochMs);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

function sameTime(a: LocalTime, b: LocalTime): boolean {
  return wallClock(a) === wallClock(b) && a.day === b.day && a.hour === b.hour;
}
