/**
 * How a source is named in signed documents: clean, printable, bounded, whatever a server calls its
 * files. Two sources never share a name.
 */
import { createHash } from 'node:crypto';
import { encodeText } from '../../collectors/text.ts';
import type { SourceRecord } from '../../schemas/generated/types.ts';

/** Control, format, private and lone surrogate code points, line ends, and a `%` that would read as an encoded byte. */
const unprintable = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|%(?=[0-9A-Fa-f]{2})/gu;

/** Longest locator that the schema takes, in UTF-16 units. */
const maxLength = 4096;

/**
 * Text in printable UTF-8: bytes that are not UTF-8, control characters and invisible ones are
 * percent-encoded (RFC 3986 section 2.1), everything else stays as it is.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) =>
    Array.from(encodeText(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

/** `file:/etc/os-release`. What is too long is cut, and ends in `…#` and 32 digits of the SHA-256 of the whole. */
export function locatorOf(kind: SourceRecord['kind'], text: string): string {
  const locator = `${kind}:${printable(text)}`;
  if (locator.length <= maxLength) return locator;
  const mark = `…#${createHash('sha256').update(locator).digest('hex').slice(0, 32)}`;
  const cut = locator.slice(0, maxLength - mark.length);
  return (cut.isWellFormed() ? cut : cut.slice(0, -1)) + mark;
}
