import { readFileSync } from 'node:fs';
import { ok, type Result, refuse } from '../evidence/result.ts';
import { type VerificationKey, verificationKeyFromPem } from '../evidence/signing-key.ts';

/**
 * What a key may do: an agent speaks for the one server that it first reported. Sweepers and auditors,
 * who speak for several, come with enrolment.
 */
export type Role = 'agent';

/** A key whose bundles are taken. */
export type TrustedKey = VerificationKey & { readonly role: Role };

/** By key id. */
export type TrustedKeys = ReadonlyMap<string, TrustedKey>;

const maxPemBytes = 64 * 1024;

/**
 * The public keys of PEM files, one a file, each as an agent's. Refuses with `trust-key-unreadable`,
 * `trust-key-invalid`; the message names the file.
 */
export function loadTrustedKeys(files: readonly string[]): Result<TrustedKeys> {
  const keys = new Map<string, TrustedKey>();
  for (const file of files) {
    const pem = readPem(file);
    if (!pem.ok) return pem;
    const key = verificationKeyFromPem(pem.value);
    if (!key.ok)
      return refuse('trust-key-invalid', `${file}: ${key.refusal.message}`, {
        remedy: key.refusal.remedy ?? 'on the server: affiant key show > KEY.pem',
      });
    keys.set(key.value.keyId, { ...key.value, role: 'agent' });
  }
  return ok(keys);
}

function readPem(file: string): Result<string> {
  try {
    const bytes = readFileSync(file);
    if (bytes.length <= maxPemBytes) return ok(bytes.toString('utf8'));
    return refuse('trust-key-invalid', `${file}: larger than a public key can be`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('trust-key-unreadable', `${file} cannot be read (${code})`, {
      remedy: 'give a readable file with the public key of a server (affiant key show)',
    });
  }
}
