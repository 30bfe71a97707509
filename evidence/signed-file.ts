/** The file around one signed statement that is no bundle of documents: a record of the log, an attestation, a rotation, a sweep. */
import type { Receipt, SignedFile, SigstoreBundle } from '../schemas/generated/types.ts';
import { signed as isSignedFile } from '../schemas/generated/validators.js';
import { canonicalBytes } from './canonical-json.ts';
import type { LogVerifier } from './checkpoint.ts';
import { type LogPlace, verifyReceipt } from './receipt.ts';
import { ok, type Refusal, type Result, refuse } from './result.ts';
import { publicKeyBase64, type VerificationKey, verificationKeyFromDer } from './signing-key.ts';
import { parseStrictJson } from './strict-json.ts';
import { validated } from './validate.ts';

export const recordMediaType = 'application/vnd.affiant.record.v1+json';
export const attestationMediaType = 'application/vnd.affiant.attestation.v1+json';
export const rotationMediaType = 'application/vnd.affiant.rotation.v1+json';
export const sweepMediaType = 'application/vnd.affiant.sweep.v1+json';
export type SignedMediaType = SignedFile['mediaType'];

/** A plan of 1 MiB twice in base64, and room. */
export const signedLimits = { maxBytes: 4 * 1024 * 1024, maxDepth: 16 };

/** A signed statement with the key that signed it. */
export type Signed = { readonly bundle: SigstoreBundle; readonly key: VerificationKey; readonly receipt?: Receipt };

/** The file as a value. */
export function signedFile(mediaType: SignedMediaType, { bundle, key, receipt }: Signed): SignedFile {
  return { mediaType, bundle, publicKey: publicKeyBase64(key), ...(receipt && { receipt }) };
}

/** The canonical bytes of the file. */
export function encodeSigned(mediaType: SignedMediaType, signed: Signed): Uint8Array {
  return canonicalBytes(signedFile(mediaType, signed));
}

/**
 * Reads the file and refuses every byte that could be otherwise. Proves no signature. Refuses as
 * `parseStrictJson` and `validated` do, and with `file-not-canonical`, `file-kind`, `key-mismatch`.
 */
export function decodeSigned(bytes: Uint8Array, mediaType: SignedMediaType): Result<Signed> {
  const parsed = parseStrictJson(bytes, signedLimits);
  if (!parsed.ok) return parsed;
  if (Buffer.compare(canonicalBytes(parsed.value), bytes) !== 0)
    return refuse('file-not-canonical', 'the file is not in canonical form: something was added to it or changed');
  return signedFrom(parsed.value, mediaType);
}

/** The same from a value that is in canonical form already, such as one of a list. */
export function signedFrom(value: unknown, mediaType: SignedMediaType): Result<Signed> {
  const file = validated(isSignedFile, value, 'file');
  if (!file.ok) return file;
  if (file.value.mediaType !== mediaType)
    return refuse('file-kind', `the file is ${file.value.mediaType}, not ${mediaType}`, { pointer: '/mediaType' });
  const key = verificationKeyFromDer(file.value.publicKey);
  if (!key.ok) return { ok: false, refusal: { ...key.refusal, pointer: '/publicKey' } };
  const { bundle, receipt } = file.value;
  if (bundle.verificationMaterial.publicKey.hint !== key.value.keyId)
    return refuse('key-mismatch', 'the file carries another public key than the one that its bundle names', {
      pointer: '/publicKey',
    });
  return ok({ bundle, key: key.value, ...(receipt && { receipt }) });
}

/** The place of a signed statement in the trusted log; refuses with `receipt-missing` and as `verifyReceipt` does. */
export function placeInLog({ bundle, key, receipt }: Signed, log: LogVerifier): Result<LogPlace> {
  if (receipt === undefined) return refuse('receipt-missing', 'there is no receipt of an endpoint');
  const place = verifyReceipt(receipt, bundle, key, log);
  return place.ok ? place : { ok: false, refusal: within('/receipt', place.refusal) };
}

function within(prefix: string, refusal: Refusal): Refusal {
  return { ...refusal, pointer: prefix + (refusal.pointer ?? '') };
}
