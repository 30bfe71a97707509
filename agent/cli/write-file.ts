import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ok, type Result, refuse } from '../../evidence/result.ts';

/** Writes a whole file or none: beside it first, then in its place. Refuses with `unwritable`. */
export function writeWhole(file: string, content: string | Uint8Array): Result<undefined> {
  const part = `${file}.${randomBytes(6).toString('hex')}.part`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(part, content, { flag: 'wx' });
    renameSync(part, file);
    return ok(undefined);
  } catch (error) {
    rmSync(part, { force: true });
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('unwritable', `${file} cannot be written (${code})`, { remedy: 'name a place that you may write' });
  }
}
