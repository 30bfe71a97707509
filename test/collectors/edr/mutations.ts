/** Spoils texts as files and pipes do: cut, doubled, reordered, flipped, mixed with what does not belong. */
import * as fc from 'fast-check';

const rubbish = [
  '\u0000',
  '\udcff',
  '\ufeff',
  '\r\n',
  '\u202e',
  '<![CDATA[',
  '{"$type":',
  '"'.repeat(64),
  ' '.repeat(2000),
  ': '.repeat(500),
  '='.repeat(500),
  '('.repeat(300),
  '%n%s',
  'ÄÖß',
  '日本語',
  '-1',
  '4294967295',
  '1e308',
];

/** A mutated copy of one of the samples. */
export function mutated(sample: string): fc.Arbitrary<string> {
  const at = fc.nat({ max: Math.max(0, sample.length) });
  return fc
    .array(
      fc.tuple(
        fc.constantFrom('cut', 'drop', 'double', 'insert', 'flip', 'line', 'swap', 'upper'),
        at,
        at,
        fc.constantFrom(...rubbish),
        fc.nat({ max: 0xffff }),
      ),
      { minLength: 1, maxLength: 6 },
    )
    .map((steps) => steps.reduce((text, step) => mutate(text, ...step), sample));
}

function mutate(text: string, how: string, one: number, two: number, with_: string, code: number): string {
  const from = Math.min(one, two, text.length);
  const to = Math.min(Math.max(one, two), text.length);
  switch (how) {
    case 'cut':
      return text.slice(0, from);
    case 'drop':
      return text.slice(0, from) + text.slice(to);
    case 'double':
      return text.length > 20_000 ? text : text.slice(0, to) + text.slice(from);
    case 'insert':
      return text.slice(0, from) + with_ + text.slice(from);
    case 'flip':
      return text.slice(0, from) + String.fromCharCode(code) + text.slice(from + 1);
    case 'line':
      return text
        .split('\n')
        .filter((_, at) => at !== from % 7)
        .join('\n');
    case 'swap':
      return text.split('\n').toReversed().join('\n');
    default:
      return text.slice(0, from) + text.slice(from, to).toUpperCase() + text.slice(to);
  }
}

/** Runs every parser on mutated samples: a value or a named failure, never a throw, and nothing slow. Gives the number of runs. */
export function checkParsers(
  parsers: readonly { readonly name: string; readonly sample: string; readonly parse: (text: string) => unknown }[],
  numRuns: number,
  others: readonly string[] = [],
): number {
  for (const { name, sample, parse } of parsers) {
    // Half of the texts are what the parser is made for.
    const texts =
      others.length === 0 ? mutated(sample) : fc.oneof(mutated(sample), fc.constantFrom(...others).chain(mutated));
    fc.assert(
      fc.property(texts, (text) => {
        const result = parse(text);
        if (typeof result === 'object' && result !== null && 'ok' in result && result.ok === false) {
          const reason = 'reason' in result ? result.reason : undefined;
          if (typeof reason !== 'string' || !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(reason))
            throw new Error(`${name}: a failure without a name`);
        }
      }),
      { numRuns, seed: 20_261_123 },
    );
  }
  return parsers.length * numRuns;
}
