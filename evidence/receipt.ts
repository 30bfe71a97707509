import type { Receipt, SigstoreBundle } from '../schemas/generated/types.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { bundleDigest } from './bundle.ts';
import { canonicalText } from './canonical-json.ts';
import { type Checkpoint, type LogVerifier, openCheckpoint } from './checkpoint.ts';
import { leafHash, verifyInclusion } from './merkle.ts';
import { provedTexts } from './proved-texts.ts';
import { ok, type Result, refuse } from './result.ts';
import { parseNote } from './signed-note.ts';
import { publicKeyBase64, type VerificationKey } from './signing-key.ts';

/** A place in a log that was proved: the leaf's index, and size and root of the tree that holds it. */
export type LogPlace = {
  readonly origin: string;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
};

/**
 * The log's leaf for a bundle: the canonical bytes of a Rekor v2 `hashedrekord` 0.0.2 body over the
 * bundle digest (`digest`, where the caller has just computed it), so that Sigstore's own verifiers can read our log.
 * https://github.com/sigstore/rekor-tiles (hashedrekord.proto, entry.proto)
 */
export function logLeaf(bundle: SigstoreBundle, key: VerificationKey, digest = bundleDigest(bundle)): Uint8Array {
  const signed = Buffer.from(digest, 'hex').toString('base64');
  const signature = canonicalText(bundle.dsseEnvelope.signatures[0]?.sig ?? '');
  // Canonical JSON written out: members in order, and only texts in it that change.
  return Buffer.from(
    `{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":"${signed}"},"signature":{"content":${signature},"verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256","publicKey":{"rawBytes":"${publicKeyBase64(key)}"}}}}}}`,
    'utf8',
  );
}

/** A receipt from a proof; `checkpoint` is the signed note over the tree of `size` leaves. */
export function makeReceipt(proof: {
  readonly index: number;
  readonly size: number;
  readonly hashes: readonly Uint8Array[];
  readonly checkpoint: string;
  /** `LogSigner.verifierKey`. */
  readonly logKey: string;
  /** A TimeStampResp over the checkpoint, where an authority stamped it. */
  readonly timestamp?: Uint8Array;
}): Receipt {
  return {
    mediaType: 'application/vnd.affiant.receipt.v1+json',
    logKey: proof.logKey,
    logIndex: proof.index,
    treeSize: proof.size,
    hashes: proof.hashes.map((hash) => encodeBase64(hash)),
    checkpoint: proof.checkpoint,
    ...(proof.timestamp !== undefined && { timestamp: encodeBase64(proof.timestamp) }),
  };
}

/**
 * Proves that the bundle stands in the log. The checkpoint carries the log's signature and no other
 * line, so that no byte of a receipt can be otherwise. Refuses with `receipt-other-log`,
 * `receipt-invalid`, `receipt-not-included`, and as `openCheckpoint` does; pointers lead into the receipt.
 */
export function verifyReceipt(
  receipt: Receipt,
  bundle: SigstoreBundle,
  key: VerificationKey,
  log: LogVerifier,
  digest = bundleDigest(bundle),
): Result<LogPlace> {
  if (receipt.logKey !== log.verifierKey)
    return refuse('receipt-other-log', `the receipt is of another log than ${log.origin}, or of another key of it`, {
      pointer: '/logKey',
    });
  const checkpoint = provedCheckpoints(log, receipt.checkpoint, () => openOnly(receipt.checkpoint, log));
  if (!checkpoint.ok) return checkpoint;
  const { origin, size, root } = checkpoint.value;
  if (size !== receipt.treeSize)
    return refuse('receipt-invalid', `the receipt speaks of ${receipt.treeSize} leaves, its checkpoint of ${size}`, {
      pointer: '/treeSize',
    });
  if (!isIncluded(receipt, root, logLeaf(bundle, key, digest)))
    return refuse('receipt-not-included', "the proof does not lead from this bundle to the checkpoint's root", {
      pointer: '/hashes',
    });
  return ok({ origin, index: receipt.logIndex, size, root });
}

/** Of a year in which an authority stamps the log each hour, every checkpoint that readers are given. */
const provedCheckpoints = provedTexts<Checkpoint>(16_384);

/** A checkpoint that carries the log's signature and no other. */
function openOnly(note: string, log: LogVerifier): Result<Checkpoint> {
  const checkpoint = openCheckpoint(note, log);
  if (!checkpoint.ok) return { ok: false, refusal: { ...checkpoint.refusal, pointer: '/checkpoint' } };
  return parseNote(note)?.signatures.length === 1
    ? checkpoint
    : refuse('receipt-invalid', "the receipt's checkpoint has another signature beside the log's", {
        pointer: '/checkpoint',
      });
}

function isIncluded(receipt: Receipt, root: Uint8Array, leaf: Uint8Array): boolean {
  const hashes = receipt.hashes.map((hash) => decodeBase64(hash) ?? new Uint8Array());
  return verifyInclusion(receipt.logIndex, receipt.treeSize, leafHash(leaf), hashes, root);
}
