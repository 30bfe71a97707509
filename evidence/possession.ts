/** Proof that a key is held by whoever enrols it or hands over to it: a signature over a text that fits one occasion alone. */
import { verify } from 'node:crypto';
import type { Possession } from '../schemas/generated/types.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { canonicalText } from './canonical-json.ts';
import { hasLowS } from './ecdsa.ts';
import type { Signer, VerificationKey } from './signing-key.ts';

/** What an enrolment is bound to, so that a proof for one fits no other. */
export type EnrolmentOccasion = {
  /** The public id of the token. */
  readonly token: string;
  /** The id of the key. */
  readonly key: string;
  /** SHA-256 of the log's verifier line. */
  readonly logKey: string;
};

/** What a hand-over from an old key to a new one is bound to. */
export type RotationOccasion = {
  readonly key: string;
  readonly previousKey: string;
  readonly log: string;
  readonly at: string;
};

/** No DSSE encoding begins like this, so that neither signature can be taken for the other. */
function enrolmentText(
  occasion: EnrolmentOccasion,
  { at, endpoint, target }: Omit<Possession, 'signature'>,
): Uint8Array {
  const { token, key, logKey } = occasion;
  const value = { token, key, logKey, at, endpoint, ...(target !== undefined && { target }) };
  return Buffer.from(`affiant possession 1\n${canonicalText(value)}`);
}

function rotationText({ key, previousKey, log, at }: RotationOccasion): Uint8Array {
  return Buffer.from(`affiant rotation 1\n${canonicalText({ key, previousKey, log, at })}`);
}

/** Signs for an enrolment. */
export function provePossession(
  signer: Signer,
  occasion: Omit<EnrolmentOccasion, 'key'>,
  said: Omit<Possession, 'signature'>,
): Possession {
  const text = enrolmentText({ ...occasion, key: signer.keyId }, said);
  return { ...said, signature: encodeBase64(signer.sign(text)) };
}

/** Whether the key itself signed for this very enrolment. */
export function isPossession(
  key: VerificationKey,
  occasion: Omit<EnrolmentOccasion, 'key'>,
  proof: Possession,
): boolean {
  return isSignedBy(key, enrolmentText({ ...occasion, key: key.keyId }, proof), proof.signature);
}

/** The new key's signature for a rotation, in base64. */
export function proveRotation(signer: Signer, occasion: Omit<RotationOccasion, 'key'>): string {
  return encodeBase64(signer.sign(rotationText({ ...occasion, key: signer.keyId })));
}

/** Whether the new key itself signed for this very rotation. */
export function isRotationProof(
  key: VerificationKey,
  occasion: Omit<RotationOccasion, 'key'>,
  signature: string,
): boolean {
  return isSignedBy(key, rotationText({ ...occasion, key: key.keyId }), signature);
}

function isSignedBy({ publicKey }: VerificationKey, text: Uint8Array, base64: string): boolean {
  const signature = decodeBase64(base64);
  return (
    signature !== undefined &&
    hasLowS(signature) &&
    verify('sha256', text, { key: publicKey, dsaEncoding: 'der' }, signature)
  );
}
