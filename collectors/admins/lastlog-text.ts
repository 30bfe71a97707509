/** What lastlog(8) and lastlog2(8) print: a table by columns, times as `Fri Feb 15 09:40:56 -0600 2019`. */
import { type Parsed, parsed, unparsed } from '../fact.ts';
import type { LoginRecord } from './login-records.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const time =
  /\s(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d) (\d{4})$/;
const maxRecords = 100_000;

/**
 * Those who ever logged in. The end of a line tells whether it is one: a time in C locale, or stars around
 * words. Columns begin where the heading's do; a heading in front is needed, its words may be any.
 */
export function parseLastlogText(text: string): Parsed<LoginRecord[]> {
  const [head = '', ...lines] = text.split('\n').map((line) => line.replace(/\s+$/, ''));
  const columns = [...head.matchAll(/\S+/g)].map(({ index }) => index);
  const [nameAt, portAt, fromAt] = columns;
  if (nameAt === undefined || portAt === undefined || columns.length < 3) return unparsed('malformed-line', 'line 1');
  const found: LoginRecord[] = [];
  for (const [at, line] of lines.entries()) {
    if (line === '' || /\*\*[^*]*\*\*$/.test(line)) continue;
    const match = time.exec(line);
    if (match === null) return unparsed('malformed-line', `line ${at + 2}`);
    const seconds = secondsOf(match);
    if (seconds === undefined) return unparsed('malformed-line', `line ${at + 2}`);
    const before = line.slice(0, match.index);
    const name = /^\s*(\S+)/.exec(before)?.[1] ?? '';
    const [terminal = '', from = ''] =
      columns.length > 3 && fromAt !== undefined
        ? [before.slice(portAt, fromAt).trim(), before.slice(fromAt).trim()]
        : [before.slice(portAt).trim()];
    // A long name pushes the columns along; then only name and time are sure.
    const shifted = before.length > portAt && before[portAt - 1] !== ' ' && before[portAt - 1] !== undefined;
    found.push({ name, at: seconds, terminal: shifted ? '' : terminal, from: shifted ? '' : from });
    if (found.length > maxRecords) return unparsed('too-many-entries');
  }
  return parsed(found);
}

function secondsOf([, month = '', day, hour, minute, second, sign, zoneHours, zoneMinutes, year]: RegExpExecArray):
  | number
  | undefined {
  const index = months.indexOf(month);
  if (index < 0) return undefined;
  const local = Date.UTC(Number(year), index, Number(day), Number(hour), Number(minute), Number(second)) / 1000;
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60 * (sign === '-' ? -1 : 1);
  const seconds = local - offset;
  return seconds >= 0 && Number.isSafeInteger(seconds) ? seconds : undefined;
}
