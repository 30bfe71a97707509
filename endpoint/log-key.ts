import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createLogKeyPem, type LogSigner, logSignerFromPem } from '../evidence/checkpoint.ts';
import { type Result, refuse } from '../evidence/result.ts';

const name = 'log-key.pem';

/**
 * The log's signing key from the endpoint's state folder, made there at the first start. Refuses with
 * `log-key-unsafe` where others can read it, `log-key-unreadable`, and as `logSignerFromPem` does.
 */
export function loadOrCreateLogKey(folder: string, origin: string): Result<LogSigner> {
  const file = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const pem = read(file) ?? create(folder, file);
    const { mode } = statSync(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      return refuse('log-key-unsafe', `${file} can be read by others`, { remedy: `chmod 600 ${file}` });
    const signer = logSignerFromPem(pem, origin);
    return signer.ok ? signer : refuse(signer.refusal.code, `${file}: ${signer.refusal.message}`);
  } catch (error) {
    return refuse('log-key-unreadable', `${file} cannot be read or made (${codeOf(error)})`, {
      remedy: 'make the state folder one that this user owns and may write',
    });
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Durable, and never over a key that another process just made: openat(O_EXCL, 0600), write, fsync,
 * link, unlink, fsync of the folder. The hole that remains: a crash between link and unlink leaves a
 * second name of the key beside it, which the same mode protects.
 */
function create(folder: string, file: string): string {
  const pem = createLogKeyPem();
  const temporary = `${file}.${randomUUID()}.new`;
  const descriptor = openSync(temporary, 'wx', 0o600);
  try {
    writeSync(descriptor, pem);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    linkSync(temporary, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return readFileSync(file, 'utf8');
  } finally {
    unlinkSync(temporary);
  }
  syncFolder(folder);
  return pem;
}

/** Windows has no fsync of a folder; NTFS orders the rename in its own journal. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
