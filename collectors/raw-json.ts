/**
 * Reads what PowerShell makes of objects (ConvertTo-Json of Windows PowerShell 5.1 and its successors):
 * a list of one comes as its element, an empty list as null, dates as `/Date(ms)/`, what lies too deep
 * as the text of a type. Pure; every reader gives undefined for what it does not understand.
 */
import { type Parsed, parsed, unparsed } from './fact.ts';

export type RawObject = Readonly<Record<string, unknown>>;

export function isRawObject(value: unknown): value is RawObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A list: one element comes alone, none as null. Windows PowerShell also writes
 * `{"value": […], "Count": n}` for lists that carry members of their own.
 */
export function rawList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value === null || value === undefined) return [];
  if (isRawObject(value) && Array.isArray(value['value']) && value['Count'] === value['value'].length)
    return value['value'];
  return [value];
}

/** A list of objects; undefined where an element is none, so that no element is lost unseen. */
export function rawObjects(value: unknown): readonly RawObject[] | undefined {
  const list = rawList(value);
  return list.every(isRawObject) ? list : undefined;
}

/** A member by name, without regard to case, as PowerShell itself compares. */
export function rawMember(value: RawObject, name: string): unknown {
  if (Object.hasOwn(value, name)) return value[name];
  const lower = name.toLowerCase();
  const found = Object.keys(value).find((each) => each.toLowerCase() === lower);
  return found === undefined ? undefined : value[found];
}

/** Text that is not empty. A string with members of its own comes as `{"value": "…", …}`. */
export function rawText(value: unknown): string | undefined {
  const plain = isRawObject(value) && typeof value['value'] === 'string' ? value['value'] : value;
  return typeof plain === 'string' && plain !== '' && !isCutOff(plain) ? plain : undefined;
}

/** A whole number, also as decimal text. */
export function rawInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

/** A bit of a registry or an object: true, false, 0, 1. */
export function rawBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return value === 1 || value === 0 ? value === 1 : undefined;
}

/** A code such as an HRESULT in its 32 bits: `0x800106ba`. */
export function rawCode(value: unknown): string | undefined {
  const number = rawInteger(value);
  if (number === undefined || number < -0x80000000 || number > 0xffffffff) return undefined;
  return `0x${(number >>> 0).toString(16).padStart(8, '0')}`;
}

/** What ConvertTo-Json leaves of an object that lies deeper than it was told to go: its type, or its members as text. */
export function isCutOff(text: string): boolean {
  return /^(?:@\{.*\}|System\.[A-Z][\w.]*(?:\[.*\])?|Microsoft\.Management\.[\w.]+.*)$/s.test(text);
}

/** Whether anything in it was cut off by depth. */
export function hasCutOff(value: unknown): boolean {
  if (typeof value === 'string') return isCutOff(value);
  if (Array.isArray(value)) return value.some(hasCutOff);
  return isRawObject(value) && Object.values(value).some(hasCutOff);
}

/**
 * An instant, RFC 3339 in UTC: from RFC 3339 itself (with up to seven digits of a second), `/Date(ms)/`,
 * `{"DateTime": …, "value": "/Date(ms)/"}`, or CIM's `20260102030405.000000+060` (DSP0004 5.2.4).
 * The years 1601 and 1899, which stand for never in FILETIME and OLE, are no instant.
 */
export function rawInstant(value: unknown): string | undefined {
  const inner = isRawObject(value) ? (value['value'] ?? value['DateTime']) : value;
  if (typeof inner !== 'string') return undefined;
  const milliseconds = dateMilliseconds(inner.trim());
  if (milliseconds === undefined || Number.isNaN(milliseconds)) return undefined;
  const date = new Date(milliseconds);
  const year = date.getUTCFullYear();
  return year < 1900 || year > 9999 ? undefined : date.toISOString().replace(/\.000Z$/, 'Z');
}

function dateMilliseconds(text: string): number | undefined {
  const ticks = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/.exec(text)?.[1];
  if (ticks !== undefined) return Number(ticks);
  const cim = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})\.(\d{3})\d{3}([+-]\d{3})$/.exec(text);
  if (cim !== null) {
    const [, year, month, day, hour, minute, second, ms, zone] = cim.map(Number);
    return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second, ms) - (zone ?? 0) * 60_000;
  }
  // Without a zone it would be read by the zone of whoever reads.
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text.replace(/(\.\d{3})\d+/, '$1'))
    : undefined;
}

/** A FILETIME: 100 ns since 1601, in two halves as the registry keeps it. */
export function fileTime(high: number | undefined, low: number | undefined): string | undefined {
  if (high === undefined || low === undefined) return undefined;
  const ticks = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return rawInstant(`/Date(${ticks / 10_000n - 11_644_473_600_000n})/`);
}

/** One part of an answer that has an error of its own (Read-Part in the scripts): its value, or the code of the error. */
export function rawPart(value: unknown): Parsed<unknown> {
  if (!isRawObject(value)) return unparsed('no-such-part');
  const error = value['error'];
  if (error === undefined || error === null) return parsed(value['value'] ?? null);
  const told = isRawObject(error) ? error : {};
  const code = rawList(told['hresults'])
    .map(rawText)
    .find((each) => each !== undefined && /^[0-9a-f]{8}$/.test(each) && !isGeneral(each));
  return unparsed(code === undefined ? 'query-error' : `hresult-0x${code}`, rawText(told['message']));
}

/** HRESULTs of .NET that only say that something was thrown. */
function isGeneral(code: string): boolean {
  return ['80131500', '80131501', '80131502', '00000000'].includes(code);
}

const version = /^\s*(\d{1,6})\.(\d{1,6})\.(\d{1,6})\.(\d{1,6})/;

/** Four numbers without leading zeros, from the beginning of a text: `15.01.2308.020` is 15.1.2308.20. */
export function rawVersion(value: unknown): string | undefined {
  const text = rawText(value);
  const found = text === undefined ? null : version.exec(text);
  return found === null
    ? undefined
    : found
        .slice(1, 5)
        .map((part) => String(Number(part)))
        .join('.');
}
