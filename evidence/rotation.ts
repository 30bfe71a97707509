/** The hand-over from a key to the next, signed by the old one and accepted by the new one. */
import type { RotationStatement, SigstoreBundle } from '../schemas/generated/types.ts';
import { rotation as isRotation } from '../schemas/generated/validators.js';
import { canonicalText } from './canonical-json.ts';
import { payloadOf, signPayload, verifySignature } from './envelope.ts';
import { isRotationProof, proveRotation } from './possession.ts';
import { ok, type Result, refuse } from './result.ts';
import {
  publicKeyBase64,
  type Signer,
  type VerificationKey,
  verificationKeyFromDer,
  verificationKeyOf,
} from './signing-key.ts';
import { validated } from './validate.ts';

export type Rotation = {
  readonly statement: RotationStatement;
  readonly digest: string;
  readonly next: VerificationKey;
};

/** Signs a hand-over at an endpoint whose log has that origin; `at` is RFC 3339 by the server's clock. */
export function signRotation(
  from: Signer,
  to: Signer,
  { log, at }: { readonly log: string; readonly at: string },
): { bundle: SigstoreBundle; digest: string } {
  const occasion = { previousKey: from.keyId, log, at };
  const statement: RotationStatement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjects(to.keyId, from.keyId),
    predicateType: 'urn:affiant:predicate:rotation:1',
    predicate: {
      ...occasion,
      key: { id: to.keyId, publicKey: publicKeyBase64(verificationKeyOf(to)), protection: to.protection },
      proof: proveRotation(to, occasion),
    },
  };
  return signPayload(statement, from);
}

function subjects(next: string, previous: string): RotationStatement['subject'] {
  return [
    { name: 'key', digest: { sha256: next } },
    { name: 'previous-key', digest: { sha256: previous } },
  ];
}

/**
 * What a hand-over says, once it is proved to be by the old key, and the new one to be held by the same
 * hand. Refuses as `verifySignature` and `validated` do, and with `rotation-incoherent`, `proof-invalid`.
 */
export function openRotation(bundle: SigstoreBundle, old: VerificationKey): Result<Rotation> {
  const digest = verifySignature(bundle, old);
  if (!digest.ok) return digest;
  const payload = payloadOf(bundle);
  const statement = payload.ok ? validated(isRotation, payload.value, 'rotation') : payload;
  if (!statement.ok) return statement;
  const { key, previousKey, proof, log, at } = statement.value.predicate;
  const next = verificationKeyFromDer(key.publicKey);
  if (!next.ok) return { ok: false, refusal: { ...next.refusal, pointer: '/predicate/key/publicKey' } };
  if (next.value.keyId !== key.id || previousKey !== old.keyId || key.id === previousKey)
    return refuse('rotation-incoherent', 'the hand-over names other keys than the ones that signed it', {
      pointer: '/predicate/key/id',
    });
  if (canonicalText(statement.value.subject) !== canonicalText(subjects(key.id, previousKey)))
    return refuse('rotation-incoherent', 'the subjects are not the two keys', { pointer: '/subject' });
  if (!isRotationProof(next.value, { previousKey, log, at }, proof))
    return refuse('proof-invalid', 'the new key did not sign for this hand-over', { pointer: '/predicate/proof' });
  return ok({ statement: statement.value, digest: digest.value, next: next.value });
}
