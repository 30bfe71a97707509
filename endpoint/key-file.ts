/** A private key of the endpoint in its state folder: made there at the first start, durable, for nobody else to read. */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { ok, type Result, refuse } from '../evidence/result.ts';

/**
 * The PEM of the file, or of a new one where it is not there and may be made. `what` names it in codes: refuses
 * with `WHAT-unsafe` where others can read it, `WHAT-missing` where it may not be made, `WHAT-unreadable`.
 */
export function loadOrCreatePem(
  folder: string,
  name: string,
  what: string,
  make: () => string | undefined,
): Result<{ file: string; pem: string }> {
  const file = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const pem = read(file) ?? create(folder, file, make);
    if (pem === undefined)
      return refuse(`${what}-missing`, `there is no ${file}`, { remedy: `put the ${name} of this endpoint back` });
    const { mode } = statSync(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      return refuse(`${what}-unsafe`, `${file} can be read by others`, { remedy: `chmod 600 ${file}` });
    return { ok: true, value: { file, pem } };
  } catch (error) {
    return refuse(`${what}-unreadable`, `${file} cannot be read or made (${codeOf(error)})`, {
      remedy: 'make the state folder one that this user owns and may write',
    });
  }
}

/**
 * One key in the place of another, durable: rename, fsync of the folder. Where another process did it already, that is
 * fine, too. Refuses with `WHAT-unreadable`.
 */
export function replacePem(folder: string, from: string, to: string, what: string): Result<undefined> {
  try {
    renameSync(join(folder, from), join(folder, to));
    syncFolder(folder);
    return ok(undefined);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ok(undefined);
    return refuse(`${what}-unreadable`, `${join(folder, to)} cannot be replaced (${codeOf(error)})`, {
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
function create(folder: string, file: string, make: () => string | undefined): string | undefined {
  const pem = make();
  if (pem === undefined) return undefined;
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
