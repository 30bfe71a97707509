import assert from 'node:assert/strict';
import { judge } from './judge-named.ts';
import { usualFacts } from './named-stack.ts';
import { namedStacks } from './named-stacks.ts';

describe('what named PAM configurations require', () => {
  for (const { name, files, requires, account = 'alice', facts, service } of namedStacks)
    it(`${name}: ${requires}`, () => {
      const verdict = judge(files, { ...usualFacts, ...facts }, account, service);
      assert.equal(verdict.requirement, requires, JSON.stringify(verdict, undefined, 1));
      for (const way of verdict.ways) assert.ok(way.witness.length > 0, 'a way without a witness');
      if (requires === 'required') assert.ok(verdict.stops.length >= 2, 'no proof');
    });
});
