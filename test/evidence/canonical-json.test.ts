import assert from 'node:assert/strict';
import canonicalize from 'canonicalize';
import * as fc from 'fast-check';
import { canonicalBytes, canonicalText } from '../../evidence/canonical-json.ts';

/** fast-check's own unit of this kind makes a table of all 1,114,112 characters for each use: seconds. */
const character = fc.integer({ min: 0, max: 0x10ffff - 0x800 }).map(
  (place) => String.fromCodePoint(place < 0xd800 ? place : place + 0x800),
  (text) => {
    const point = typeof text === 'string' && /^.$/su.test(text) ? text.codePointAt(0) : undefined;
    if (point === undefined || (point >= 0xd800 && point < 0xe000)) throw new Error('not one character');
    return point < 0xd800 ? point : point - 0x800;
  },
);

describe('canonical JSON', () => {
  it('writes the example of RFC 8785 section 3.2.2 as section 3.2.4 has it', () => {
    const input: unknown = JSON.parse(`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
      "literals": [null, true, false]
    }`);
    const expected =
      '7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d';
    assert.equal(Buffer.from(canonicalBytes(input)).toString('hex'), expected);
  });

  it('orders members by UTF-16 code units, as the example of RFC 8785 section 3.2.3', () => {
    const input: unknown = JSON.parse(
      '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
    );
    const names = [...canonicalText(input).matchAll(/:"([^"]*)"/g)].map(([, name]) => name);
    assert.deepEqual(names, [
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it('writes the numbers of RFC 8785 appendix B', () => {
    const samples: readonly (readonly [string, string])[] = [
      ['0000000000000000', '0'],
      ['8000000000000000', '0'],
      ['0000000000000001', '5e-324'],
      ['8000000000000001', '-5e-324'],
      ['7fefffffffffffff', '1.7976931348623157e+308'],
      ['ffefffffffffffff', '-1.7976931348623157e+308'],
      ['4340000000000000', '9007199254740992'],
      ['c340000000000000', '-9007199254740992'],
      ['4430000000000000', '295147905179352830000'],
      ['44b52d02c7e14af5', '9.999999999999997e+22'],
      ['44b52d02c7e14af6', '1e+23'],
      ['44b52d02c7e14af7', '1.0000000000000001e+23'],
      ['444b1ae4d6e2ef4e', '999999999999999700000'],
      ['444b1ae4d6e2ef4f', '999999999999999900000'],
      ['444b1ae4d6e2ef50', '1e+21'],
      ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
      ['3eb0c6f7a0b5ed8d', '0.000001'],
      ['41b3de4355555553', '333333333.3333332'],
      ['41b3de4355555554', '333333333.33333325'],
      ['41b3de4355555555', '333333333.3333333'],
      ['41b3de4355555556', '333333333.3333334'],
      ['41b3de4355555557', '333333333.33333343'],
      ['becbf647612f3696', '-0.0000033333333333333333'],
      ['43143ff3c1cb0959', '1424953923781206.2'],
    ];
    for (const [bits, text] of samples) assert.equal(canonicalText(Buffer.from(bits, 'hex').readDoubleBE()), text);
  });

  it('agrees with another implementation on any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: character, maxDepth: 5 }), (value) => {
        assert.equal(canonicalText(value), canonicalize(value));
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same value back when its text is parsed', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: character }), (value) => {
        assert.equal(canonicalText(JSON.parse(canonicalText(value))), canonicalText(value));
      }),
    );
  });

  it('writes a member named __proto__ like any other', () => {
    assert.equal(canonicalText(JSON.parse('{"b":1,"__proto__":{"a":2}}')), '{"__proto__":{"a":2},"b":1}');
  });

  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const refused: readonly (readonly [string, unknown])[] = [
    ['half a surrogate pair', 'a\ud800'],
    ['half a surrogate pair in a name', { 'a\udc80': 1 }],
    ['NaN', [Number.NaN]],
    ['Infinity', { a: Number.POSITIVE_INFINITY }],
    ['an undefined member', { a: undefined }],
    ['an undefined item', [undefined]],
    ['a hole in an array', Array(2)],
    ['undefined', undefined],
    ['a bigint', { a: 1n }],
    ['a function', [() => 1]],
    ['a Date, which other implementations turn into text in silence', new Date(0)],
    ['a Map, which would become an empty object', new Map([['a', 1]])],
    ['bytes', new Uint8Array(2)],
    ['a value that holds itself', circular],
  ];
  for (const [what, value] of refused)
    it(`refuses ${what}`, () => {
      assert.throws(() => canonicalText(value), TypeError);
    });
});
