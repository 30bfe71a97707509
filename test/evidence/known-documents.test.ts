/** A reader of many packs parses each document once: it must refuse whatever one that reads a single pack refuses. */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { signStatement } from '../../evidence/bundle.ts';
import { canonicalText } from '../../evidence/canonical-json.ts';
import { parseCanonicalJson } from '../../evidence/canonical-parse.ts';
import { decodePack, documentDigest, encodePack, packMediaType } from '../../evidence/pack.ts';
import { packInParts } from '../../evidence/pack-parts.ts';
import { type ProvedDocuments, provedDocuments } from '../../evidence/proved-documents.ts';
import { throwAwaySigner } from '../../evidence/signing-key.ts';
import { verifyPack } from '../../evidence/verify-pack.ts';
import {
  codeOf,
  keyOf,
  sampleLog,
  samplePack,
  sampleSources,
  sampleStatement,
  valueOf,
  withReceipt,
} from './sample.ts';

describe('documents that were read before', () => {
  const log = sampleLog();
  const pack = withReceipt(samplePack(), log);
  const trust = { key: () => pack.key, logKey: log.verifier };
  const warm = (): ProvedDocuments => {
    const known = provedDocuments();
    assert.ok(verifyPack(pack.bytes, { ...trust, known }).ok);
    return known;
  };

  it('are handed back as they were, and give the same answer', () => {
    const known = warm();
    const again = valueOf(verifyPack(pack.bytes, { ...trust, known }));
    assert.deepEqual(again, valueOf(verifyPack(pack.bytes, trust)));
    assert.equal(again.documents.get('sources/updates'), known.get(documentDigest(sampleSources))?.document);
  });

  it('let no changed byte through, nor one put in or taken away, and tell the same of it', function () {
    this.timeout(60_000);
    const known = warm();
    const tell = (result: ReturnType<typeof decodePack>): unknown => (result.ok ? 'taken' : result.refusal);
    const differing: string[] = [];
    const accepted: string[] = [];
    for (const at of pack.bytes.keys()) {
      const other = Buffer.from(pack.bytes);
      other[at] = (other[at] ?? 0) ^ 0x01;
      const longer = Buffer.concat([pack.bytes.subarray(0, at), Buffer.of(0x20), pack.bytes.subarray(at)]);
      const shorter = Buffer.concat([pack.bytes.subarray(0, at), pack.bytes.subarray(at + 1)]);
      for (const [how, bytes] of Object.entries({ other, longer, shorter })) {
        const decoded = decodePack(bytes, known);
        if (canonicalText(tell(decoded)) !== canonicalText(tell(decodePack(bytes)))) differing.push(`${how} at ${at}`);
        if (decoded.ok && verifyPack(bytes, { ...trust, known }).ok) accepted.push(`${how} at ${at}`);
      }
    }
    assert.deepEqual(accepted, []);
    assert.deepEqual(differing, []);
  });

  it('are held against the schema of every name that they get', () => {
    const signer = throwAwaySigner();
    const known = provedDocuments();
    const named = (name: string): ReturnType<typeof verifyPack> => {
      const documents = new Map([[name, sampleSources]]);
      const { bundle } = signStatement(sampleStatement(signer, documents), signer);
      const bytes = encodePack({ bundle, documents: new Map([[documentDigest(sampleSources), sampleSources]]) });
      return verifyPack(bytes, { key: () => keyOf(signer), known });
    };
    for (const name of ['raw/1', 'sources/updates', 'raw/1']) assert.ok(named(name).ok);
    for (const name of ['host', 'edr', 'host']) assert.equal(codeOf(named(name)), 'schema-violation');
    assert.equal(codeOf(named('weather')), 'document-unknown');
  });

  it('prove nothing of a signature', () => {
    const other = samplePack();
    const forged = encodePack({ ...pack.parts, bundle: other.parts.bundle });
    assert.equal(codeOf(verifyPack(forged, { ...trust, known: warm() })), 'key-mismatch');
  });

  it('are forgotten when there are too many, the one longest out of use first', () => {
    const known = provedDocuments(100, 2);
    for (const digest of ['a', 'b']) known.add(digest, {}, 40);
    known.get('a');
    known.add('c', {}, 40);
    assert.deepEqual(
      ['a', 'b', 'c'].map((digest) => known.get(digest) !== undefined),
      [true, false, true],
    );
    known.add('d', {}, 90);
    known.add('too long', {}, 101);
    assert.deepEqual(
      ['a', 'c', 'd', 'too long'].map((digest) => known.get(digest) !== undefined),
      [false, false, true, false],
    );
  });

  it('may be nested as deep as before, and no deeper', () => {
    for (const [levels, code] of [
      [62, undefined],
      [63, 'json-too-deep'],
    ] as const) {
      let document: object = {};
      for (let level = 1; level < levels; level += 1) document = { a: document };
      const bytes = encodePack({
        bundle: pack.parts.bundle,
        documents: new Map([[documentDigest(document), document]]),
      });
      const decoded = decodePack(bytes);
      assert.equal(decoded.ok ? undefined : decoded.refusal.code, code);
    }
  });
});

describe('canonical JSON by the engine', () => {
  it('is taken in its one form only', () => {
    for (const text of [
      '{"a":[1,"\u00e9",null],"b":{"__proto__":1}}',
      '"\\u0000\\""',
      '1e+300',
      '{}',
      '[{"a":1,"b":1},{"a":1,"b":1},{"a":1,"c":1},{"a":[{"b":1}]},null]',
      // Names that are integers come out of the engine in another order, and this is no surrogate.
      '{"10":1,"9":2}',
      '"C:\\\\udata"',
    ])
      assert.equal(parseCanonicalJson(Buffer.from(text), 64)?.text, text);
    for (const text of [
      '{"a":1,"a":1}',
      '{"b":1,"a":1}',
      '[{"b":1,"a":1}]',
      // Members of a list are looked at beside the one before.
      '[{"a":1,"b":1},{"b":1,"a":1}]',
      '[{"a":1,"b":1},{"a":1,"b":1,"B":1}]',
      '[{"a":1,"b":1},{"c":1,"b":1}]',
      '[{"a":1},{"a":{}}]',
      '{"9":2,"10":1}',
      '["\\ud800",{}]',
      ' 1',
      '1.0',
      '-0',
      '1e999',
      '"\\u0041"',
      '"\\ud800"',
      '"\\/"',
      '\ufeff1',
      '[1',
      '',
      '[[[]]]',
    ])
      assert.equal(parseCanonicalJson(Buffer.from(text), 2), undefined, text);
    assert.equal(parseCanonicalJson(Buffer.of(0x22, 0xff, 0x22), 2), undefined);
    assert.equal(parseCanonicalJson(Buffer.of(0x22, 0xed, 0xa0, 0x80, 0x22), 2), undefined);
  });

  it('takes exactly what canonicalText writes, also where the engine orders members otherwise', () => {
    for (const text of ['{"10":1,"9":2}', '[{"\u{10000}":3,"\ue000":2}]'])
      assert.equal(parseCanonicalJson(Buffer.from(text), 64)?.text, text);
    for (const text of ['{"9":2,"10":1}', '[{"\ue000":2,"\u{10000}":3}]'])
      assert.equal(parseCanonicalJson(Buffer.from(text), 64), undefined);
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 5 }), (value) => {
        const canonical = canonicalText(value);
        assert.deepEqual(parseCanonicalJson(Buffer.from(canonical), 64), {
          value: JSON.parse(canonical),
          text: canonical,
        });
        const asWritten = JSON.stringify(value);
        assert.equal(parseCanonicalJson(Buffer.from(asWritten), 64) !== undefined, asWritten === canonical);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses lone surrogates and depth wherever they stand', () => {
    for (const lone of ['"\\ud800"', '{"\\udc00":1}', '[{"a":"x\\udfffy"}]', '{"a":"\\\\\\ud800"}'])
      assert.equal(parseCanonicalJson(Buffer.from(lone), 64), undefined, lone);
    assert.equal(parseCanonicalJson(Buffer.from('"\\\\ud800"'), 64)?.value, '\\ud800', 'a backslash, and no surrogate');
    for (const nested of ['[[1]]', '{"a":{}}', '[{}]']) {
      assert.ok(parseCanonicalJson(Buffer.from(nested), 2));
      assert.equal(parseCanonicalJson(Buffer.from(nested), 1), undefined, nested);
    }
  });
});

describe('documents in a pack', () => {
  it('end where their digest says, whatever they hold that looks like the end', () => {
    const other = documentDigest(sampleSources);
    const lures = [
      { a: { b: {} }, [other]: {} },
      { a: { a: {}, [other]: {} }, mediaType: 'text/plain' },
      { a: { b: {} }, mediaType: packMediaType },
      { a: { b: { c: {} }, mediaType: {} }, b: `{},"${other}":{`, c: '}},"mediaType":"' },
      sampleSources,
    ];
    const documents = new Map(lures.map((document): [string, object] => [documentDigest(document), document]));
    for (const count of [1, 2, lures.length]) {
      const some = new Map([...documents].slice(0, count));
      const found = packInParts(encodePack({ bundle: samplePack().parts.bundle, documents: some }), packMediaType, 64);
      assert.deepEqual(found?.pack.documents, Object.fromEntries(some));
    }
  });
});
