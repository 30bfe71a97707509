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
 * `maxDepth` deep (as `parseStrictJson` counts) and no longer than `canonicalParseMaxBytes`; undefined else.
 */
export function parseCanonicalJson(
  bytes: Uint8Array,
  maxDepth: number,
): { readonly value: unknown; readonly text: string } | undefined {
  if (bytes.length > canonicalParseMaxBytes) return undefined;
  try {
    const text = utf8.decode(bytes);
    const value: unknown = JSON.parse(text);
    return canonicalText(value, maxDepth) === text ? { value, text } : undefined;
  } catch {
    return undefined;
  }
}
