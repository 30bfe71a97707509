import assert from 'node:assert/strict';
import { createPrivateKey, hash, sign } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, Verifier } from '@sigstore/verify';
import { bundleDigest, openBundle, signStatement, statementOf } from '../../evidence/bundle.ts';
import { canonicalText } from '../../evidence/canonical-json.ts';
import { preAuthEncoding } from '../../evidence/dsse.ts';
import { lowerS } from '../../evidence/ecdsa.ts';
import {
  createPrivateKeyPem,
  type Signer,
  signerFromPem,
  throwAwaySigner,
  type VerificationKey,
} from '../../evidence/signing-key.ts';
import type { SigstoreBundle, Statement } from '../../schemas/generated/types.ts';
import { codeOf, keyOf, pointerOf, samplePack, sampleStatement, valueOf } from './sample.ts';

const payloadType = 'application/vnd.in-toto+json';

/** Signs any payload as an agent with that key could, however wrong. */
function bundleOver(payload: string, signer: Signer): SigstoreBundle {
  const { bundle } = signStatement(sampleStatement(signer), signer);
  const sig = Buffer.from(signer.sign(preAuthEncoding(payloadType, Buffer.from(payload)))).toString('base64');
  return {
    ...bundle,
    dsseEnvelope: { payload: Buffer.from(payload).toString('base64'), payloadType, signatures: [{ sig, keyid: '' }] },
  };
}

function withSignature(bundle: SigstoreBundle, signature: Uint8Array): SigstoreBundle {
  const sig = Buffer.from(signature).toString('base64');
  return { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, signatures: [{ sig, keyid: '' }] } };
}

/** Sigstore's own verifier, told to trust this key and no log. Throws where it refuses. */
function judgedBySigstore(bundle: unknown, { keyId, publicKey }: VerificationKey): void {
  const trust = {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [],
    ctlogs: [],
    publicKey: (hint: string) => {
      if (hint !== keyId) throw new Error('unknown key');
      return { publicKey, validFor: () => true };
    },
  };
  const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
  verifier.verify(toSignedEntity(bundleFromJSON(bundle)));
}

describe('DSSE', () => {
  it('encodes the example of the protocol: lengths in bytes, not characters', () => {
    assert.equal(
      Buffer.from(preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'))).toString(),
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    );
    assert.equal(Buffer.from(preAuthEncoding('é', Buffer.from('€'))).toString(), 'DSSEv1 2 é 3 €');
  });
});

describe('bundles', () => {
  it('opens what it signed', () => {
    const signer = throwAwaySigner();
    const statement = sampleStatement(signer);
    const { bundle, digest } = signStatement(statement, signer);
    assert.deepEqual(valueOf(openBundle(bundle, keyOf(signer))), { statement, digest });
    assert.equal(bundleDigest(bundle), digest);
    assert.deepEqual(valueOf(statementOf(bundle)), statement);
  });

  it('is read as it stands, also where its object was given another payload since', () => {
    const signer = throwAwaySigner();
    const { bundle } = signStatement(sampleStatement(signer), signer);
    const { bundle: other, digest } = signStatement(
      {
        ...sampleStatement(signer),
        predicate: {
          ...sampleStatement(signer).predicate,
          run: { startedAt: '2026-01-02T03:04:05Z', finishedAt: '2026-01-02T03:04:08Z' },
        },
      },
      signer,
    );
    assert.notEqual(bundleDigest(bundle), digest);
    Object.assign(bundle.dsseEnvelope, { payload: other.dsseEnvelope.payload });
    assert.equal(bundleDigest(bundle), digest);
    assert.equal(codeOf(openBundle(bundle, keyOf(signer))), 'signature-invalid');
  });

  it('is accepted by @sigstore/verify', () => {
    const { parts, key } = samplePack();
    judgedBySigstore(parts.bundle, key);
  });

  it('is refused by @sigstore/verify and by us with another key', () => {
    const { parts } = samplePack();
    const { key } = samplePack();
    assert.throws(() => judgedBySigstore(parts.bundle, key));
    assert.equal(codeOf(openBundle(parts.bundle, key)), 'key-mismatch');
    const claimed = { ...parts.bundle, verificationMaterial: { publicKey: { hint: key.keyId } } };
    assert.throws(() => judgedBySigstore(claimed, key));
    assert.equal(codeOf(openBundle(claimed, key)), 'signature-invalid');
  });

  it('is refused by @sigstore/verify and by us once any byte of the payload is changed', () => {
    const { parts, key } = samplePack();
    const payload = Buffer.from(parts.bundle.dsseEnvelope.payload, 'base64');
    for (const at of payload.keys()) {
      const changed = Buffer.from(payload);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const bundle = {
        ...parts.bundle,
        dsseEnvelope: { ...parts.bundle.dsseEnvelope, payload: changed.toString('base64') },
      };
      assert.throws(() => judgedBySigstore(bundle, key));
      assert.equal(codeOf(openBundle(bundle, key)), 'signature-invalid');
    }
  });

  it('refuses every changed byte of the signature', () => {
    const { parts, key } = samplePack();
    const signature = Buffer.from(parts.bundle.dsseEnvelope.signatures[0]?.sig ?? '', 'base64');
    for (const at of signature.keys())
      for (const bit of [1, 0x80]) {
        const changed = Buffer.from(signature);
        changed[at] = (changed[at] ?? 0) ^ bit;
        assert.ok(!openBundle(withSignature(parts.bundle, changed), key).ok);
      }
  });

  it('refuses the twin (r, n − s) of its signature, which plain ECDSA accepts', () => {
    const pem = createPrivateKeyPem();
    const signer = valueOf(signerFromPem(pem, 'throw-away'));
    const { bundle, digest } = signStatement(sampleStatement(signer), signer);
    const encoding = preAuthEncoding(payloadType, Buffer.from(bundle.dsseEnvelope.payload, 'base64'));
    let raw: Uint8Array;
    do raw = sign('sha256', encoding, createPrivateKey(pem));
    while (Buffer.compare(raw, lowerS(raw)) === 0);
    const twin = withSignature(bundle, raw);
    judgedBySigstore(twin, keyOf(signer));
    assert.equal(codeOf(openBundle(twin, keyOf(signer))), 'signature-not-canonical');
    assert.equal(bundleDigest(twin), digest);
    assert.ok(openBundle(withSignature(bundle, lowerS(raw)), keyOf(signer)).ok);
  });

  it('names the bundle by the SHA-256 of what is signed, so that openssl and sha256sum can', () => {
    const { parts, digest } = samplePack();
    const payload = Buffer.from(parts.bundle.dsseEnvelope.payload, 'base64');
    assert.equal(
      digest,
      hash('sha256', Buffer.concat([Buffer.from(`DSSEv1 28 ${payloadType} ${payload.length} `), payload])),
    );
  });

  const mistakes: readonly (readonly [string, (statement: Statement) => string, string, string | undefined])[] = [
    [
      'white space',
      (statement) => JSON.stringify(statement, null, 1),
      'payload-not-canonical',
      '/dsseEnvelope/payload',
    ],
    [
      'members out of order',
      (statement) => JSON.stringify(Object.fromEntries(Object.entries(statement).toReversed())),
      'payload-not-canonical',
      '/dsseEnvelope/payload',
    ],
    [
      'a duplicate key',
      (statement) => canonicalText(statement).replace('{', '{"_type":"x",'),
      'json-duplicate-key',
      '/_type',
    ],
    ['an unknown member', (statement) => canonicalText({ ...statement, extra: 1 }), 'schema-violation', '/extra'],
    [
      'another type',
      (statement) => canonicalText({ ...statement, predicateType: 'urn:x' }),
      'schema-violation',
      '/predicateType',
    ],
    [
      'subjects out of order',
      (statement) => canonicalText({ ...statement, subject: statement.subject.toReversed() }),
      'statement-incoherent',
      '/subject/1/name',
    ],
    [
      'a subject named twice',
      (statement) =>
        canonicalText({ ...statement, subject: statement.subject.flatMap((subject) => [subject, subject]) }),
      'statement-incoherent',
      '/subject/1/name',
    ],
    ['no statement at all', () => '[]', 'schema-violation', ''],
  ];
  for (const [what, payloadOf, code, pointer] of mistakes)
    it(`refuses a rightly signed payload with ${what}`, () => {
      const signer = throwAwaySigner();
      const result = openBundle(bundleOver(payloadOf(sampleStatement(signer)), signer), keyOf(signer));
      assert.equal(codeOf(result), code);
      assert.equal(pointerOf(result), pointer);
    });

  it('refuses a rightly signed statement that names another key', () => {
    const signer = throwAwaySigner();
    const bundle = bundleOver(canonicalText(sampleStatement(throwAwaySigner())), signer);
    assert.equal(codeOf(openBundle(bundle, keyOf(signer))), 'key-mismatch');
  });

  it('refuses links that do not fit their place in the chain', () => {
    const signer = throwAwaySigner();
    const digest = 'a'.repeat(64);
    const id = 'b'.repeat(32);
    const links = [
      { id, sequence: 1 },
      { id, sequence: 0, previous: digest },
      { id, sequence: 1, previous: digest, forkOf: { id, sequence: 0, digest } },
    ];
    for (const chain of links) {
      const statement = sampleStatement(signer);
      statement.predicate.chain = chain;
      assert.equal(
        codeOf(openBundle(bundleOver(canonicalText(statement), signer), keyOf(signer))),
        'statement-incoherent',
      );
      assert.throws(() => signStatement(statement, signer), TypeError);
    }
  });

  it('never signs what nobody would accept', () => {
    const signer = throwAwaySigner();
    const statement = sampleStatement(signer);
    assert.throws(() => signStatement(sampleStatement(throwAwaySigner()), signer), /another key/);
    assert.throws(() => signStatement({ ...statement, subject: [] }, signer), /schema/);
    assert.throws(() => signStatement({ ...statement, subject: statement.subject.toReversed() }, signer), /order/);
  });
});
