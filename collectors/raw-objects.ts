/** Readers of raw-json.ts in the forms that facts take: rows as a parser's result, dates as moments. */
import type { Moment } from '../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from './fact.ts';
import { isRawObject, type RawObject, rawInstant, rawInteger, rawList, rawObjects, rawText } from './raw-json.ts';

export type Raw = RawObject;

/** A list of objects; one alone is a list of one, null is none. */
export function rowsOf(value: unknown): Parsed<readonly Raw[]> {
  const rows = rawObjects(value);
  return rows === undefined ? unparsed('unexpected-object') : parsed(rows);
}

/** One object, also where it stands in a list of one. */
export function objectOf(value: unknown): Parsed<Raw> {
  const rows = rawObjects(value);
  const [first, ...others] = rows ?? [];
  return first !== undefined && others.length === 0 ? parsed(first) : unparsed('unexpected-object');
}

export function isRaw(value: unknown): value is Raw {
  return isRawObject(value);
}

/** Text that is not blank. */
export function textOf(value: unknown): string | undefined {
  const text = rawText(value);
  return text === undefined || text.trim() === '' ? undefined : text;
}

/** A whole number, also where it is written as text. */
export function integerOf(value: unknown): number | undefined {
  return rawInteger(value);
}

/** True or false, also where .NET wrote it as text. */
export function flagOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 'True' || value === 'true') return true;
  return value === 'False' || value === 'false' ? false : undefined;
}

/** Texts of a list; one alone is a list of one, null is none. Undefined where one of them is something else. */
export function textsOf(value: unknown): readonly string[] | undefined {
  const list = rawList(value);
  return list.every((each) => typeof each === 'string') ? list : undefined;
}

/** Objects of a list that stands in a member. */
export function partsOf(value: unknown): readonly Raw[] | undefined {
  return rawObjects(value);
}

/** A date of .NET, of WMI or of RFC 3339 with its zone, in whole seconds; what lies before 1971 stands for never. */
export function momentOf(value: unknown): Moment | undefined {
  const instant = rawInstant(value);
  return instant === undefined ? undefined : atMilliseconds(Date.parse(instant));
}

/** 11,644,473,600 seconds lie between 1601 and 1970. */
const filetimeEpoch = 11_644_473_600_000;

/** Units of 100 ns since 1601 in UTC, as text or number: `132500000000000000`. 0 and the largest stand for never. */
export function momentOfFiletime(value: unknown): Moment | undefined {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
  if (typeof text !== 'string' || !/^[1-9][0-9]{16,17}$/.test(text)) return undefined;
  return atMilliseconds(Number(BigInt(text) / 10_000n) - filetimeEpoch);
}

function atMilliseconds(time: number): Moment | undefined {
  if (!(time >= 31_536_000_000 && time < 253_402_300_800_000)) return undefined;
  return { at: new Date(time).toISOString().replace(/\.[0-9]{3}Z$/, 'Z') };
}
