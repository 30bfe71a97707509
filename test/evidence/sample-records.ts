/** A registrar with its log, for tests: each record becomes a leaf among leaves of something else. */
import type { LogSigner, LogVerifier } from '../../evidence/checkpoint.ts';
import { inclusionProof, leafHash, rootHash } from '../../evidence/merkle.ts';
import { provePossession } from '../../evidence/possession.ts';
import { logLeaf, makeReceipt } from '../../evidence/receipt.ts';
import { logKeyDigest, type RecordDraft, registrarDraft, signRecord } from '../../evidence/record.ts';
import { signRotation } from '../../evidence/rotation.ts';
import type { Signed } from '../../evidence/signed-file.ts';
import { publicKeyBase64, type Signer, throwAwaySigner, verificationKeyOf } from '../../evidence/signing-key.ts';
import type { RecordedKey } from '../../schemas/generated/types.ts';
import { sampleLog } from './sample.ts';

export const at = '2026-01-02T03:04:05Z';
export const target = '0f5b6c1d2e3f405162738495a6b7c8d9';
export const token = '00112233445566aa';

export type SampleRegistrar = {
  readonly log: LogVerifier;
  readonly logSigner: LogSigner;
  readonly signer: Signer;
  /** Logs a record, by the registrar or by whoever else is named; gives its log index. */
  add(draft: RecordDraft, documents?: readonly string[], by?: Signer): number;
  /** Lets leaves of something else into the log; gives the index of the first. */
  pass(leaves?: number): number;
  /** All records with receipts of the newest tree. */
  records(): Signed[];
};

export function recordedKey(signer: Signer): RecordedKey {
  return { id: signer.keyId, publicKey: publicKeyBase64(verificationKeyOf(signer)), protection: 'file' };
}

export function sampleRegistrar(): SampleRegistrar {
  const { signer: logSigner, verifier: log } = sampleLog();
  const signer = throwAwaySigner();
  const leaves: Uint8Array[] = [];
  const made: { signed: Signed; index: number; digest: string }[] = [];
  const registrar: SampleRegistrar = {
    log,
    logSigner,
    signer,
    add(draft, documents = [], by = signer) {
      const key = verificationKeyOf(by);
      const previous = made.at(-1)?.digest;
      const place = { sequence: made.length, ...(previous !== undefined && { previous }) };
      const { bundle, digest } = signRecord(draft, { log: log.origin, place, at, documents }, by);
      made.push({ signed: { bundle, key }, index: leaves.length, digest });
      return leaves.push(leafHash(logLeaf(bundle, key))) - 1;
    },
    pass(count = 1) {
      for (let done = 0; done < count; done += 1) leaves.push(leafHash(Buffer.from(`other ${leaves.length}`)));
      return leaves.length - count;
    },
    records: () =>
      made.map(({ signed, index }) => {
        const receipt = makeReceipt({
          index,
          size: leaves.length,
          logKey: log.verifierKey,
          hashes: inclusionProof(index, leaves),
          checkpoint: logSigner.signCheckpoint(leaves.length, rootHash(leaves)),
        });
        return { ...signed, receipt };
      }),
  };
  registrar.add(registrarDraft(signer, logSigner));
  return registrar;
}

export function enrolment(
  signer: Signer,
  { log }: Pick<SampleRegistrar, 'log'>,
  more: Partial<Extract<RecordDraft, { kind: 'enrolment' }>> = {},
): RecordDraft {
  const logKey = logKeyDigest(log.verifierKey);
  const possession = provePossession(
    signer,
    { token, logKey },
    { at, endpoint: 'https://evidence.example.org', target },
  );
  return {
    kind: 'enrolment',
    key: recordedKey(signer),
    role: 'agent',
    targets: [target],
    standing: 'active',
    by: 'token',
    token,
    logKey,
    possession,
    ...more,
  };
}

export function rotation(from: Signer, to: Signer, { log }: Pick<SampleRegistrar, 'log'>): RecordDraft {
  const { bundle } = signRotation(from, to, { log: log.origin, at });
  return { kind: 'rotation', key: recordedKey(to), previousKey: from.keyId, request: bundle, overlapUntil: at };
}
