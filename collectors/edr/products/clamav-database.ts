/**
 * The head of a signature file, 512 bytes of text (libclamav, cvd.c):
 * `ClamAV-VDB:23 Nov 2026 08-26 +0000:28200:355485:90:md5:signature:builder:1795422360`.
 */
import type { Fact, Moment } from '../../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { momentOfSeconds } from '../moments.ts';

export type DatabaseHeader = { readonly number: string; readonly moment: Moment };

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** The seconds at the end count; a file without them gives its written time, whose offset stands beside it. */
export function parseDatabaseHeader(text: string): Parsed<DatabaseHeader> {
  const fields = text.slice(0, 512).trimEnd().split(':');
  const [magic, written = '', number = ''] = fields;
  if (magic !== 'ClamAV-VDB' || !/^[0-9]{1,8}$/.test(number)) return unparsed('unexpected-header');
  const moment = momentOfSeconds((fields[8] ?? '').trim()) ?? writtenTime(written);
  return moment === undefined ? unparsed('no-date') : parsed({ number, moment });
}

/** `23 Nov 2026 08-26 +0000`. */
function writtenTime(text: string): Moment | undefined {
  const match = /^([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2})-([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})$/.exec(text);
  if (match === null) return undefined;
  const [, day, month = '', year, hour, minute, sign, hours, minutes] = match;
  const at = months.indexOf(month);
  if (at < 0) return undefined;
  const local = Date.UTC(Number(year), at, Number(day), Number(hour), Number(minute));
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return momentOfSeconds(String((sign === '-' ? local + offset : local - offset) / 1000));
}

/** Of the two files that may lie there the one with the higher number is loaded; one that could not be read may be that one. */
export function newestHeader(facts: readonly Fact<DatabaseHeader>[]): Fact<DatabaseHeader> {
  let best: Fact<DatabaseHeader> | undefined;
  for (const fact of facts) {
    if (fact.status === 'absent') best ??= { ...fact, status: 'unsupported', reason: 'no-signature-file' };
    else if (fact.status !== 'observed') return fact;
    else if (best?.status !== 'observed' || Number(fact.value.number) > Number(best.value.number)) best = fact;
  }
  if (best === undefined) throw new RangeError('no signature file was looked at');
  return best;
}
