/** Files of packs: found below a folder, and read. */
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { ok, type Result, refuse } from '../evidence/result.ts';
import { identityText, isSettled } from './file-identity.ts';

/** Packs below a folder, in the order of their paths; other files are passed over. Refuses with `packs-unreadable`. */
export function listPacks(folder: string): Result<string[]> {
  try {
    if (!statSync(folder).isDirectory()) return refuse('packs-unreadable', `${folder} is not a folder`);
    const found: string[] = [];
    listInto(found, folder);
    return ok(found);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('packs-unreadable', `${folder} cannot be read (${code})`, {
      remedy: 'check the folder given with --packs',
    });
  }
}

/** A folder is ordered as its paths are, with what separates names: of 400,000 whole paths sorting takes longer. */
function listInto(found: string[], folder: string): void {
  const below = readdirSync(folder, { withFileTypes: true }).flatMap((entry): string[] => {
    if (entry.isDirectory()) return [entry.name + sep];
    return entry.isFile() && entry.name.endsWith('.pack.json') ? [entry.name] : [];
  });
  const start = folder.endsWith(sep) ? folder : folder + sep;
  for (const name of below.toSorted())
    if (name.endsWith(sep)) listInto(found, start + name.slice(0, -sep.length));
    else found.push(start + name);
}

/** The bytes of a file, as long as nothing else is read, and its identity where nothing changed it for a while and while it was read. */
export type ReadFile = { readonly bytes: Uint8Array; readonly identity?: string };

/** As `readAtMost`; `settledMs` after its last change the file has an identity to be known by. */
export function readKnown(path: string, maxBytes: number, settledMs: number): ReadFile | undefined {
  const file = openSync(path, 'r');
  try {
    const before = fstatSync(file, { bigint: true });
    if (before.size > BigInt(maxBytes)) return undefined;
    const now = Date.now();
    const bytes = readWhole(file, Number(before.size));
    if (!isSettled(before, now, settledMs)) return { bytes };
    const identity = identityText(before);
    return identityText(fstatSync(file, { bigint: true })) === identity ? { bytes, identity } : { bytes };
  } finally {
    closeSync(file);
  }
}

/** The whole of a file, as long as nothing else is read; undefined where it is longer. Throws what the disk says. */
export function readAtMost(path: string, maxBytes: number): Uint8Array | undefined {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    return size > maxBytes ? undefined : readWhole(file, size);
  } finally {
    closeSync(file);
  }
}

/**
 * Packs are read into one place after the other: what is outside of the heap is let go late, and hundreds of MiB would
 * wait for it. Longer files get a place of their own.
 */
const place = Buffer.allocUnsafeSlow(512 * 1024);

/** As long as it was when it was opened: one that grows meanwhile is cut, one that shrinks ends where it ends. */
function readWhole(file: number, size: number): Uint8Array {
  const bytes = size <= place.length ? place : Buffer.allocUnsafeSlow(size);
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
  if (sep === '/' && !folder.endsWith(sep) && path.startsWith(folder + sep)) return path.slice(folder.length + 1);
  return relative(folder, path).split(sep).join('/');
}
