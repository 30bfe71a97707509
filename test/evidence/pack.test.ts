import assert from 'node:assert/strict';
import { decodePack, documentDigest, encodePack, packLimits, packParts } from '../../evidence/pack.ts';
import type { VerificationKey } from '../../evidence/signing-key.ts';
import { verifyPack } from '../../evidence/verify-pack.ts';
import {
  codeOf,
  pointerOf,
  type SampleLog,
  type SamplePack,
  sampleLog,
  samplePack,
  sampleRaw,
  valueOf,
  withReceipt,
} from './sample.ts';

/** Whether anybody would take these bytes for the pack: one who trusts the log, or one who does not know it. */
function isAccepted(bytes: Uint8Array, key: VerificationKey, log: SampleLog): boolean {
  // Most changes end here; the rest is asked twice.
  if (!decodePack(bytes).ok) return false;
  return [{ logKey: log.verifier }, {}].some((trust) => verifyPack(bytes, { key: () => key, ...trust }).ok);
}

function replaced({ bytes }: SamplePack, from: string | RegExp, to: string): Buffer {
  const text = Buffer.from(bytes).toString();
  const changed = text.replace(from, to);
  assert.notEqual(changed, text, `nothing to replace: ${String(from)}`);
  return Buffer.from(changed);
}

describe('packs', () => {
  const log = sampleLog();
  const pack = withReceipt(samplePack(), log);
  const { bytes, key } = pack;

  it('decodes to what was encoded, and encodes to the same bytes again', () => {
    const decoded = valueOf(decodePack(bytes));
    assert.deepEqual(packParts(decoded), pack.parts);
    assert.deepEqual(Buffer.from(encodePack(packParts(decoded))), Buffer.from(bytes));
    assert.ok(isAccepted(bytes, key, log));
  });

  it('does not depend on the order in which its documents are given', () => {
    const documents = new Map([...pack.parts.documents].toReversed());
    assert.deepEqual(Buffer.from(encodePack({ ...pack.parts, documents })), Buffer.from(bytes));
  });

  it('is refused with any one byte changed, anywhere, to each of four other values', function () {
    this.timeout(60_000);
    let tried = 0;
    const accepted: string[] = [];
    for (const at of bytes.keys()) {
      const original = bytes[at] ?? 0;
      for (const value of new Set([original ^ 0x01, original ^ 0x20, original ^ 0x80, 0x30])) {
        if (value === original) continue;
        const changed = Buffer.from(bytes);
        changed[at] = value;
        tried += 1;
        if (isAccepted(changed, key, log)) accepted.push(`${at}: ${original} → ${value}`);
      }
    }
    assert.ok(tried > bytes.length * 3.5);
    assert.deepEqual(accepted, []);
  });

  it('is refused with one byte put in or taken away, anywhere', function () {
    this.timeout(60_000);
    const accepted: string[] = [];
    for (let at = 0; at <= bytes.length; at += 1) {
      for (const inserted of [0x20, 0x0a, 0x30])
        if (isAccepted(Buffer.concat([bytes.subarray(0, at), Buffer.of(inserted), bytes.subarray(at)]), key, log))
          accepted.push(`${inserted} at ${at}`);
      const shorter = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
      if (at < bytes.length && isAccepted(shorter, key, log)) accepted.push(`without ${at}`);
    }
    assert.deepEqual(accepted, []);
  });

  it('is refused when it is cut off, doubled or empty', () => {
    for (const changed of [bytes.subarray(0, -1), Buffer.concat([bytes, bytes]), new Uint8Array()])
      assert.equal(codeOf(decodePack(changed)), 'json-syntax');
  });

  it('is refused with bits in its base64 that no byte holds, wherever there is room for them', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const text = Buffer.from(bytes).toString();
    let tried = 0;
    for (const found of text.matchAll(/([A-Za-z0-9+/])(=+)["\\]/g)) {
      const [, last = '', padding = ''] = found;
      const spare = padding.length === 2 ? 16 : 4;
      const base = alphabet.indexOf(last);
      for (let more = 1; more < spare; more += 1) {
        const changed = text.slice(0, found.index) + alphabet[base + more] + text.slice(found.index + 1);
        const isSame =
          Buffer.from(`${last}${padding}`, 'base64').length ===
          Buffer.from(`${alphabet[base + more]}${padding}`, 'base64').length;
        assert.ok(isSame);
        tried += 1;
        assert.equal(isAccepted(Buffer.from(changed), key, log), false);
      }
    }
    assert.ok(tried >= 3, 'the sample has no padded base64');
  });

  it('is refused with such bits by decoding alone, with the pointer', () => {
    const [last = ''] = /.(?="\],"logIndex")/.exec(Buffer.from(bytes).toString().replace('="],', '"],')) ?? [];
    const next = String.fromCharCode(last.charCodeAt(0) + 1);
    const result = decodePack(replaced(pack, `${last}="],"logIndex"`, `${next}="],"logIndex"`));
    assert.equal(codeOf(result), 'pack-not-canonical');
    assert.equal(pointerOf(result), '/receipt/hashes/2');
  });

  it('is refused without the padding of its base64, or with more of it', () => {
    assert.ok(!isAccepted(replaced(pack, /=+"/, '"'), key, log));
    assert.ok(!isAccepted(replaced(pack, /="/, '=="'), key, log));
    assert.ok(!isAccepted(replaced(pack, /"payload":"/, '"payload":"\\n'), key, log));
  });

  const changes: readonly (readonly [string, string | RegExp, string, string, string | undefined])[] = [
    ['an unknown member', /^\{/, '{"aaa":1,', 'schema-violation', '/aaa'],
    ['an unknown member in the bundle', '"bundle":{', '"bundle":{"aaa":1,', 'schema-violation', '/bundle/aaa'],
    ['an unknown member in the receipt', '"receipt":{', '"receipt":{"aaa":1,', 'schema-violation', '/receipt/aaa'],
    ['a member named __proto__', /^\{/, '{"__proto__":{},', 'schema-violation', '/__proto__'],
    [
      'a document named __proto__',
      '"documents":{',
      '"documents":{"__proto__":{},',
      'schema-violation',
      '/documents/__proto__',
    ],
    [
      'the same member twice',
      ',"mediaType":"application/vnd.affiant',
      ',"documents":{},"mediaType":"application/vnd.affiant',
      'json-duplicate-key',
      '/documents',
    ],
    [
      'a member twice deep inside',
      '"verificationMaterial":{',
      '"verificationMaterial":{"publicKey":{},',
      'json-duplicate-key',
      '/bundle/verificationMaterial/publicKey',
    ],
    ['white space', '"documents":{', '"documents": {', 'pack-not-canonical', undefined],
    ['an escape that is not needed', 'quoted', '\\u0071uoted', 'pack-not-canonical', undefined],
    [
      'a slash that is escaped',
      'application/vnd.affiant.pack',
      'application\\/vnd.affiant.pack',
      'pack-not-canonical',
      undefined,
    ],
    ['a number in another form', '"logIndex":5', '"logIndex":5.0', 'pack-not-canonical', undefined],
    ['a line feed behind it', /$/, '\n', 'pack-not-canonical', undefined],
    ['a byte order mark', /^/, '\ufeff', 'json-syntax', ''],
    [
      'no documents',
      /"documents":.*,"mediaType":"application.vnd.affiant.pack/s,
      '"mediaType":"application/vnd.affiant.pack',
      'schema-violation',
      '',
    ],
    ['another media type', 'vnd.affiant.pack.v1', 'vnd.affiant.pack.v2', 'schema-violation', '/mediaType'],
    [
      'a key id in the signature',
      '"keyid":""',
      '"keyid":"x"',
      'schema-violation',
      '/bundle/dsseEnvelope/signatures/0/keyid',
    ],
  ];
  for (const [what, from, to, code, pointer] of changes)
    it(`is refused with ${what}`, () => {
      const result = decodePack(replaced(pack, from, to));
      assert.equal(codeOf(result), code);
      assert.equal(pointerOf(result), pointer);
    });

  it('is refused with its members in another order', () => {
    const decoded = valueOf(decodePack(bytes));
    const reversed = Object.fromEntries(Object.entries(decoded).toReversed());
    const result = decodePack(Buffer.from(JSON.stringify(reversed)));
    assert.equal(codeOf(result), 'pack-not-canonical');
    assert.ok(!result.ok && result.refusal.message.endsWith('at byte 2'));
  });

  it('is refused when two documents change places or one is another', () => {
    const [first = '', second = ''] = pack.parts.documents.keys();
    const swapped = new Map([
      [first, pack.parts.documents.get(second) ?? {}],
      [second, pack.parts.documents.get(first) ?? {}],
    ]);
    assert.equal(codeOf(decodePack(encodePack({ ...pack.parts, documents: swapped }))), 'document-changed');
    const changed = new Map([...pack.parts.documents, [first, { text: 'other' }]]);
    const result = decodePack(encodePack({ ...pack.parts, documents: changed }));
    assert.equal(codeOf(result), 'document-changed');
    assert.equal(pointerOf(result), `/documents/${first}`);
  });

  it('is refused past 64 MiB and past 64 levels', () => {
    assert.equal(codeOf(decodePack(new Uint8Array(packLimits.maxBytes + 1))), 'json-too-large');
    const deep = Buffer.from(`{"documents":${'{"a":'.repeat(64)}`);
    assert.equal(codeOf(decodePack(deep)), 'json-too-deep');
    assert.equal(codeOf(decodePack(Buffer.from('['.repeat(1_000_000)))), 'json-too-deep');
  });

  it('tells a document by the SHA-256 of its canonical bytes', () => {
    assert.equal(documentDigest({ b: 1, a: 2 }), documentDigest({ a: 2, b: 1 }));
    assert.ok(pack.parts.documents.has(documentDigest(sampleRaw)));
  });
});
