import { readFileSync } from 'node:fs';
import { ok, type Result, refuse } from '../evidence/result.ts';
import { type VerificationKey, verificationKeyFromPem } from '../evidence/signing-key.ts';
import type { Role } from '../schemas/generated/types.ts';

/**
 * A key that is taken, with what it may do: an agent speaks for one server, that with which it enrolled or,
 * trusted by file, that which it first reported. `line`: the ids of the keys that it follows by rotation, itself
 * included; its chain goes on from theirs.
 */
export type TrustedKey = VerificationKey & { readonly role: Role; readonly line?: readonly string[] };

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
