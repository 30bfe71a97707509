/** Files of packs: found below a folder, and read. */
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { ok, type Result, refuse } from '../evidence/result.ts';

/** Packs below a folder, in the order of their names; other files are passed over. Refuses with `packs-unreadable`. */
export function listPacks(folder: string): Result<string[]> {
  try {
    if (!statSync(folder).isDirectory()) return refuse('packs-unreadable', `${folder} is not a folder`);
    return ok(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.pack.json'))
        .map((entry) => join(entry.parentPath, entry.name))
        .toSorted(),
    );
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('packs-unreadable', `${folder} cannot be read (${code})`, {
      remedy: 'check the folder given with --packs',
    });
  }
}

/** The whole of a file; undefined where it is longer. Throws what the disk says. */
export function readAtMost(path: string, maxBytes: number): Uint8Array | undefined {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    return size > maxBytes ? undefined : readWhole(file, size);
  } finally {
    closeSync(file);
  }
}

/** As long as it was when it was opened: one that grows meanwhile is cut, one that shrinks ends where it ends. */
function readWhole(file: number, size: number): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(size);
  let length = 0;
  while (length < size) {
    const read = readSync(file, bytes, length, size - length, null);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}

/** The path as it is shown: below the folder, with slashes. */
export function shownPath(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}
