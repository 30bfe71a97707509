/**
 * Canonical JSON by the engine's own parser. What `JSON.parse` reads is written anew, and only where that gives
 * the same text is the value believed: then no member stood there twice, nothing was escaped or written otherwise,
 * and no number was out of range, for the canonical text of any value has none of that. Whoever gets nothing here
 * asks `parseStrictJson`, which tells why, or reads what is JSON but not canonical.
 */
import { canonicalText } from './canonical-json.ts';

/** A value has at least one byte, so that no text up to here exceeds the number of values that `parseStrictJson` allows. */
export const canonicalParseMaxBytes = 4_000_000;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The value and its text, where the bytes are exactly the canonical form of a value that is nested at most
 * `maxDepth` deep (as `parseStrictJson` counts) and no longer than `canonicalParseMaxBytes`; undefined else. `decoded` is what the
 * bytes say in UTF-8, where the caller has it.
 */
export function parseCanonicalJson(
  bytes: Uint8Array,
  maxDepth: number,
  decoded?: string,
): { readonly value: unknown; readonly text: string } | undefined {
  if (bytes.length > canonicalParseMaxBytes) return undefined;
  try {
    const text = decoded ?? utf8.decode(bytes);
    const value: unknown = JSON.parse(text);
    return isWrittenSo(value, text, maxDepth) || canonicalText(value, maxDepth) === text ? { value, text } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The engine's own writer gives the canonical text of whatever has its members in order: numbers and escapes are
 * ECMAScript's (RFC 8785 sections 3.2.2.2 and 3.2.2.3), but for lone surrogates, which it escapes. It is several
 * times as fast; names that are integers come out in another order, and are left to the slow way.
 */
function isWrittenSo(value: unknown, text: string, maxDepth: number): boolean {
  return JSON.stringify(value) === text && !text.includes('\\ud') && isOrdered(value, maxDepth);
}

/** Members ordered by UTF-16 code units, at every level, and no more levels than that. */
function isOrdered(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels <= 0) return false;
  if (Array.isArray(value)) return areOrdered(value, levels - 1);
  const members = value as Members;
  const names = Object.keys(members);
  return inOrder(names) && holdsOrdered(members, names, levels - 1);
}

type Members = Readonly<Record<string, unknown>>;

/** Items of a list have the same names mostly, and to see that they are the same takes less than to order them. */
function areOrdered(items: readonly unknown[], levels: number): boolean {
  let known: readonly string[] = [];
  for (const item of items) {
    if (typeof item !== 'object' || item === null) continue;
    if (levels <= 0) return false;
    if (Array.isArray(item)) {
      if (!areOrdered(item, levels - 1)) return false;
      continue;
    }
    const names = Object.keys(item);
    if (!isSame(names, known)) {
      if (!inOrder(names)) return false;
      known = names;
    }
    if (!holdsOrdered(item as Members, names, levels - 1)) return false;
  }
  return true;
}

function isSame(names: readonly string[], known: readonly string[]): boolean {
  if (names.length !== known.length) return false;
  for (let at = 0; at < names.length; at += 1) if (names[at] !== known[at]) return false;
  return true;
}

function inOrder(names: readonly string[]): boolean {
  for (let at = 1; at < names.length; at += 1) if ((names[at] ?? '') <= (names[at - 1] ?? '')) return false;
  return true;
}

function holdsOrdered(members: Members, names: readonly string[], levels: number): boolean {
  for (const name of names) {
    const member = members[name];
    if (typeof member === 'object' && member !== null && !isOrdered(member, levels)) return false;
  }
  return true;
}
