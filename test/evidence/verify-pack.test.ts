import assert from 'node:assert/strict';
import { signStatement } from '../../evidence/bundle.ts';
import { documentDigest, encodePack } from '../../evidence/pack.ts';
import { throwAwaySigner } from '../../evidence/signing-key.ts';
import { verifyPack } from '../../evidence/verify-pack.ts';
import {
  codeOf,
  keyOf,
  pointerOf,
  type SamplePack,
  sampleLog,
  samplePack,
  sampleRaw,
  sampleSources,
  sampleStatement,
  valueOf,
  withReceipt,
} from './sample.ts';

const sourcesDigest = documentDigest(sampleSources);

function without({ parts }: SamplePack, digest: string): Uint8Array {
  return encodePack({ ...parts, documents: new Map([...parts.documents].filter(([name]) => name !== digest)) });
}

/** A rightly signed pack over any documents. */
function packOver(documents: ReadonlyMap<string, object>): SamplePack {
  const signer = throwAwaySigner();
  const { bundle, digest } = signStatement(sampleStatement(signer, documents), signer);
  const parts = {
    bundle,
    documents: new Map(Array.from(documents.values(), (document) => [documentDigest(document), document])),
  };
  return { signer, key: keyOf(signer), parts, digest, bytes: encodePack(parts) };
}

describe('verification of a pack', () => {
  const log = sampleLog();
  const plain = samplePack();
  const pack = withReceipt(plain, log);
  const key = (keyId: string) => (keyId === plain.key.keyId ? plain.key : undefined);

  it('hands back documents by the names that the statement gives them', () => {
    const verified = valueOf(verifyPack(plain.bytes, { key }));
    assert.deepEqual([...verified.documents.keys()], ['raw/1', 'raw/2', 'sources/updates']);
    assert.deepEqual(verified.documents.get('sources/updates'), sampleSources);
    assert.deepEqual(verified.documents.get('raw/2'), sampleRaw);
    assert.equal(verified.digest, plain.digest);
    assert.deepEqual(verified.missing, []);
    assert.equal(verified.receipt, 'none');
  });

  it('trusts no key that it was not told to trust', () => {
    const result = verifyPack(plain.bytes, { key: () => undefined });
    assert.equal(codeOf(result), 'key-unknown');
    assert.equal(pointerOf(result), '/bundle/verificationMaterial/publicKey/hint');
  });

  it('refuses the right key id with another key behind it', () => {
    assert.equal(codeOf(verifyPack(plain.bytes, { key: () => samplePack().key })), 'key-mismatch');
  });

  it('refuses a lacking document, or names it where documents may lack', () => {
    const bytes = without(plain, sourcesDigest);
    assert.equal(codeOf(verifyPack(bytes, { key })), 'document-missing');
    const verified = valueOf(verifyPack(bytes, { key, allowMissingDocuments: true }));
    assert.deepEqual(verified.missing, ['sources/updates']);
    assert.equal(verified.documents.has('sources/updates'), false);
  });

  it('names every subject of a lacking document that two share', () => {
    const bytes = without(plain, documentDigest(sampleRaw));
    assert.deepEqual(valueOf(verifyPack(bytes, { key, allowMissingDocuments: true })).missing, ['raw/1', 'raw/2']);
  });

  it('refuses a document that no subject names, even where documents may lack', () => {
    const stranger = { text: 'stranger' };
    const documents = new Map([...plain.parts.documents, [documentDigest(stranger), stranger]]);
    const result = verifyPack(encodePack({ ...plain.parts, documents }), { key, allowMissingDocuments: true });
    assert.equal(codeOf(result), 'document-unnamed');
    assert.equal(pointerOf(result), `/documents/${documentDigest(stranger)}`);
  });

  it('refuses the documents of one rightly signed pack under the bundle of another', () => {
    const other = packOver(new Map([['raw/1', { text: 'other' }]]));
    const mixed = encodePack({ bundle: plain.parts.bundle, documents: other.parts.documents });
    assert.equal(codeOf(verifyPack(mixed, { key, allowMissingDocuments: true })), 'document-unnamed');
  });

  it('holds each document against the schema of its name', () => {
    for (const name of ['host', 'updates', 'packages', 'edr', 'admins', 'mfa']) {
      const wrong = packOver(new Map([[name, sampleSources]]));
      assert.equal(codeOf(verifyPack(wrong.bytes, { key: () => wrong.key })), 'schema-violation', name);
    }
    const wrong = packOver(new Map([['sources/updates', { ...sampleSources, more: 1 }]]));
    const result = verifyPack(wrong.bytes, { key: () => wrong.key });
    assert.equal(codeOf(result), 'schema-violation');
    assert.equal(pointerOf(result), '/more');
  });

  it('waves no document through whose name has no schema', () => {
    const unknown = packOver(new Map([['weather', { sunny: true }]]));
    assert.equal(codeOf(verifyPack(unknown.bytes, { key: () => unknown.key })), 'document-unknown');
  });

  it('proves the receipt with the key of the log, and says so when it has none', () => {
    const verified = valueOf(verifyPack(pack.bytes, { key, logKey: log.verifier, requireReceipt: true }));
    assert.equal(verified.receipt, 'verified');
    assert.equal(verified.place?.index, 5);
    assert.equal(verified.place?.size, 7);
    assert.equal(valueOf(verifyPack(pack.bytes, { key })).receipt, 'unchecked');
    assert.equal(valueOf(verifyPack(pack.bytes, { key })).place, undefined);
  });

  it('refuses a pack without a proved receipt where one is required', () => {
    assert.equal(
      codeOf(verifyPack(plain.bytes, { key, requireReceipt: true, logKey: log.verifier })),
      'receipt-missing',
    );
    assert.equal(codeOf(verifyPack(pack.bytes, { key, requireReceipt: true })), 'receipt-unchecked');
  });

  it('refuses the receipt of another bundle, or of another log', () => {
    const other = withReceipt(samplePack(), log);
    assert.ok(other.parts.receipt);
    const moved = encodePack({ ...plain.parts, receipt: other.parts.receipt });
    const result = verifyPack(moved, { key, logKey: log.verifier });
    assert.equal(codeOf(result), 'receipt-not-included');
    assert.equal(pointerOf(result), '/receipt/hashes');
    assert.equal(codeOf(verifyPack(pack.bytes, { key, logKey: sampleLog().verifier })), 'receipt-other-log');
  });

  it('is not fooled by names that objects inherit', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      const unknown = packOver(new Map([[name, { a: 1 }]]));
      assert.equal(codeOf(verifyPack(unknown.bytes, { key: () => unknown.key })), 'document-unknown');
    }
  });
});
