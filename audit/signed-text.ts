/**
 * A detached signature over a text file: a Sigstore bundle whose in-toto statement names the file's SHA-256,
 * of the same kind as every other signature here; it lies beside the file as `<file>.sigstore.json`.
 */
import { canonicalBytes } from '../evidence/canonical-json.ts';
import { sha256Hex } from '../evidence/digest.ts';
import { payloadOf, signPayload, verifySignature } from '../evidence/envelope.ts';
import { ok, type Result, refuse } from '../evidence/result.ts';
import type { Signer, VerificationKey } from '../evidence/signing-key.ts';
import { parseStrictJson } from '../evidence/strict-json.ts';
import type { SigstoreBundle } from '../schemas/generated/types.ts';

const predicateType = 'urn:affiant:predicate:file:1';

function digestOf(text: string): string {
  return sha256Hex(Buffer.from(text, 'utf8'));
}

/** The bytes of `<name>.sigstore.json`. */
export function signText(text: string, name: string, signer: Signer): Uint8Array {
  const { bundle } = signPayload(
    {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name, digest: { sha256: digestOf(text) } }],
      predicateType,
      predicate: {},
    },
    signer,
  );
  return canonicalBytes(bundle);
}

/** Refuses with `signature-unreadable`, `key-unknown`, `text-changed`, and as `verifySignature` does. */
export function openSignedText(
  text: string,
  signature: Uint8Array,
  key: (keyId: string) => VerificationKey | undefined,
): Result<VerificationKey> {
  const parsed = parseStrictJson(signature, { maxBytes: 65536, maxDepth: 16 });
  if (!parsed.ok) return parsed;
  if (!isBundle(parsed.value)) return refuse('signature-unreadable', 'the signature is not a Sigstore bundle');
  const bundle = parsed.value;
  const { hint } = bundle.verificationMaterial.publicKey;
  const trusted = key(hint);
  if (trusted === undefined)
    return refuse('key-unknown', `the file is signed by the key ${hint}, which is not among the trusted ones`, {
      remedy: 'give its public key with --key',
    });
  const verified = verifySignature(bundle, trusted);
  if (!verified.ok) return verified;
  const payload = payloadOf(bundle);
  if (!payload.ok) return payload;
  return namesDigest(payload.value, digestOf(text))
    ? ok(trusted)
    : refuse('text-changed', 'the signature is over another text than the file holds now', {
        remedy: 'sign the file anew, or take back the change',
      });
}

function namesDigest(payload: unknown, digest: string): boolean {
  const subject: unknown = field(payload, 'subject');
  return (
    field(payload, 'predicateType') === predicateType &&
    Array.isArray(subject) &&
    subject.some((each: unknown) => field(field(each, 'digest'), 'sha256') === digest)
  );
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

/** As far as the verifier reads it. */
function isBundle(value: unknown): value is SigstoreBundle {
  const hint = field(field(field(value, 'verificationMaterial'), 'publicKey'), 'hint');
  const envelope = field(value, 'dsseEnvelope');
  const signatures: unknown = field(envelope, 'signatures');
  return (
    typeof hint === 'string' &&
    typeof field(envelope, 'payload') === 'string' &&
    typeof field(envelope, 'payloadType') === 'string' &&
    Array.isArray(signatures) &&
    typeof field(signatures[0], 'sig') === 'string'
  );
}
