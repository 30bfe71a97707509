import assert from 'node:assert/strict';
import { throwAwaySigner } from '../../evidence/signing-key.ts';
import { validated } from '../../evidence/validate.ts';
import { sources, statement } from '../../schemas/generated/validators.js';
import { codeOf, pointerOf, sampleSources, sampleStatement, valueOf } from './sample.ts';

describe('validation against a schema', () => {
  it('hands back the very value that fits', () => {
    assert.equal(valueOf(validated(sources, sampleSources, 'document')), sampleSources);
  });

  it('points at an unknown member itself, escaped', () => {
    const result = validated(sources, { ...sampleSources, 'a/b~c': 1 }, 'document');
    assert.equal(codeOf(result), 'schema-violation');
    assert.equal(pointerOf(result), '/a~1b~0c');
  });

  it('points at an unknown member named __proto__', () => {
    const withProto = Object.defineProperty({ ...sampleSources }, '__proto__', { value: {}, enumerable: true });
    assert.equal(pointerOf(validated(sources, withProto, 'document')), '/__proto__');
  });

  it('points at the object that lacks a member, and names the member', () => {
    const { collector: _, ...rest } = sampleSources;
    const result = validated(sources, rest, 'document');
    assert.equal(pointerOf(result), '');
    assert.ok(!result.ok && result.refusal.message.includes("'collector'"));
  });

  it('points at a value in the depth and does not quote it', () => {
    const wrong = sampleStatement(throwAwaySigner());
    wrong.predicate.run.startedAt = 'hunter2';
    const result = validated(statement, wrong, 'statement');
    assert.equal(pointerOf(result), '/predicate/run/startedAt');
    assert.ok(!result.ok && !result.refusal.message.includes('hunter2'));
  });

  it('cuts the name of an unknown member that is as long as a file', () => {
    const result = validated(sources, { ...sampleSources, ['x'.repeat(1_000_000)]: 1 }, 'document');
    assert.ok((pointerOf(result)?.length ?? 0) < 300);
    assert.ok(!result.ok && result.refusal.message.length < 500);
  });
});
