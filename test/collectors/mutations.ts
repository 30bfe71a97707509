/** Spoils texts as files and pipes do (cut, doubled, reordered, flipped, mixed with what does not belong) and feeds parsers with them. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import * as fc from 'fast-check';

export type NamedParser = {
  readonly name: string;
  readonly sample: string;
  /** A value, or a failure by name; parsers that cannot fail give their value. */
  readonly parse: (text: string) => unknown;
};

export const seed = 20_261_123;

const pieces: readonly string[] = [
  '\n',
  '\r\n',
  '\t',
  ' ',
  '\0',
  '\ufeff',
  '\ud800',
  '\udcff',
  '\u202e',
  '\u001b[2J',
  'é',
  '日本語',
  '"',
  "'",
  '\\',
  '\\\n',
  '|',
  '<',
  '>',
  '[',
  ']',
  '(',
  '{',
  '}',
  '#',
  '/*',
  ':',
  '=',
  ',',
  '-',
  '~',
  '!',
  '*',
  '-1',
  '1e308',
  '4294967295',
  '9'.repeat(40),
  '%n%s',
  ' (deleted)',
  '<!--',
  '<![CDATA[',
  '&#x110000;',
  '{"$type":',
  '"'.repeat(64),
  '('.repeat(300),
  ': '.repeat(300),
  '='.repeat(300),
  ' '.repeat(1000),
  'A'.repeat(1000),
];

/** Mulberry32: the same numbers at every run. `next(n)` is below n. */
export function numbers(from: number): (below: number) => number {
  let state = from | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * Math.max(1, below));
  };
}

/** A text with one to four harms. */
export function mutated(text: string, next: (below: number) => number): string {
  let result = text;
  for (let steps = 1 + next(4); steps > 0; steps -= 1) result = harmed(result, next);
  return result;
}

function harmed(text: string, next: (below: number) => number): string {
  const at = next(text.length + 1);
  const to = Math.min(text.length, at + next(next(4) === 0 ? text.length : 40));
  switch (next(11)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(to);
    case 2:
      return text.length > 20_000 ? text : text.slice(0, to) + text.slice(at);
    case 3:
    case 4:
      return text.slice(0, at) + (pieces[next(pieces.length)] ?? '') + text.slice(at);
    case 5:
      return text.slice(0, at) + String.fromCharCode(next(256)) + text.slice(at + 1);
    case 6:
      return text.slice(0, at) + String.fromCharCode(next(0x1_0000)) + text.slice(at + 1);
    case 7: {
      const from = next(text.length + 1);
      return text.slice(0, at) + text.slice(from, from + next(80)) + text.slice(at);
    }
    case 8: {
      // A line that is not there.
      const begin = text.lastIndexOf('\n', at - 1) + 1;
      const end = text.indexOf('\n', at);
      return end === -1 ? text.slice(0, begin) : text.slice(0, begin) + text.slice(end + 1);
    }
    case 9:
      return next(8) === 0 ? text.split('\n').toReversed().join('\n') : text.slice(to) + text.slice(0, to);
    default:
      return text.slice(0, at) + text.slice(at, to).toUpperCase() + text.slice(to);
  }
}

export type Fed = { readonly runs: number; readonly values: number; readonly failures: number };

/**
 * Feeds a parser: most texts come from its own sample, one in five from `others`, which it is not made for.
 * A value or a named failure, never a throw. A run that fails shows its seed and its text.
 */
export function feed({ name, sample, parse }: NamedParser, runs: number, others: readonly string[] = []): Fed {
  const first = parse(sample);
  assert.ok(!isFailure(first), `${name} does not understand its own sample: ${inspect(first)}`);
  let failures = 0;
  let done = 0;
  fc.assert(
    fc.property(fc.integer(), (from) => {
      const next = numbers(from);
      const base = others.length > 0 && next(5) === 0 ? (others[next(others.length)] ?? '') : sample;
      const text = mutated(base, next);
      done += 1;
      try {
        const result = parse(text);
        if (!isFailure(result)) return;
        failures += 1;
        assert.match(String(result.reason), /^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'a failure without a name');
      } catch (error) {
        throw new Error(`${name} on ${JSON.stringify(text).slice(0, 600)}`, { cause: error });
      }
    }),
    { numRuns: runs, seed },
  );
  return { runs: done, values: done - failures, failures };
}

function isFailure(result: unknown): result is { readonly ok: false; readonly reason: unknown } {
  return typeof result === 'object' && result !== null && 'ok' in result && result.ok === false;
}
