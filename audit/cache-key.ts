/** The key of a cache: 32 bytes in the cache's folder, readable for its owner alone. */
import { randomBytes } from 'node:crypto';
import { linkSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const length = 32;

/**
 * The key, or a new one where there is none, or where others could have read it: what was bound by the old one is
 * then not believed. Of two processes that make one at once both get the same. Throws what the disk says.
 */
export function cacheKey(folder: string): Uint8Array {
  const file = join(folder, 'cache.key');
  const found = read(file);
  if (found !== undefined) return found;
  const fresh = join(folder, `cache.key.${randomBytes(8).toString('hex')}`);
  writeFileSync(fresh, randomBytes(length), { flag: 'wx', mode: 0o600 });
  try {
    linkSync(fresh, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(fresh);
  }
  const made = read(file);
  if (made === undefined) throw new Error('the key of the cache cannot be kept');
  return made;
}

/** Undefined where there is none; one that is none, or that others can read, is removed. */
function read(file: string): Uint8Array | undefined {
  const look = lstatSync(file, { throwIfNoEntry: false });
  if (look === undefined) return undefined;
  const isExposed = process.platform !== 'win32' && (look.mode & 0o077) !== 0;
  if (look.isFile() && !isExposed && look.size === length) return readFileSync(file);
  rmSync(file, { recursive: true });
  return undefined;
}
