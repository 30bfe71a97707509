/** A signed in-toto statement of whatever predicate: DSSE in a Sigstore bundle v0.3 with a self-managed key. */
import { verify } from 'node:crypto';
import type { SigstoreBundle } from '../schemas/generated/types.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { canonicalBytes, canonicalText } from './canonical-json.ts';
import { parseCanonicalJson } from './canonical-parse.ts';
import { sha256Hex } from './digest.ts';
import { preAuthEncoding } from './dsse.ts';
import { hasLowS } from './ecdsa.ts';
import { ok, type Result, refuse } from './result.ts';
import type { Signer, VerificationKey } from './signing-key.ts';
import { parseStrictJson } from './strict-json.ts';

const payloadType = 'application/vnd.in-toto+json';

/** 2,000 subjects and 1,000 incidents with all their document names stay far below. */
const payloadLimits = { maxBytes: 16 * 1024 * 1024, maxDepth: 64 };

/**
 * Signs a value as it stands: whoever calls has checked that it says what may be said. Throws TypeError
 * on what canonical JSON cannot say.
 */
export function signPayload(value: object, signer: Signer): { bundle: SigstoreBundle; digest: string } {
  const payload = canonicalBytes(value);
  const encoding = preAuthEncoding(payloadType, payload);
  const bundle: SigstoreBundle = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: signer.keyId } },
    dsseEnvelope: {
      payload: encodeBase64(payload),
      payloadType,
      // cosign refuses a keyid beside the hint, so it stays empty.
      signatures: [{ sig: encodeBase64(signer.sign(encoding)), keyid: '' }],
    },
  };
  return { bundle, digest: sha256Hex(encoding) };
}

/** Of envelopes as long as they live: the payload is asked for by each step, and finding its one form takes writing it anew. */
const payloads = new WeakMap<object, { readonly text: string; readonly bytes: Uint8Array }>();

/** The payload's bytes; undefined where the text is not their one canonical form. */
export function payloadBytes(envelope: SigstoreBundle['dsseEnvelope']): Uint8Array | undefined {
  const known = payloads.get(envelope);
  if (known?.text === envelope.payload) return known.bytes;
  const bytes = decodeBase64(envelope.payload);
  if (bytes !== undefined) payloads.set(envelope, { text: envelope.payload, bytes });
  return bytes;
}

/** SHA-256 of the DSSE pre-authentication encoding, hexadecimal: the bundle's name in chain, log and spool. It does not depend on the signature. */
export function bundleDigest(bundle: SigstoreBundle): string {
  return sha256Hex(bundleEncoding(bundle));
}

function bundleEncoding({ dsseEnvelope }: SigstoreBundle): Uint8Array {
  const payload = payloadBytes(dsseEnvelope) ?? Buffer.from(dsseEnvelope.payload, 'base64');
  return preAuthEncoding(dsseEnvelope.payloadType, payload);
}

/** The signature's bytes; refuses with `signature-not-canonical`. */
export function bundleSignature({ dsseEnvelope }: SigstoreBundle): Result<Uint8Array> {
  const signature = decodeBase64(dsseEnvelope.signatures[0]?.sig ?? '');
  return signature !== undefined && hasLowS(signature)
    ? ok(signature)
    : refuse('signature-not-canonical', 'the signature is not in its one canonical form (DER, s in the lower half)', {
        pointer: '/dsseEnvelope/signatures/0/sig',
      });
}

/**
 * The bundle digest, once key and signature are proved. Refuses with `key-mismatch`,
 * `signature-not-canonical`, `signature-invalid`. Reads nothing of the payload.
 */
export function verifySignature(bundle: SigstoreBundle, key: VerificationKey): Result<string> {
  if (bundle.verificationMaterial.publicKey.hint !== key.keyId)
    return refuse('key-mismatch', 'the bundle names another key', { pointer: '/verificationMaterial/publicKey/hint' });
  const signature = bundleSignature(bundle);
  if (!signature.ok) return signature;
  const encoding = bundleEncoding(bundle);
  // The key object itself: DER is what is expected of it, and one inside of options takes a tenth longer to be found.
  if (!verify('sha256', encoding, key.publicKey, signature.value))
    return refuse('signature-invalid', `the signature is not by the key ${key.keyId}, or what it signs was changed`, {
      pointer: '/dsseEnvelope/signatures/0/sig',
    });
  return ok(sha256Hex(encoding));
}

/** What a bundle says, by whomever: canonical JSON; nothing of the signature is proved. Refuses with `payload-not-canonical` and as `parseStrictJson` does. */
export function payloadOf({ dsseEnvelope }: SigstoreBundle): Result<unknown> {
  const payload = payloadBytes(dsseEnvelope);
  const canonical = payload && parseCanonicalJson(payload, payloadLimits.maxDepth);
  if (canonical !== undefined) return ok(canonical.value);
  const parsed = payload === undefined ? notCanonical() : parseStrictJson(payload, payloadLimits);
  if (!parsed.ok) return parsed;
  return encodeBase64(Buffer.from(canonicalText(parsed.value))) === dsseEnvelope.payload ? parsed : notCanonical();
}

function notCanonical(): Result<never> {
  return refuse('payload-not-canonical', 'the signed payload is not in canonical form', {
    pointer: '/dsseEnvelope/payload',
  });
}
