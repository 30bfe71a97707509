import { verify } from 'node:crypto';
import type { SigstoreBundle, Statement } from '../schemas/generated/types.ts';
import { statement as isStatement } from '../schemas/generated/validators.js';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { canonicalBytes, canonicalText } from './canonical-json.ts';
import { sha256Hex } from './digest.ts';
import { preAuthEncoding } from './dsse.ts';
import { hasLowS } from './ecdsa.ts';
import { ok, type Result, refuse } from './result.ts';
import type { Signer, VerificationKey } from './signing-key.ts';
import { coherent } from './statement.ts';
import { parseStrictJson } from './strict-json.ts';
import { validated } from './validate.ts';

const payloadType = 'application/vnd.in-toto+json';

/** 2,000 subjects and 1,000 incidents with all their document names stay far below. */
const payloadLimits = { maxBytes: 16 * 1024 * 1024, maxDepth: 64 };

function checkedStatement(value: unknown): Result<Statement> {
  const statement = validated(isStatement, value, 'statement');
  return statement.ok ? coherent(statement.value) : statement;
}

/**
 * Signs a statement: a Sigstore bundle v0.3 with a self-managed key, and its one digest.
 * Throws TypeError on a statement that nobody would accept (schema, order, chain, another key's id),
 * because a signature cannot be taken back.
 */
export function signStatement(statement: Statement, signer: Signer): { bundle: SigstoreBundle; digest: string } {
  const checked = checkedStatement(statement);
  if (!checked.ok) throw new TypeError(`cannot sign: ${checked.refusal.message}`);
  if (statement.predicate.key.id !== signer.keyId) throw new TypeError('cannot sign: the statement names another key');
  const payload = canonicalBytes(statement);
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

/** SHA-256 of the DSSE pre-authentication encoding, hexadecimal: the bundle's name in chain, log and spool. It does not depend on the signature. */
export function bundleDigest(bundle: SigstoreBundle): string {
  return sha256Hex(bundleEncoding(bundle));
}

function bundleEncoding({ dsseEnvelope }: SigstoreBundle): Uint8Array {
  return preAuthEncoding(dsseEnvelope.payloadType, Buffer.from(dsseEnvelope.payload, 'base64'));
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
 * The statement of a bundle, once it is proved to come from the key and to be in canonical form.
 * Refuses with `key-mismatch`, `signature-not-canonical`, `signature-invalid`,
 * `payload-not-canonical`, and as `parseStrictJson` and `validated` do. Nothing of the payload is
 * read before its signature is proved.
 */
export function openBundle(
  bundle: SigstoreBundle,
  key: VerificationKey,
): Result<{ statement: Statement; digest: string }> {
  if (bundle.verificationMaterial.publicKey.hint !== key.keyId)
    return refuse('key-mismatch', 'the bundle names another key', { pointer: '/verificationMaterial/publicKey/hint' });
  const signature = bundleSignature(bundle);
  if (!signature.ok) return signature;
  const encoding = bundleEncoding(bundle);
  if (!verify('sha256', encoding, { key: key.publicKey, dsaEncoding: 'der' }, signature.value))
    return refuse('signature-invalid', `the signature is not by the key ${key.keyId}, or what it signs was changed`, {
      pointer: '/dsseEnvelope/signatures/0/sig',
    });
  const statement = statementOf(bundle);
  if (!statement.ok) return statement;
  if (statement.value.predicate.key.id !== key.keyId)
    return refuse('key-mismatch', 'the statement names another key than the one that signed it', {
      pointer: '/predicate/key/id',
    });
  return ok({ statement: statement.value, digest: sha256Hex(encoding) });
}

/** The statement of a bundle as it stands there, by whomever: nothing of the signature is proved. */
export function statementOf({ dsseEnvelope }: SigstoreBundle): Result<Statement> {
  const payload = decodeBase64(dsseEnvelope.payload);
  const parsed = payload === undefined ? notCanonical() : parseStrictJson(payload, payloadLimits);
  if (!parsed.ok) return parsed;
  if (encodeBase64(Buffer.from(canonicalText(parsed.value))) !== dsseEnvelope.payload) return notCanonical();
  return checkedStatement(parsed.value);
}

function notCanonical(): Result<never> {
  return refuse('payload-not-canonical', 'the signed payload is not in canonical form', {
    pointer: '/dsseEnvelope/payload',
  });
}
