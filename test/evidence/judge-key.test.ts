import assert from 'node:assert/strict';
import { openAttestation, signAttestation } from '../../evidence/attestation.ts';
import { judgeAttestation, judgePack } from '../../evidence/judge-key.ts';
import { openLedger } from '../../evidence/ledger.ts';
import { type Signer, throwAwaySigner, verificationKeyOf } from '../../evidence/signing-key.ts';
import { type VerifiedPack, verifyPack } from '../../evidence/verify-pack.ts';
import { codeOf, samplePack, valueOf } from './sample.ts';
import {
  at,
  enrolment,
  recordedKey,
  rotation,
  type SampleRegistrar,
  sampleRegistrar,
  target,
} from './sample-records.ts';

/** A pack of the key as it verifies, at a place of the log; `placeInLog` is proved elsewhere. */
function packAt(signer: Signer, registrar: SampleRegistrar, index: number, id = target): VerifiedPack {
  const sample = samplePack(signer);
  const verified = valueOf(verifyPack(sample.bytes, { key: () => sample.key }));
  const { predicate } = verified.statement;
  const live = { ...predicate, mode: 'service', target: { id, basis: 'machine-id' } } as const;
  const place = { origin: registrar.log.origin, index, size: index + 1, root: new Uint8Array(32) };
  return { ...verified, statement: { ...verified.statement, predicate: live }, receipt: 'verified', place };
}

describe('a pack judged by the records of its log', () => {
  const registrar = sampleRegistrar();
  const [key, next] = [throwAwaySigner(), throwAwaySigner()];
  const early = registrar.pass();
  registrar.add(enrolment(key, registrar));
  const good = registrar.pass();
  registrar.add(rotation(key, next, registrar));
  const late = registrar.pass();
  registrar.add({ kind: 'revocation', key: next.keyId, operator: 'jane', reason: 'stolen' });
  const after = registrar.pass();
  const ledger = valueOf(openLedger(registrar.records(), registrar.log));

  it('counts while its key was active, and for a while after a rotation', () => {
    assert.deepEqual(valueOf(judgePack(packAt(key, registrar, good), ledger)).standing.standing, 'active');
    assert.deepEqual(valueOf(judgePack(packAt(key, registrar, late), ledger)).standing.standing, 'superseded');
    assert.deepEqual(valueOf(judgePack(packAt(next, registrar, late), ledger)).standing.standing, 'active');
  });

  it('does not count before the enrolment, after the revocation, by a stranger, or for another server', () => {
    assert.equal(codeOf(judgePack(packAt(key, registrar, early), ledger)), 'key-not-enrolled');
    assert.equal(codeOf(judgePack(packAt(next, registrar, after), ledger)), 'key-revoked');
    assert.equal(codeOf(judgePack(packAt(throwAwaySigner(), registrar, good), ledger)), 'key-not-enrolled');
    assert.equal(codeOf(judgePack(packAt(key, registrar, good, 'f'.repeat(32)), ledger)), 'target-mismatch');
    const { place: _, ...placeless } = packAt(key, registrar, good);
    assert.equal(codeOf(judgePack(placeless, ledger)), 'receipt-missing');
  });

  it('says where the records end before it', () => {
    assert.equal(valueOf(judgePack(packAt(key, registrar, good), ledger)).isBeyond, false);
    assert.equal(valueOf(judgePack(packAt(key, registrar, 1000), ledger)).isBeyond, true);
  });

  it('does not count where the key may have been in other hands, unless the log proves it older', () => {
    const doubted = sampleRegistrar();
    const agent = throwAwaySigner();
    doubted.add(enrolment(agent, doubted));
    const before = doubted.pass();
    // A record in between, made at `at`: what stands before it is older than that.
    doubted.add(enrolment(throwAwaySigner(), doubted, { targets: ['e'.repeat(32)] }));
    const between = doubted.pass();
    doubted.add({ kind: 'revocation', key: agent.keyId, operator: 'jane', reason: 'stolen', compromisedSince: at });
    const read = valueOf(openLedger(doubted.records(), doubted.log));
    assert.ok(judgePack(packAt(agent, doubted, before), read).ok);
    assert.ok(judgePack(packAt(agent, doubted, between), read).ok, 'the revocation itself was made at that moment');
    const earlier = sampleRegistrar();
    earlier.add(enrolment(agent, earlier));
    const place = earlier.pass();
    earlier.add({
      kind: 'revocation',
      key: agent.keyId,
      operator: 'jane',
      reason: 'stolen',
      compromisedSince: '2025-01-01T00:00:00Z',
    });
    const other = valueOf(openLedger(earlier.records(), earlier.log));
    assert.equal(codeOf(judgePack(packAt(agent, earlier, place), other)), 'key-doubted');
  });
});

describe('an attestation judged by the records of its log', () => {
  const registrar = sampleRegistrar();
  const [jane, agent] = [throwAwaySigner(), throwAwaySigner()];
  registrar.add({
    kind: 'enrolment',
    key: recordedKey(jane),
    role: 'reviewer',
    targets: [],
    standing: 'active',
    by: 'operator',
    person: { name: 'Jane Doe', kinds: ['claim'] },
  });
  registrar.add(enrolment(agent, registrar));
  const place = registrar.pass();
  const ledger = valueOf(openLedger(registrar.records(), registrar.log));

  function judged(signer: Signer, more: object = {}): ReturnType<typeof judgeAttestation> {
    const claim = {
      kind: 'claim',
      author: { name: 'Jane Doe', role: 'reviewer' },
      madeAt: at,
      targets: [target],
      asOf: at,
      claim: { kind: 'updates-installed' },
      words: 'all installed',
      ...more,
    };
    const signed = valueOf(signAttestation(claim, signer));
    return judgeAttestation(valueOf(openAttestation(signed.bundle, verificationKeyOf(signer))), place, ledger);
  }

  it('counts for the person, the role and the kinds of the enrolment, and for nothing else', () => {
    assert.equal(valueOf(judged(jane)).standing.person?.name, 'Jane Doe');
    assert.equal(codeOf(judged(agent)), 'role-forbidden');
    assert.equal(codeOf(judged(throwAwaySigner())), 'key-not-enrolled');
    assert.equal(codeOf(judged(jane, { author: { name: 'Jane Doe', role: 'officer' } })), 'author-mismatch');
    const signed = valueOf(
      signAttestation(
        {
          kind: 'withdrawal',
          author: { name: 'Jane Doe', role: 'reviewer' },
          madeAt: at,
          attestation: 'a'.repeat(64),
          reason: 'x',
        },
        jane,
      ),
    );
    const opened = valueOf(openAttestation(signed.bundle, verificationKeyOf(jane)));
    assert.equal(codeOf(judgeAttestation(opened, place, ledger)), 'kind-forbidden');
  });
});
