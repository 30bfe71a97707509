/**
 * What was built, kept under the digest of all that it is built from, so that tests and packages share it.
 * An entry appears whole or not at all: it is made under another name and renamed.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const cacheRoot: string = join(projectRoot, 'node_modules/.cache/affiant-package');

export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

export function fileSha256(file: string): string {
  return sha256(readFileSync(file));
}

/** One digest over the parts, each held apart from the next. */
export function keyOf(...parts: readonly string[]): string {
  return sha256(JSON.stringify(parts)).slice(0, 24);
}

/** The folder for `key`; `make` fills it where it is not there yet. */
export function cached(kind: string, key: string, make: (folder: string) => void): string {
  const folder = join(cacheRoot, kind, key);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  try {
    make(fresh);
    // Another build may have been quicker; both made the same.
    if (existsSync(folder)) rmSync(fresh, { recursive: true });
    else renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
  return folder;
}
