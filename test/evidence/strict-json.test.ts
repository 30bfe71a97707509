import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseStrictJson } from '../../evidence/strict-json.ts';
import { codeOf, pointerOf, valueOf } from './sample.ts';

const limits = { maxBytes: 1024 * 1024, maxDepth: 64 };

describe('strict JSON', () => {
  it('reads what JSON.parse reads, with any white space', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ stringUnit: 'binary', maxDepth: 5 }),
        fc.constantFrom('', ' ', '\t', '\n  '),
        (value, indent) => {
          const text = JSON.stringify(value, null, indent);
          assert.deepEqual(valueOf(parseStrictJson(text, limits)), JSON.parse(text));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('refuses whatever JSON.parse refuses', () => {
    const fragments = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '1',
      '-',
      '0',
      '.',
      'e',
      'true',
      'nul',
      ' ',
      '\\',
      '\\u00',
      '\n',
      '\t',
      '\u0001',
    );
    fc.assert(
      fc.property(fc.array(fragments, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        const result = parseStrictJson(text, limits);
        if (!isJson) assert.ok(!result.ok, text);
        else if (!result.ok) assert.equal(result.refusal.code, 'json-duplicate-key', text);
      }),
      { numRuns: 3000 },
    );
  });

  const wrong: readonly (readonly [string, string, string, string])[] = [
    ['two equal names', '{"a":{"b":[{"c":1,"d":2,"c":3}]}}', 'json-duplicate-key', '/a/b/0/c'],
    ['two names that are equal once their escapes are read', '{"a":1,"\\u0061":2}', 'json-duplicate-key', '/a'],
    ['two members named __proto__', '{"__proto__":1,"__proto__":2}', 'json-duplicate-key', '/__proto__'],
    ['a name that needs escaping in a pointer', '{"a/b~c":[1,]}', 'json-syntax', '/a~1b~0c/1'],
    ['half a surrogate pair written as an escape', '{"a":"\\ud800"}', 'json-syntax', '/a'],
    ['half a surrogate pair in a name', '{"\\udfff":1}', 'json-syntax', ''],
    ['a number past the range of a double', '[1e999]', 'json-syntax', '/0'],
    ['a leading zero', '[01]', 'json-syntax', ''],
    ['a control character in a string', '["a\u0000b"]', 'json-syntax', '/0'],
    ['a comment', '[1]//', 'json-syntax', ''],
    ['a second value', '{} {}', 'json-syntax', ''],
    ['nothing', '', 'json-syntax', ''],
    ['NaN', '[NaN]', 'json-syntax', '/0'],
    ['a string that does not end', '["abc', 'json-syntax', '/0'],
    ['a byte order mark', '\ufeff{}', 'json-syntax', ''],
    ['a space that JSON does not know', '[\u00a01]', 'json-syntax', '/0'],
  ];
  for (const [what, text, code, pointer] of wrong)
    it(`refuses ${what}`, () => {
      const result = parseStrictJson(text, limits);
      assert.equal(codeOf(result), code);
      assert.equal(pointerOf(result), pointer);
      assert.equal(codeOf(parseStrictJson(Buffer.from(text), limits)), code);
    });

  it('names line and column and never quotes the input, which may be secret', () => {
    const result = parseStrictJson('{\n  "password": "hunter2",\n  "x": hunter3\n}', limits);
    assert.ok(!result.ok);
    assert.match(result.refusal.message, /line 3, column 8/);
    assert.doesNotMatch(result.refusal.message, /hunter/);
  });

  it('refuses bytes that are not UTF-8: wrong bytes, overlong forms, surrogates, a cut sequence', () => {
    for (const hex of ['22ff22', '22c0af22', '22eda08022', '22f490808022', '22e282'])
      assert.equal(codeOf(parseStrictJson(Buffer.from(hex, 'hex'), limits)), 'json-not-utf8', hex);
    assert.equal(codeOf(parseStrictJson('"\ud800"', limits)), 'json-not-utf8');
  });

  it('takes the deepest nesting allowed and refuses one level more, with the pointer', () => {
    const nested = (depth: number): string => '[{"a":'.repeat(depth / 2) + '1' + '}]'.repeat(depth / 2);
    assert.ok(parseStrictJson(nested(64), limits).ok);
    const result = parseStrictJson(nested(66), limits);
    assert.equal(codeOf(result), 'json-too-deep');
    assert.equal(pointerOf(result), '/0/a'.repeat(32));
  });

  it('refuses a million nested arrays or objects without overflowing its stack', () => {
    assert.equal(codeOf(parseStrictJson('['.repeat(1_000_000), limits)), 'json-too-deep');
    assert.equal(codeOf(parseStrictJson('{"a":'.repeat(200_000), limits)), 'json-too-deep');
    assert.equal(codeOf(parseStrictJson(Buffer.from('['.repeat(1_000_000)), limits)), 'json-too-deep');
  });

  it('refuses input past the cap before it reads any of it', () => {
    // 200 MB of zero bytes: no JSON and never touched, so the operating system does not even provide them.
    assert.equal(codeOf(parseStrictJson(new Uint8Array(200_000_000), limits)), 'json-too-large');
    assert.equal(codeOf(parseStrictJson('"éé"', { maxBytes: 5, maxDepth: 1 })), 'json-too-large');
    assert.equal(valueOf(parseStrictJson('"éé"', { maxBytes: 6, maxDepth: 1 })), 'éé');
  });

  it('refuses more values than allowed, which would take far more memory than their text', () => {
    const few = { ...limits, maxValues: 4 };
    assert.ok(parseStrictJson('[1,{"a":2}]', few).ok);
    const result = parseStrictJson('[1,{"a":[]},2]', few);
    assert.equal(codeOf(result), 'json-too-large');
    assert.equal(pointerOf(result), '/2');
    const unasked = `[${'0,'.repeat(4_000_000)}0]`;
    assert.equal(codeOf(parseStrictJson(unasked, { maxBytes: 2 ** 26, maxDepth: 64 })), 'json-too-large');
  });

  it('takes a member named __proto__ as data and pollutes nothing', () => {
    const value = valueOf(
      parseStrictJson('{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}', limits),
    );
    assert.ok(typeof value === 'object' && value !== null);
    assert.deepEqual(Object.keys(value), ['__proto__', 'constructor']);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.equal('isAdmin' in value, false);
    assert.equal('isAdmin' in {}, false);
  });
});
