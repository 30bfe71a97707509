/**
 * A file for the texts of servers: what was judged waits there until its turn comes. It says who gets into which
 * server, so nobody else may read it, and it must be gone however the process ends; a signal runs no code of ours.
 */
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Open to read and to write, for this user alone, for all threads. Throws as the file system does. */
export function openTexts(): number {
  const folder = mkdtempSync(join(tmpdir(), 'affiant-findings-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    return openSync(join(folder, 'texts'), 'wx+', 0o600);
  } finally {
    // A file without a name goes with the last process that has it open, by unlink(2); Windows keeps the name of an open file.
    if (process.platform === 'win32') process.once('exit', remove);
    else remove();
  }
}
