/** Which program collects: its version, and a digest that changes whenever the program does. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import about from '../../package.json' with { type: 'json' };
import { isExecutable, ownFile } from '../host/own-program.ts';

export const version: string = about.version;

const parts = ['agent', 'collectors', 'evidence', 'judge', 'schemas/generated'];

/**
 * SHA-256 of the executable; run from source, of the list `<sha256>  <path>\n` over the source files
 * in order of path and the lock file, as `sha256sum` would print it.
 */
export function programDigest(): string {
  return digestOver(parts);
}

/** The same over all that decides what is read from a pack, and the engine: what an audit keeps is bound to it. */
export function readerDigest(): string {
  return hash(`${process.version} ${digestOver([...parts, 'audit'])}`);
}

function digestOver(folders: readonly string[]): string {
  if (isExecutable) return hashFile(ownFile);
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  const files = folders
    .flatMap((part) => sources(root, part))
    .concat('package-lock.json')
    .toSorted();
  return hash(files.map((file) => `${hash(readFileSync(join(root, file)))}  ${file}\n`).join(''));
}

function sources(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(?:ts|js|mjs|ps1)$/.test(entry.name))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    );
}

function hash(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** In pieces: the executable is larger than all the memory that the agent may take. */
function hashFile(file: string): string {
  const digest = createHash('sha256');
  const piece = Buffer.allocUnsafeSlow(1 << 20);
  const descriptor = openSync(file, 'r');
  try {
    for (let read = -1; read !== 0; ) {
      read = readSync(descriptor, piece);
      digest.update(piece.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
  return digest.digest('hex');
}
