/** /proc/stat and its neighbours (proc_stat(5), random(4)). */
import type { Boot } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';

/** The latest time that a document can hold, 9999-12-31. */
const lastSecond = 253_402_300_799;

/**
 * `btime`, seconds since 1970, cut to the minute: the kernel computes it from the wall clock at each
 * reading, so the second moves although nothing happened.
 */
export function parseBootTime(stat: string): Parsed<Boot> {
  const [, seconds] = /^btime (\d{1,12})$/m.exec(stat) ?? [];
  if (seconds === undefined || seconds === '0' || Number(seconds) > lastSecond) return unparsed('no-boot-time');
  const minute = Math.floor(Number(seconds) / 60) * 60;
  return parsed({ at: new Date(minute * 1000).toISOString().replace('.000Z', 'Z'), precision: 'minute' });
}

/** The random id of this boot; undefined where the text is none. */
export function bootIdOf(text: string): string | undefined {
  const id = text.trim().toLowerCase();
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : undefined;
}
