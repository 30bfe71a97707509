import assert from 'node:assert/strict';
import { array, assert as check, nat, property } from 'fast-check';
import { mutated } from './mutate.ts';
import { samples } from './parsers.ts';

describe('each parser of update levels', () => {
  for (const { name, parse, text } of samples) {
    it(`${name}: understands its sample, and gives a value or a named failure for 200 mutations of it`, () => {
      const known = parse(text);
      assert.ok(known.ok, JSON.stringify(known));
      check(
        property(array(nat(), { minLength: 24, maxLength: 24 }), (numbers) => {
          let at = 0;
          const next = (below: number): number => (numbers[at++ % numbers.length] ?? 0) % Math.max(1, below);
          const result = parse(mutated(text, next));
          if (!result.ok) assert.match(result.reason, /^[a-z0-9]+(?:-[a-z0-9]+)*$/);
        }),
        { numRuns: 200 },
      );
    });
  }

  // Quadratic time on any of these is minutes, past every deadline of the runner.
  it('ends on long hostile texts', () => {
    for (const { parse, text } of samples)
      for (const hostile of [
        ' '.repeat(200_000),
        '='.repeat(200_000),
        `${text}\n`.repeat(200),
        'a '.repeat(100_000),
        ':\n'.repeat(100_000),
        ' : a\n'.repeat(60_000),
        '<a '.repeat(60_000),
      ])
        parse(hostile);
  }).timeout(20_000);
});
