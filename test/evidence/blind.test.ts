import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { blindFor } from '../../evidence/blind.ts';
import { sources } from '../../schemas/generated/validators.js';
import { sampleSources } from './sample.ts';

describe('blinds', () => {
  const key = Buffer.alloc(32, 7);

  it('are HMAC-SHA-256 over the canonical name and content, in base64url', () => {
    const expected = createHmac('sha256', key).update('{"content":{"a":1,"b":2},"name":"host"}').digest('base64url');
    assert.equal(blindFor(key, 'host', { b: 2, a: 1 }), expected);
  });

  it('stay the same while the content does, so that unchanged documents keep their digest', () => {
    assert.equal(blindFor(key, 'host', { a: 1, b: 2 }), blindFor(key, 'host', { b: 2, a: 1 }));
  });

  it('differ with content, name and key', () => {
    const blind = blindFor(key, 'host', { a: 1 });
    assert.notEqual(blindFor(key, 'host', { a: 2 }), blind);
    assert.notEqual(blindFor(key, 'updates', { a: 1 }), blind);
    assert.notEqual(blindFor(Buffer.alloc(32, 8), 'host', { a: 1 }), blind);
  });

  it('fit the schema of documents', () => {
    assert.ok(sources({ ...sampleSources, blind: blindFor(key, 'sources/updates', sampleSources) }));
  });
});
