/** JSON that a tool printed, of which every member may be missing or of another type. */
import { type Parsed, parsed, unparsed } from '../fact.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Fails with `empty-output` and with `not-json`; what surrounds the JSON is not looked for. */
export function parseJson(text: string): Parsed<unknown> {
  if (text.trim() === '') return unparsed('empty-output');
  try {
    return parsed(JSON.parse(text) as unknown);
  } catch {
    return unparsed('not-json');
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The items of a member that is a list; empty where it is none. */
export function listIn(value: unknown, name: string): readonly unknown[] {
  const member = isObject(value) ? value[name] : undefined;
  return Array.isArray(member) ? member : [];
}

/** The objects among the items of a list. */
export function objectsIn(value: unknown, name: string): readonly JsonObject[] {
  return listIn(value, name).filter(isObject);
}

/** A member that is a text, and not an empty one. */
export function textIn(value: unknown, name: string): string | undefined {
  const member = isObject(value) ? value[name] : undefined;
  return typeof member === 'string' && member !== '' ? member : undefined;
}

export function objectIn(value: unknown, name: string): JsonObject | undefined {
  const member = isObject(value) ? value[name] : undefined;
  return isObject(member) ? member : undefined;
}
