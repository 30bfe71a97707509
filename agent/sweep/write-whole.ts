import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, type Result, refuse } from '../../evidence/result.ts';

/** What a process that died in the middle of a write left in a folder: complete or not, nothing names it. */
export function removeParts(folder: string): void {
  for (const name of readdirSync(folder))
    if (/\.json\.[0-9a-f]{12}\.part$/.test(name)) rmSync(join(folder, name), { force: true });
}

/** The whole file or none, on the disk before its name is, readable by its owner alone. Refuses with `out-unwritable`. */
export function writeWhole(file: string, bytes: Uint8Array): Result<undefined> {
  const part = `${file}.${randomBytes(6).toString('hex')}.part`;
  try {
    const descriptor = openSync(part, 'wx', 0o600);
    try {
      writeFileSync(descriptor, bytes);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(part, file);
    return ok(undefined);
  } catch (error) {
    rmSync(part, { force: true });
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('out-unwritable', `${file} cannot be written (${code})`, {
      remedy: 'free space there, or name another folder with --out',
    });
  }
}
