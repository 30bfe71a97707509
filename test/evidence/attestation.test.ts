import assert from 'node:assert/strict';
import {
  type AttestationKind,
  attestationKinds,
  decodeAttestation,
  encodeAttestation,
  openAttestation,
  signAttestation,
} from '../../evidence/attestation.ts';
import { sha256Hex } from '../../evidence/digest.ts';
import { signPayload } from '../../evidence/envelope.ts';
import { throwAwaySigner, verificationKeyOf } from '../../evidence/signing-key.ts';
import { codeOf, pointerOf, valueOf } from './sample.ts';

const target = '0f5b6c1d2e3f405162738495a6b7c8d9';
const digest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const madeAt = '2026-01-02T03:04:05Z';
const expiresAt = '2026-04-02T00:00:00Z';
const author = { name: 'Jane Doe', role: 'reviewer' };
const plan = 'title: Pläne\n';

/** One of each kind, without what all have. */
const samples: Readonly<Record<AttestationKind, object>> = {
  'detection-acknowledged': {
    targets: [target],
    detections: { upTo: madeAt },
    disposition: 'removed',
    outcome: 'red team',
  },
  'admins-reviewed': {
    targets: [target],
    reviewed: [{ bundle: digest }],
    decision: 'accepted',
    outcome: 'on the list',
  },
  exception: {
    about: { kind: 'fix', id: 'CVE-2026-0001' },
    targets: [target],
    reason: 'vendor',
    compensatingMeasure: 'firewall',
    owner: 'Jane Doe',
    expiresAt,
  },
  'break-glass': { accounts: [{ name: 'emergency' }], targets: [target], reason: 'outage', expiresAt },
  'incident-aware': { awareAt: '2026-01-01T00:00:00Z', what: 'mail to strangers', targets: [] },
  plan: { text: plan, digest: sha256Hex(Buffer.from(plan)) },
  claim: { targets: [target], asOf: madeAt, claim: { kind: 'updates-installed' }, words: 'all installed' },
  withdrawal: { attestation: digest, reason: 'wrong server' },
};

function sample(kind: AttestationKind, more: object = {}): object {
  return { kind, author, madeAt, ...samples[kind], ...more };
}

function without(name: string, value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([member]) => member !== name));
}

describe('an attestation', () => {
  const signer = throwAwaySigner();
  const key = verificationKeyOf(signer);

  for (const kind of attestationKinds)
    it(`of ${kind} is signed, read back, and has one form`, () => {
      const signed = valueOf(signAttestation(sample(kind), signer));
      const bytes = encodeAttestation(signed);
      const read = valueOf(decodeAttestation(bytes));
      assert.equal(read.predicate.kind, kind);
      assert.equal(read.digest, signed.digest);
      assert.deepEqual(Buffer.from(encodeAttestation(read)), Buffer.from(bytes));
    });

  it('lasts for ever in no exception and no break-glass account', () => {
    for (const kind of ['exception', 'break-glass'] as const) {
      const refused = signAttestation(without('expiresAt', sample(kind)), signer);
      assert.deepEqual([codeOf(refused), pointerOf(refused)], ['schema-violation', '/predicate/expiresAt']);
      const past = signAttestation(sample(kind, { expiresAt: '2025-12-31T00:00:00Z' }), signer);
      assert.deepEqual([codeOf(past), pointerOf(past)], ['attestation-incoherent', '/predicate/expiresAt']);
    }
  });

  it('says nothing of what is yet to come: no claim, no acknowledgement, no awareness', () => {
    const future = '2026-01-03T00:00:00Z';
    for (const [kind, more] of [
      ['claim', { asOf: future }],
      ['incident-aware', { awareAt: future }],
      ['detection-acknowledged', { detections: { upTo: future } }],
    ] as const)
      assert.equal(codeOf(signAttestation(sample(kind, more), signer)), 'attestation-incoherent', kind);
  });

  it('of a plan holds the text that its digest is of', () => {
    assert.equal(codeOf(signAttestation(sample('plan', { text: 'another' }), signer)), 'attestation-incoherent');
  });

  it('has the members of its kind and no others', () => {
    const refused = signAttestation(sample('claim', { owner: 'x' }), signer);
    assert.equal(codeOf(refused), 'schema-violation');
    assert.equal(
      codeOf(signAttestation(sample('claim', { claim: { kind: 'fix-installed' } }), signer)),
      'schema-violation',
    );
    assert.equal(codeOf(signAttestation('claim', signer)), 'schema-violation');
  });

  it('is refused where it is about another thing than it says, or names another key', () => {
    const { statement } = valueOf(openAttestation(valueOf(signAttestation(sample('claim'), signer)).bundle, key));
    const other = { ...statement, subject: [{ name: 'target/0', digest: { sha256: digest } }] };
    assert.deepEqual(pointerOf(openAttestation(signPayload(other, signer).bundle, key)), '/subject');
    const foreign = { ...statement, predicate: { ...statement.predicate, key: { id: digest } } };
    assert.equal(codeOf(openAttestation(signPayload(foreign, signer).bundle, key)), 'key-mismatch');
  });
});
