import assert from 'node:assert/strict';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { canonicalBytes } from '../../evidence/canonical-json.ts';
import { signPayload } from '../../evidence/envelope.ts';
import { openLedger } from '../../evidence/ledger.ts';
import { openRecord, registrarDraft, signRecord, vouchedRegistrar } from '../../evidence/record.ts';
import { openRotation, signRotation } from '../../evidence/rotation.ts';
import { decodeSigned, encodeSigned, recordMediaType, type Signed } from '../../evidence/signed-file.ts';
import { throwAwaySigner, verificationKeyOf } from '../../evidence/signing-key.ts';
import { doubtAfter, speaksFor, standingAt } from '../../evidence/standing.ts';
import { codeOf, pointerOf, sampleLog, valueOf } from './sample.ts';
import { at, enrolment, recordedKey, rotation, sampleRegistrar, target } from './sample-records.ts';

const revocation = { kind: 'revocation', operator: 'jane', reason: 'stolen' } as const;

describe('a record of the log', () => {
  const registrar = sampleRegistrar();
  const agent = throwAwaySigner();
  registrar.add(enrolment(agent, registrar));
  const records = registrar.records();
  const key = verificationKeyOf(registrar.signer);
  const [, enrolled] = records as [Signed, Signed];

  it("is a bundle that Sigstore's own verifier takes", () => {
    const material = toTrustMaterial(
      {
        certificateAuthorities: [],
        timestampAuthorities: [],
        tlogs: [],
        ctlogs: [],
        mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      },
      () => ({ publicKey: key.publicKey, validFor: () => true }),
    );
    const verifier = new Verifier(material, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
    verifier.verify(toSignedEntity(bundleFromJSON(enrolled.bundle)));
  });

  it('is refused as an attestation, by another registrar, and where it is about something else than it says', () => {
    assert.equal(
      codeOf(decodeSigned(encodeSigned('application/vnd.affiant.attestation.v1+json', enrolled), recordMediaType)),
      'file-kind',
    );
    assert.equal(codeOf(openRecord(enrolled.bundle, verificationKeyOf(throwAwaySigner()))), 'key-mismatch');
    const { statement } = valueOf(openRecord(enrolled.bundle, key));
    const other = { ...statement, subject: [{ name: 'key', digest: { sha256: 'a'.repeat(64) } }] };
    const refused = openRecord(signPayload(other, registrar.signer).bundle, key);
    assert.deepEqual([codeOf(refused), pointerOf(refused)], ['record-incoherent', '/subject']);
  });

  it('holds the proof of the enrolled key itself: a registrar alone cannot enrol a key that nobody holds', () => {
    const { statement } = valueOf(openRecord(enrolled.bundle, key));
    const stranger = recordedKey(throwAwaySigner());
    const other = {
      ...statement,
      subject: [{ name: 'key', digest: { sha256: stranger.id } }],
      predicate: { ...statement.predicate, key: stranger },
    };
    assert.equal(codeOf(openRecord(signPayload(other, registrar.signer).bundle, key)), 'proof-invalid');
  });

  it('is not signed at all where nobody would accept it', () => {
    const frame = { log: registrar.log.origin, place: { sequence: 0 }, at };
    assert.throws(() => signRecord({ ...revocation, key: agent.keyId }, frame, registrar.signer), /registrar's own/);
    assert.throws(
      () =>
        signRecord(
          enrolment(agent, registrar, { role: 'officer' }),
          { ...frame, place: { sequence: 1, previous: 'a'.repeat(64) } },
          registrar.signer,
        ),
      /role of one/,
    );
  });

  it("is nothing without the log's voucher for its signer", () => {
    const other = sampleLog();
    const draft = registrarDraft(registrar.signer, registrar.logSigner);
    assert.ok(draft.kind === 'registrar');
    const predicate = { ...draft, log: 'log.affiant.example', at, place: { sequence: 0 } };
    assert.equal(valueOf(vouchedRegistrar(predicate, registrar.log)).keyId, registrar.signer.keyId);
    assert.equal(codeOf(vouchedRegistrar(predicate, other.verifier)), 'registrar-unvouched');
    assert.equal(
      codeOf(vouchedRegistrar({ ...predicate, key: recordedKey(agent) }, registrar.log)),
      'registrar-unvouched',
    );
  });
});

describe('a rotation', () => {
  const [old, next, thief] = [throwAwaySigner(), throwAwaySigner(), throwAwaySigner()];
  const { bundle } = signRotation(old, next, { log: 'log.affiant.example', at });

  it('is signed by the old key and accepted by the new one', () => {
    assert.equal(valueOf(openRotation(bundle, verificationKeyOf(old))).next.keyId, next.keyId);
    assert.equal(codeOf(openRotation(bundle, verificationKeyOf(thief))), 'key-mismatch');
  });

  it("does not take over somebody else's public key", () => {
    const { statement } = valueOf(openRotation(bundle, verificationKeyOf(old)));
    const stolen = {
      ...statement,
      subject: [{ name: 'key', digest: { sha256: thief.keyId } }, statement.subject[1]],
      predicate: { ...statement.predicate, key: recordedKey(thief) },
    };
    assert.equal(codeOf(openRotation(signPayload(stolen, old).bundle, verificationKeyOf(old))), 'proof-invalid');
  });

  it('does not count for another moment or another log', () => {
    const { statement } = valueOf(openRotation(bundle, verificationKeyOf(old)));
    for (const changed of [{ log: 'other.example' }, { at: '2027-01-02T03:04:05Z' }]) {
      const moved = { ...statement, predicate: { ...statement.predicate, ...changed } };
      assert.equal(codeOf(openRotation(signPayload(moved, old).bundle, verificationKeyOf(old))), 'proof-invalid');
    }
  });
});

describe('the standing of a key as of a log index', () => {
  it('is unknown, active, superseded, revoked, as the records before that index say', () => {
    const registrar = sampleRegistrar();
    const [old, next] = [throwAwaySigner(), throwAwaySigner()];
    const before = registrar.pass();
    registrar.add(enrolment(old, registrar));
    const first = registrar.pass(5);
    registrar.add(rotation(old, next, registrar));
    const second = registrar.pass();
    registrar.add({ ...revocation, key: next.keyId, compromisedSince: '2026-01-01T00:00:00Z' });
    const third = registrar.pass();
    const ledger = valueOf(openLedger(registrar.records(), registrar.log));
    const seen = (signer: typeof old): string[] =>
      [before, first, second, third].map((index) => standingAt(ledger, signer.keyId, index).standing);
    assert.deepEqual(seen(old), ['unknown', 'active', 'superseded', 'superseded']);
    assert.deepEqual(seen(next), ['unknown', 'unknown', 'active', 'revoked']);
    assert.ok(speaksFor(standingAt(ledger, next.keyId, second), target));
    assert.ok(!speaksFor(standingAt(ledger, next.keyId, second), 'f'.repeat(32)));
    assert.equal(doubtAfter(ledger, next.keyId, second)?.compromisedSince, '2026-01-01T00:00:00Z');
    assert.equal(doubtAfter(ledger, old.keyId, first), undefined);
  });

  it('is pending until a person approves the successor, and then the old key has ended', () => {
    const registrar = sampleRegistrar();
    const [lost, anew] = [throwAwaySigner(), throwAwaySigner()];
    registrar.add(enrolment(lost, registrar));
    registrar.add(enrolment(anew, registrar, { standing: 'pending', successorOf: lost.keyId }));
    const waiting = registrar.pass();
    registrar.add({ kind: 'approval', key: anew.keyId, successorOf: lost.keyId, operator: 'jane' });
    const approved = registrar.pass();
    const ledger = valueOf(openLedger(registrar.records(), registrar.log));
    assert.deepEqual(
      [waiting, approved].map((index) => standingAt(ledger, lost.keyId, index).standing),
      ['active', 'superseded'],
    );
    assert.deepEqual(
      [waiting, approved].map((index) => standingAt(ledger, anew.keyId, index).standing),
      ['pending', 'active'],
    );
  });

  it('does not come back to a revoked key by a rotation or an approval that is recorded after all', () => {
    const registrar = sampleRegistrar();
    const [stolen, thief] = [throwAwaySigner(), throwAwaySigner()];
    registrar.add(enrolment(stolen, registrar));
    registrar.add({ ...revocation, key: stolen.keyId });
    registrar.add(rotation(stolen, thief, registrar));
    registrar.add({ kind: 'approval', key: stolen.keyId, operator: 'mallory' });
    const ledger = valueOf(openLedger(registrar.records(), registrar.log));
    const end = registrar.pass();
    assert.equal(standingAt(ledger, stolen.keyId, end).standing, 'revoked');
    assert.equal(standingAt(ledger, thief.keyId, end).standing, 'unknown');
  });
});

describe('the records of a log', () => {
  function three(): { registrar: ReturnType<typeof sampleRegistrar>; records: Signed[] } {
    const registrar = sampleRegistrar();
    const agent = throwAwaySigner();
    registrar.add(enrolment(agent, registrar));
    registrar.add({ ...revocation, key: agent.keyId });
    registrar.pass(2);
    return { registrar, records: registrar.records() };
  }

  it('are taken in any order and twice, and refused where one was left out', () => {
    const { registrar, records } = three();
    const [first, second, third] = records as [Signed, Signed, Signed];
    assert.equal(valueOf(openLedger([third, first, second, second], registrar.log)).entries.length, 3);
    assert.equal(codeOf(openLedger([first, third], registrar.log)), 'records-gap');
    assert.equal(codeOf(openLedger([second, third], registrar.log)), 'records-gap');
    assert.equal(codeOf(openLedger([], registrar.log)), 'records-empty');
  });

  it('are refused where a receipt lacks, belongs to another record, or another log vouches', () => {
    const { registrar, records } = three();
    const [first, second, third] = records as [Signed, Signed, Signed];
    const bare: Signed = { bundle: second.bundle, key: second.key };
    assert.equal(codeOf(openLedger([first, bare, third], registrar.log)), 'receipt-missing');
    const swapped = { ...second, receipt: third.receipt as NonNullable<Signed['receipt']> };
    assert.equal(codeOf(openLedger([first, swapped, third], registrar.log)), 'receipt-not-included');
    assert.equal(codeOf(openLedger(records, sampleLog().verifier)), 'registrar-unvouched');
  });

  it('are refused where the registrar shows two histories', () => {
    const { registrar, records } = three();
    const [first, second] = records as [Signed, Signed];
    const other = signRecord(
      { ...revocation, key: 'a'.repeat(64) },
      {
        log: registrar.log.origin,
        place: { sequence: 2, previous: valueOf(openRecord(second.bundle, second.key)).digest },
        at,
      },
      registrar.signer,
    );
    assert.equal(
      codeOf(openLedger([...records, { bundle: other.bundle, key: second.key }], registrar.log)),
      'records-forked',
    );
    assert.equal(
      codeOf(openLedger([first, second, { bundle: other.bundle, key: second.key }], registrar.log)),
      'receipt-missing',
    );
  });

  it('are refused where a hand-over was not signed by the old key', () => {
    const registrar = sampleRegistrar();
    const [old, next, thief] = [throwAwaySigner(), throwAwaySigner(), throwAwaySigner()];
    registrar.add(enrolment(old, registrar));
    const forged = rotation(thief, next, registrar);
    assert.ok(forged.kind === 'rotation');
    const { request } = forged;
    const claiming = { ...request, verificationMaterial: { publicKey: { hint: old.keyId } } };
    registrar.add({ ...forged, previousKey: old.keyId, request: claiming });
    assert.equal(codeOf(openLedger(registrar.records(), registrar.log)), 'rotation-unsigned');
  });

  it('name documents that were erased by digest, and nothing of what stood in them', () => {
    const registrar = sampleRegistrar();
    const digests = ['a'.repeat(64), 'b'.repeat(64)];
    registrar.add(
      { kind: 'erasure', reason: 'request 17', operator: 'jane', targets: [target], documents: 2 },
      digests,
    );
    const [, erasure] = registrar.records() as [Signed, Signed];
    const { statement } = valueOf(openRecord(erasure.bundle, erasure.key));
    assert.deepEqual(
      statement.subject.map(({ name }) => name),
      ['target/0', 'document/0', 'document/1'],
    );
    assert.ok(Buffer.from(canonicalBytes(statement)).includes('a'.repeat(64)));
  });
});
