/** Packs and keys from files: read, bounded, verified. */
import type { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { type LogVerifier, logVerifierFromKey } from '../../evidence/checkpoint.ts';
import { type ConsistencyProof, parseConsistencyProofs } from '../../evidence/consistency.ts';
import { type Ledger, openLedger } from '../../evidence/ledger.ts';
import { decodeRecords, recordsLimits } from '../../evidence/records-file.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { type VerificationKey, verificationKeyFromPem } from '../../evidence/signing-key.ts';
import { stampAuthorities } from '../../evidence/timestamp.ts';

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
  /** Time-stamping authorities that are trusted. */
  readonly stampAuthorities?: readonly X509Certificate[];
  readonly any: boolean;
};

/** The keys that the user trusts. A private key in their place is refused: it does not belong here. */
export function readKeys(
  keyFiles: readonly string[],
  logKeyFile: string | undefined,
  stampCaFile?: string,
): Result<Keys> {
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
  const stamps = stampCaFile === undefined ? ok(undefined) : readStampCa(stampCaFile);
  if (!stamps.ok) return stamps;
  const found = {
    key: (keyId: string) => keys.get(keyId),
    any: keys.size > 0,
    ...(stamps.value !== undefined && { stampAuthorities: stamps.value }),
  };
  if (logKeyFile === undefined) return ok(found);
  const logKey = readLogKey(logKeyFile);
  return logKey.ok ? ok({ ...found, logKey: logKey.value }) : logKey;
}

function readStampCa(file: string): Result<X509Certificate[]> {
  const pem = readInput(file, 1024 * 1024);
  if (!pem.ok) return pem;
  const found = stampAuthorities(Buffer.from(pem.value).toString('utf8'));
  return found.ok
    ? found
    : refuse(found.refusal.code, `${file}: ${found.refusal.message}`, {
        remedy: 'give the root certificate of the authority that stamps the log (PEM)',
      });
}

/** The log key of a file: one verifier line. */
export function readLogKey(file: string): Result<LogVerifier> {
  const line = readInput(file, 65536);
  if (!line.ok) return line;
  const logKey = logVerifierFromKey(Buffer.from(line.value).toString('utf8').trim());
  return logKey.ok ? logKey : refuse(logKey.refusal.code, `${file}: ${logKey.refusal.message}`);
}

/** The records of a file, proved against the trusted log; the refusal names the file. */
export function readLedger(file: string, log: LogVerifier): Result<Ledger> {
  const bytes = readInput(file, recordsLimits.maxBytes);
  if (!bytes.ok) return bytes;
  const decoded = decodeRecords(bytes.value);
  const ledger = decoded.ok ? openLedger(decoded.value.records, log) : decoded;
  return ledger.ok
    ? ledger
    : { ok: false, refusal: { ...ledger.refusal, message: `${file}: ${ledger.refusal.message}` } };
}

/** Consistency proofs of files, for whoever trusts a log key. */
export function readConsistency(files: readonly string[], { logKey }: Keys): Result<ConsistencyProof[]> {
  if (files.length > 0 && logKey === undefined)
    return refuse('usage', 'consistency proofs are of a log, and no log key is given', {
      remedy: 'affiant verify PACK… --key FILE --log-key FILE --consistency FILE',
    });
  const proofs: ConsistencyProof[] = [];
  for (const file of files) {
    const bytes = readInput(file);
    if (!bytes.ok) return bytes;
    const parsed = parseConsistencyProofs(Buffer.from(bytes.value).toString('utf8'));
    if (!parsed.ok) return { ok: false, refusal: { ...parsed.refusal, message: `${file}: ${parsed.refusal.message}` } };
    proofs.push(...parsed.value);
  }
  return ok(proofs);
}
