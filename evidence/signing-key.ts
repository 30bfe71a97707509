import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { SigningKeyIdentity } from '../schemas/generated/types.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { sha256Hex } from './digest.ts';
import { lowerS } from './ecdsa.ts';
import { ok, type Result, refuse } from './result.ts';

/** A key that signs statements. The seam for TPM and CNG: nobody else sees the private key. */
export type Signer = {
  /** SHA-256 of the public key's DER, hexadecimal. */
  readonly keyId: string;
  readonly protection: SigningKeyIdentity['protection'];
  readonly publicKeyPem: string;
  /** ECDSA P-256 with SHA-256, DER, s in the lower half (see ecdsa.ts). */
  sign(message: Uint8Array): Uint8Array;
};

/** A public key that verifies statements. */
export type VerificationKey = { readonly keyId: string; readonly publicKey: KeyObject };

/**
 * SubjectPublicKeyInfo of a P-256 key up to its point, which is given uncompressed (RFC 5480). One
 * key could also be written compressed or with its curve spelled out, and would then have several
 * ids; such keys are refused.
 */
const spkiPrefix = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex');
const spkiLength = 91;

function publicKeyDer(key: KeyObject): Uint8Array {
  return key.export({ type: 'spki', format: 'der' });
}

function isP256(der: Uint8Array): boolean {
  return der.length === spkiLength && Buffer.compare(der.subarray(0, spkiPrefix.length), spkiPrefix) === 0;
}

function signerOf(
  { privateKey, publicKey }: { readonly privateKey: KeyObject; readonly publicKey: KeyObject },
  protection: SigningKeyIdentity['protection'],
  der = publicKeyDer(publicKey),
): Signer {
  return {
    keyId: sha256Hex(der),
    protection,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (message) => lowerS(sign('sha256', message, { key: privateKey, dsaEncoding: 'der' })),
  };
}

/** A fresh P-256 private key as PKCS#8 PEM. Whoever calls keeps it secret. */
export function createPrivateKeyPem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** A signer from a private key's PEM; refuses with `key-unreadable` or `key-not-p256`. No text quotes the key. */
export function signerFromPem(pem: string, protection: SigningKeyIdentity['protection']): Result<Signer> {
  try {
    const privateKey = createPrivateKey({ key: pem, format: 'pem' });
    const publicKey = createPublicKey(privateKey);
    const der = publicKeyDer(publicKey);
    if (privateKey.asymmetricKeyType !== 'ec' || !isP256(der))
      return refuse('key-not-p256', 'the private key is not an ECDSA key on the curve P-256');
    return ok(signerOf({ privateKey, publicKey }, protection, der));
  } catch {
    return refuse('key-unreadable', 'the text is not a private key in PEM (PKCS#8, without a passphrase)');
  }
}

/** A signer that lives for one run, for replayed and generated evidence that nobody trusts. */
export function throwAwaySigner(): Signer {
  return signerOf(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }), 'throw-away');
}

/** A spool asks for the same key with each of its packs, and reading one costs as much as verifying a signature by it. */
const lately = new Map<string, VerificationKey>();
const keptKeys = 16;

/** A public key from its PEM; refuses with `key-is-private`, `key-unreadable` or `key-not-p256`. */
export function verificationKeyFromPem(pem: string): Result<VerificationKey> {
  const known = lately.get(pem);
  if (known !== undefined) return ok(known);
  const read = readPublicPem(pem);
  if (read.ok) {
    // The one that was read first goes: a Map keeps its members in the order in which they came.
    for (const oldest of lately.size < keptKeys ? [] : [...lately.keys()].slice(0, 1)) lately.delete(oldest);
    lately.set(pem, read.value);
  }
  return read;
}

function readPublicPem(pem: string): Result<VerificationKey> {
  if (pem.includes('PRIVATE KEY'))
    return refuse(
      'key-is-private',
      'the text is a private key, which belongs to the server that signs and nobody else',
      {
        remedy: 'ask for the public key: affiant key show',
      },
    );
  try {
    if (!pem.includes('-----BEGIN PUBLIC KEY-----')) throw new TypeError('not a public key');
    const publicKey = createPublicKey({ key: pem, format: 'pem' });
    const der = publicKeyDer(publicKey);
    if (!isP256(der))
      return refuse('key-not-p256', 'the public key is not an ECDSA key on the curve P-256 with an uncompressed point');
    return ok({ keyId: sha256Hex(der), publicKey });
  } catch {
    return refuse('key-unreadable', 'the text is not a public key in PEM (-----BEGIN PUBLIC KEY-----)');
  }
}

/** A public key from its SubjectPublicKeyInfo in base64; refuses with `key-unreadable` or `key-not-p256`. */
export function verificationKeyFromDer(base64: string): Result<VerificationKey> {
  const der = decodeBase64(base64);
  if (der === undefined || der.length === 0)
    return refuse('key-unreadable', 'the public key is not in canonical base64');
  try {
    const publicKey = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
    // A point that is not on the curve does not get here; another encoding of the same key does.
    if (!isP256(der) || Buffer.compare(publicKeyDer(publicKey), der) !== 0)
      return refuse('key-not-p256', 'the public key is not an ECDSA key on the curve P-256 with an uncompressed point');
    return ok({ keyId: sha256Hex(der), publicKey });
  } catch {
    return refuse('key-unreadable', 'the bytes are not a public key (SubjectPublicKeyInfo)');
  }
}

/** The SubjectPublicKeyInfo of a key in base64, as files and records carry it. */
export function publicKeyBase64(key: VerificationKey): string {
  const known = texts.get(key.publicKey) ?? encodeBase64(publicKeyDer(key.publicKey));
  texts.set(key.publicKey, known);
  return known;
}

/** Exporting a key takes a millisecond, and whoever reads a history asks for the same one for each bundle. */
const texts = new WeakMap<KeyObject, string>();

/** The public half of a signer. */
export function verificationKeyOf(signer: Signer): VerificationKey {
  return { keyId: signer.keyId, publicKey: createPublicKey(signer.publicKeyPem) };
}
