/**
 * JSON as RFC 8259 writes it and RFC 7493 (I-JSON) narrows it: UTF-8 without a mark in front, no
 * duplicate member, no lone surrogate, no number past the range of a double, bounded size and
 * depth. `JSON.parse` keeps the last of two equal names, so two readers could see two documents in
 * one signed text; and its error texts quote the input, which may hold secrets.
 */
import { jsonPointer } from './json-pointer.ts';
import { ok, type Refusal, type Result, refuse } from './result.ts';

export type JsonLimits = {
  /** The longest input in bytes of UTF-8. */
  readonly maxBytes: number;
  /** The deepest nesting: a scalar alone has depth 0, `[]` has depth 1. Keep it under a thousand. */
  readonly maxDepth: number;
  /** The most values, counting each object, item and member's value; four million unless told. */
  readonly maxValues?: number;
};

type Reader = {
  readonly text: string;
  at: number;
  readonly path: (string | number)[];
  readonly maxDepth: number;
  valuesLeft: number;
};

/** `{},` is three bytes in the text and about eighty in memory: this many values take some 400 MB at worst. */
const defaultMaxValues = 4_000_000;

/** Carries a refusal out of the recursion; it never leaves this file. */
class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const whiteSpace = /[ \t\n\r]*/y;
const plainCharacters = /[^"\\\u0000-\u001f]*/y;
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const literals: readonly (readonly [string, boolean | null])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/**
 * Parses one JSON text. Refuses with `json-too-large`, `json-not-utf8`, `json-syntax` (line and
 * column in the message, the pointer as far as it was read), `json-duplicate-key`, `json-too-deep`
 * (both with the pointer). A member named `__proto__` is a member like any other.
 */
export function parseStrictJson(input: Uint8Array | string, limits: JsonLimits): Result<unknown> {
  const length = typeof input === 'string' ? Buffer.byteLength(input, 'utf8') : input.length;
  if (length > limits.maxBytes)
    return refuse('json-too-large', `the JSON text is ${length} bytes long, more than the ${limits.maxBytes} allowed`);
  const text = typeof input === 'string' ? input : decodeUtf8(input);
  if (text === undefined || !text.isWellFormed()) return refuse('json-not-utf8', 'the JSON text is not valid UTF-8');
  const reader: Reader = {
    text,
    at: 0,
    path: [],
    maxDepth: limits.maxDepth,
    valuesLeft: limits.maxValues ?? defaultMaxValues,
  };
  try {
    const value = readValue(reader);
    skipWhiteSpace(reader);
    if (reader.at < text.length) throw syntax(reader, 'something follows the JSON value');
    return ok(value);
  } catch (error) {
    if (error instanceof Refused) return { ok: false, refusal: error.refusal };
    throw error;
  }
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function syntax(reader: Reader, what: string): Refused {
  const before = reader.text.slice(0, reader.at);
  const line = before.split('\n').length;
  const column = reader.at - before.lastIndexOf('\n');
  return new Refused({
    code: 'json-syntax',
    message: `not JSON at line ${line}, column ${column}: ${what}`,
    pointer: jsonPointer(reader.path),
  });
}

/** Moves over what the sticky pattern matches here; false where that is nothing. */
function skip(reader: Reader, pattern: RegExp): boolean {
  pattern.lastIndex = reader.at;
  if (!pattern.test(reader.text) || pattern.lastIndex === reader.at) return false;
  reader.at = pattern.lastIndex;
  return true;
}

function skipWhiteSpace(reader: Reader): void {
  if (reader.text.charCodeAt(reader.at) <= 0x20) skip(reader, whiteSpace);
}

/** Takes one character if it is the next after white space. */
function take(reader: Reader, character: string): boolean {
  skipWhiteSpace(reader);
  if (reader.text[reader.at] !== character) return false;
  reader.at += 1;
  return true;
}

function readValue(reader: Reader): unknown {
  reader.valuesLeft -= 1;
  if (reader.valuesLeft < 0)
    throw new Refused({
      code: 'json-too-large',
      message: 'the JSON text holds more values than allowed',
      pointer: jsonPointer(reader.path),
    });
  skipWhiteSpace(reader);
  const next = reader.text[reader.at];
  if (next === '{') return nested(reader, readObject);
  if (next === '[') return nested(reader, readArray);
  if (next === '"') return readString(reader);
  if (next !== 't' && next !== 'f' && next !== 'n') return readNumber(reader);
  for (const [word, value] of literals)
    if (reader.text.startsWith(word, reader.at)) {
      reader.at += word.length;
      return value;
    }
  throw syntax(reader, 'expected a value');
}

function nested(reader: Reader, read: (reader: Reader) => unknown): unknown {
  if (reader.path.length >= reader.maxDepth)
    throw new Refused({
      code: 'json-too-deep',
      message: `the JSON text is nested more than ${reader.maxDepth} levels deep`,
      pointer: jsonPointer(reader.path),
    });
  reader.at += 1;
  return read(reader);
}

function readArray(reader: Reader): unknown[] {
  const items: unknown[] = [];
  if (take(reader, ']')) return items;
  do {
    reader.path.push(items.length);
    items.push(readValue(reader));
    reader.path.pop();
  } while (take(reader, ','));
  if (!take(reader, ']')) throw syntax(reader, 'expected , or ]');
  return items;
}

function readObject(reader: Reader): object {
  const members: Record<string, unknown> = {};
  if (take(reader, '}')) return members;
  do {
    skipWhiteSpace(reader);
    if (reader.text[reader.at] !== '"') throw syntax(reader, "expected a member's name in double quotes");
    const name = readString(reader);
    reader.path.push(name);
    if (Object.hasOwn(members, name))
      throw new Refused({
        code: 'json-duplicate-key',
        message: 'two members of one object have the same name',
        pointer: jsonPointer(reader.path),
      });
    if (!take(reader, ':')) throw syntax(reader, 'expected :');
    setMember(members, name, readValue(reader));
    reader.path.pop();
  } while (take(reader, ','));
  if (!take(reader, '}')) throw syntax(reader, 'expected , or }');
  return members;
}

/** Plain assignment to `__proto__` would change the prototype instead of adding a member. */
function setMember(members: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(members, name, { value, writable: true, enumerable: true, configurable: true });
  else members[name] = value;
}

function readString(reader: Reader): string {
  const start = reader.at;
  reader.at += 1;
  skip(reader, plainCharacters);
  if (reader.text[reader.at] === '"') {
    reader.at += 1;
    return reader.text.slice(start + 1, reader.at - 1);
  }
  while (reader.text[reader.at] !== '"') {
    if (reader.at >= reader.text.length) throw syntax(reader, 'the string does not end');
    if (!skip(reader, escape) && !skip(reader, plainCharacters))
      throw syntax(reader, 'a control character or a wrong escape in a string');
  }
  reader.at += 1;
  // Checked character by character above, so this cannot throw; it only resolves the escapes.
  const value: unknown = JSON.parse(reader.text.slice(start, reader.at));
  if (typeof value !== 'string' || !value.isWellFormed()) throw syntax(reader, 'half a surrogate pair in a string');
  return value;
}

function readNumber(reader: Reader): number {
  const start = reader.at;
  if (!skip(reader, number)) throw syntax(reader, 'expected a value');
  const value = Number(reader.text.slice(start, reader.at));
  if (!Number.isFinite(value)) throw syntax(reader, 'the number is out of range');
  return value;
}
