import assert from 'node:assert/strict';
import { decodeAttestation, encodeAttestation, signAttestation } from '../../evidence/attestation.ts';
import { openLedger } from '../../evidence/ledger.ts';
import { openRecord } from '../../evidence/record.ts';
import { decodeSigned, encodeSigned, recordMediaType, type Signed } from '../../evidence/signed-file.ts';
import { throwAwaySigner, verificationKeyOf } from '../../evidence/signing-key.ts';
import { codeOf, valueOf } from './sample.ts';
import { enrolment, sampleRegistrar } from './sample-records.ts';

function eachByteChanged(bytes: Uint8Array, check: (changed: Uint8Array, where: string) => void): void {
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Uint8Array.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    check(changed, `byte ${index}`);
  }
}

describe('the file of a signed statement', () => {
  it('of a record is refused when any byte of it is another', () => {
    const registrar = sampleRegistrar();
    registrar.add(enrolment(throwAwaySigner(), registrar));
    const [first, enrolled] = registrar.records() as [Signed, Signed];
    const key = verificationKeyOf(registrar.signer);
    const bytes = encodeSigned(recordMediaType, enrolled);
    const opened = valueOf(decodeSigned(bytes, recordMediaType));
    assert.equal(valueOf(openRecord(opened.bundle, key)).predicate.kind, 'enrolment');
    assert.ok(openLedger([first, opened], registrar.log).ok);
    eachByteChanged(bytes, (changed, where) => {
      const file = decodeSigned(changed, recordMediaType);
      const refused =
        !file.ok || !openRecord(file.value.bundle, key).ok || !openLedger([first, file.value], registrar.log).ok;
      assert.ok(refused, where);
    });
  });

  it('of an attestation is refused when any byte of it is another, or one more is behind it', () => {
    const signer = throwAwaySigner();
    const claim = {
      kind: 'claim',
      author: { name: 'Jane Doe', role: 'reviewer' },
      madeAt: '2026-01-02T03:04:05Z',
      targets: ['0f5b6c1d2e3f405162738495a6b7c8d9'],
      asOf: '2026-01-02T03:04:05Z',
      claim: { kind: 'updates-installed' },
      words: 'all installed',
    };
    const bytes = encodeAttestation(valueOf(signAttestation(claim, signer)));
    eachByteChanged(bytes, (changed, where) => {
      const read = decodeAttestation(changed);
      assert.ok(!read.ok || read.value.key.keyId !== signer.keyId, where);
    });
    assert.equal(codeOf(decodeAttestation(Buffer.concat([bytes, Buffer.from('\n')]))), 'file-not-canonical');
  });
});
