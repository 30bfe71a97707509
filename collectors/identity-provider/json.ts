/** Reads members of a vendor's JSON. Whatever has another type than expected is undefined, never a default. */

export function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that is not empty, well-formed and cut to `max` UTF-16 units. */
export function textAt(value: unknown, name: string, max = 256): string | undefined {
  const text = member(value, name);
  return typeof text === 'string' && text !== '' ? text.slice(0, max).toWellFormed() : undefined;
}

export function flagAt(value: unknown, name: string): boolean | undefined {
  const flag = member(value, name);
  return typeof flag === 'boolean' ? flag : undefined;
}

export function integerAt(value: unknown, name: string): number | undefined {
  const number = member(value, name);
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** The texts of a list; null and a missing member are an empty one, anything else undefined. */
export function textsAt(value: unknown, name: string): string[] | undefined {
  if (!isObject(value)) return undefined;
  const list = value[name] ?? [];
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) return undefined;
  return list.map((item) => item.slice(0, 256).toWellFormed());
}

/** RFC 3339 in UTC, as it stands; .NET's zero (year 1) stands for never. */
export function instantAt(value: unknown, name: string): string | undefined {
  const text = member(value, name);
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text)) return undefined;
  return text.startsWith('0001-') || Number.isNaN(Date.parse(text)) ? undefined : text;
}

/** Whether a condition says anything: null, false, empty lists and objects of such do not. */
export function saysSomething(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value))
    return Object.entries(value).some(([name, inner]) => !name.includes('@') && saysSomething(inner));
  return true;
}

/** Names of members that say something and are not among the known ones. */
export function othersIn(value: unknown, known: readonly string[], prefix = ''): string[] {
  if (!isObject(value)) return saysSomething(value) ? [prefix === '' ? 'unknown' : prefix.slice(0, -1)] : [];
  return Object.entries(value)
    .filter(([name, inner]) => !known.includes(name) && !name.includes('@') && saysSomething(inner))
    .map(([name]) => `${prefix}${name}`.slice(0, 128).toWellFormed());
}
