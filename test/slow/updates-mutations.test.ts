/** A hundred thousand mutations of the recorded formats: a value or a named failure, never a throw, never a loop. */
import assert from 'node:assert/strict';
import { mutated } from '../collectors/updates/mutate.ts';
import { samples } from '../collectors/updates/parsers.ts';

/** Mulberry32: the same numbers at every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * Math.max(1, below));
  };
}

describe('the parsers of update levels', () => {
  it('give a value or a named failure for 100,000 mutated recordings', () => {
    const each = Math.ceil(100_000 / samples.length);
    let values = 0;
    let failures = 0;
    for (const [index, { name, parse, text }] of samples.entries()) {
      const next = numbers(index + 1);
      for (let count = 0; count < each; count += 1) {
        const input = mutated(text, next);
        const result = parse(input);
        if (result.ok) values += 1;
        else {
          failures += 1;
          assert.match(result.reason, /^[a-z0-9]+(?:-[a-z0-9]+)*$/, `${name}: ${JSON.stringify(input).slice(0, 300)}`);
        }
      }
    }
    console.log(
      `      ${values + failures} mutations of ${samples.length} formats: ${values} values, ${failures} named failures`,
    );
    assert.ok(values > 0 && failures > 0);
  });
});
