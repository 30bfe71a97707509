/** A small true pack for tests: two documents, one of them named twice, and a log with other leaves. */
import assert from 'node:assert/strict';
import { signStatement } from '../../evidence/bundle.ts';
import {
  createLogKeyPem,
  type LogSigner,
  type LogVerifier,
  logSignerFromPem,
  logVerifierFromKey,
} from '../../evidence/checkpoint.ts';
import { inclusionProof, leafHash, rootHash } from '../../evidence/merkle.ts';
import { documentDigest, encodePack, type PackParts } from '../../evidence/pack.ts';
import { logLeaf, makeReceipt } from '../../evidence/receipt.ts';
import type { Result } from '../../evidence/result.ts';
import {
  type Signer,
  throwAwaySigner,
  type VerificationKey,
  verificationKeyFromPem,
} from '../../evidence/signing-key.ts';
import { makeStatement } from '../../evidence/statement.ts';
import type { PosturePredicate, SourcesDocument, Statement } from '../../schemas/generated/types.ts';

const digestOfNothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** The value of a result that must be there. */
export function valueOf<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? '' : `${result.refusal.code}: ${result.refusal.message}`);
  return result.value;
}

/** The code of a refusal that must be one. */
export function codeOf(result: Result<unknown>): string {
  assert.ok(!result.ok, 'expected a refusal');
  return result.refusal.code;
}

/** The pointer of a refusal that must be one. */
export function pointerOf(result: Result<unknown>): string | undefined {
  assert.ok(!result.ok, 'expected a refusal');
  return result.refusal.pointer;
}

export function samplePredicate(keyId: string): PosturePredicate {
  return {
    agent: { name: 'affiant', version: '0.1.0', programDigest: digestOfNothing, configDigest: digestOfNothing },
    key: { id: keyId, protection: 'throw-away' },
    mode: 'replay',
    target: { id: '0f5b6c1d2e3f405162738495a6b7c8d9', basis: 'recording' },
    run: { startedAt: '2026-01-02T03:04:05Z', finishedAt: '2026-01-02T03:04:07Z' },
    clock: { state: 'unknown' },
    collectors: [],
    chain: { id: '6f1e0d2c3b4a59687786a5b4c3d2e1f0', sequence: 0 },
  };
}

export const sampleSources: SourcesDocument = {
  format: 'affiant-sources/1',
  blind: 'q8Yc0Jt0y2zq2v3cKJm2nX1cJH0m3yJ0b8s4W0sJ5fA',
  collector: 'updates',
  records: [],
};
export const sampleRaw = { text: 'é "quoted" \\ \n\u2028 €' };

export function sampleStatement(signer: Signer, documents?: ReadonlyMap<string, object>): Statement {
  const named =
    documents ??
    new Map<string, object>([
      ['sources/updates', sampleSources],
      ['raw/1', sampleRaw],
      ['raw/2', sampleRaw],
    ]);
  const digests = new Map(Array.from(named, ([name, document]) => [name, { digest: documentDigest(document) }]));
  return makeStatement(digests, samplePredicate(signer.keyId));
}

export type SamplePack = {
  readonly signer: Signer;
  readonly key: VerificationKey;
  readonly parts: PackParts;
  readonly digest: string;
  readonly bytes: Uint8Array;
};

export function keyOf(signer: Signer): VerificationKey {
  return valueOf(verificationKeyFromPem(signer.publicKeyPem));
}

export function samplePack(signer: Signer = throwAwaySigner()): SamplePack {
  const { bundle, digest } = signStatement(sampleStatement(signer), signer);
  const documents = new Map<string, object>(
    [sampleSources, sampleRaw].map((document) => [documentDigest(document), document]),
  );
  const parts: PackParts = { bundle, documents };
  return { signer, key: keyOf(signer), parts, digest, bytes: encodePack(parts) };
}

export type SampleLog = { readonly signer: LogSigner; readonly verifier: LogVerifier };

export function sampleLog(origin = 'log.affiant.example'): SampleLog {
  const signer = valueOf(logSignerFromPem(createLogKeyPem(), origin));
  return { signer, verifier: valueOf(logVerifierFromKey(signer.verifierKey)) };
}

/** The pack with a receipt: leaf 5 in a tree of 7. */
export function withReceipt(sample: SamplePack, { signer }: SampleLog): SamplePack {
  const leaves = Array.from({ length: 7 }, (_, index) => leafHash(Buffer.of(index)));
  leaves[5] = leafHash(logLeaf(sample.parts.bundle, sample.key));
  const receipt = makeReceipt({
    index: 5,
    size: leaves.length,
    logKey: signer.verifierKey,
    hashes: inclusionProof(5, leaves),
    checkpoint: signer.signCheckpoint(leaves.length, rootHash(leaves)),
  });
  const parts = { ...sample.parts, receipt };
  return { ...sample, parts, bytes: encodePack(parts) };
}
