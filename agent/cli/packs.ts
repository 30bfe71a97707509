/** Packs and keys from files: read, bounded, verified. */
import { readFileSync, statSync } from 'node:fs';
import { type LogVerifier, logVerifierFromKey } from '../../evidence/checkpoint.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { type VerificationKey, verificationKeyFromPem } from '../../evidence/signing-key.ts';

const maxPackBytes = 64 * 1024 * 1024;

/** The bytes of a file, or why they cannot be had. */
export function readInput(file: string, maxBytes = maxPackBytes): Result<Uint8Array> {
  try {
    const stat = statSync(file);
    if (!stat.isFile()) return refuse('not-a-file', `${file} is not a file`);
    if (stat.size > maxBytes) return refuse('too-large', `${file} is larger than ${maxBytes} bytes`);
    return ok(readFileSync(file));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('unreadable', `${file} cannot be read (${code})`, { remedy: 'check the path and its permissions' });
  }
}

export type Keys = {
  key(keyId: string): VerificationKey | undefined;
  readonly logKey?: LogVerifier;
  readonly any: boolean;
};

/** The keys that the user trusts. A private key in their place is refused: it does not belong here. */
export function readKeys(keyFiles: readonly string[], logKeyFile: string | undefined): Result<Keys> {
  const keys = new Map<string, VerificationKey>();
  for (const file of keyFiles) {
    const bytes = readInput(file, 65536);
    if (!bytes.ok) return bytes;
    const text = Buffer.from(bytes.value).toString('utf8');
    if (text.includes('PRIVATE KEY'))
      return refuse('key-private', `${file} holds a private key`, { remedy: 'give the public key: affiant key show' });
    const key = verificationKeyFromPem(text);
    if (!key.ok)
      return refuse(key.refusal.code, `${file}: ${key.refusal.message}`, {
        remedy: 'give a P-256 public key as PEM: affiant key show',
      });
    keys.set(key.value.keyId, key.value);
  }
  const found = { key: (keyId: string) => keys.get(keyId), any: keys.size > 0 };
  if (logKeyFile === undefined) return ok(found);
  const line = readInput(logKeyFile, 65536);
  if (!line.ok) return line;
  const logKey = logVerifierFromKey(Buffer.from(line.value).toString('utf8').trim());
  if (!logKey.ok) return refuse(logKey.refusal.code, `${logKeyFile}: ${logKey.refusal.message}`);
  return ok({ ...found, logKey: logKey.value });
}
