/**
 * Text that may not be UTF-8. Inside the program each byte that does not belong to valid UTF-8 is a
 * lone surrogate U+DC80–U+DCFF (the way of Python's PEP 383): parsers work on plain strings, paths
 * survive the round trip, and at the edge of a document such text becomes `{ bytes }`.
 */
import type { Text } from '../schemas/generated/types.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
/** A byte that is not UTF-8, as decodeBytes writes it: a low surrogate without its high one. */
const escapedByte = /(?<![\uD800-\uDBFF])[\uDC80-\uDCFF]/g;
const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Decodes UTF-8; what is not UTF-8 is kept byte by byte. */
export function decodeBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeMixed(bytes);
  }
}

function decodeMixed(bytes: Uint8Array): string {
  let text = '';
  let valid = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    text += strict.decode(bytes.subarray(valid, at)) + String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
    at += 1;
    valid = at;
  }
  return text + strict.decode(bytes.subarray(valid));
}

/** Length of the valid UTF-8 sequence that begins here, 0 where there is none (RFC 3629 section 4). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return 0;
  const second = bytes[at + 1] ?? 0;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let next = at + 2; next < at + length; next += 1) if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** The bytes that `decodeBytes` read. Never longer than three bytes for each UTF-16 unit. */
export function encodeText(text: string): Uint8Array {
  if (!loneSurrogate.test(text)) return encoder.encode(text);
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  let from = 0;
  for (const { index } of text.matchAll(escapedByte)) {
    length += encoder.encodeInto(text.slice(from, index), bytes.subarray(length)).written;
    bytes[length] = text.charCodeAt(index) - 0xdc00;
    length += 1;
    from = index + 1;
  }
  length += encoder.encodeInto(text.slice(from), bytes.subarray(length)).written;
  return bytes.slice(0, length);
}

/** Whether the text is the UTF-8 that it was read from. */
export function isUtf8(text: string): boolean {
  return !loneSurrogate.test(text);
}

/** The text as a document holds it. */
export function toText(text: string): Text {
  return isUtf8(text) ? text : { bytes: toBase64(encodeText(text)) };
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Canonical base64 (RFC 4648 section 4). Collectors know no `Buffer`. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const left = bytes.length - at;
    text += alphabet.charAt(a >> 2) + alphabet.charAt(((a & 3) << 4) | (b >> 4));
    text += left > 1 ? alphabet.charAt(((b & 15) << 2) | (c >> 6)) : '=';
    text += left > 2 ? alphabet.charAt(c & 63) : '=';
  }
  return text;
}

/** Bytes of base64 text; undefined where it is not base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  const bare = text.replace(/=+$/, '');
  if (bare.length % 4 === 1) return undefined;
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const char of bare) {
    const value = alphabet.indexOf(char);
    if (value < 0) return undefined;
    held = (held << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 255);
      held &= (1 << bits) - 1;
    }
  }
  return Uint8Array.from(bytes);
}
