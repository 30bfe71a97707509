/** Which program collects: its version, and a digest that changes whenever the program does. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import about from '../../package.json' with { type: 'json' };

export const version: string = about.version;

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
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
  if (!import.meta.url.startsWith('file:')) return hash(readFileSync(process.execPath));
  const files = folders
    .flatMap((part) => sources(part))
    .concat('package-lock.json')
    .toSorted();
  return hash(files.map((file) => `${hash(readFileSync(join(root, file)))}  ${file}\n`).join(''));
}

function sources(folder: string): string[] {
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
