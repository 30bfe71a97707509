/**
 * One lock for a state folder, which the kernel releases when its holder dies: an fcntl(2) lock, had
 * through SQLite because Node offers none. `BEGIN EXCLUSIVE` on an empty file locks it and writes
 * nothing (with the journal in memory), so a full disk does not matter.
 *
 * Known holes: on NFS it is as good as the server's lock manager; whoever else in this process opens
 * and closes the lock file releases the lock (fcntl(2), "Advisory record locking").
 */
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { fail } from './fault.ts';

/** Does the work while nobody else does any under the same lock. The work is synchronous; the lock is not re-entrant. */
export type Lock = <T>(work: () => T) => T;

/** SQLite's result codes, https://sqlite.org/rescode.html */
const sqliteBusy = 5;
const sqliteNotADatabase = 26;

/**
 * Waits for the lock, at most `waitMs`, and holds it until the returned function is called or the
 * process ends. Throws a fault `state-locked` when others hold it for longer.
 */
export function holdLock(path: string, waitMs: number): () => void {
  const database = open(path, waitMs);
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    explain(error, path);
  }
  return () => database.close();
}

/** A lock over a file, taken anew for each work. */
export function fileLock(path: string, waitMs = 10_000): Lock {
  return (work) => {
    const release = holdLock(path, waitMs);
    try {
      return work();
    } finally {
      release();
    }
  };
}

function open(path: string, waitMs: number): DatabaseSync {
  // Not an import: most commands need no lock and start faster without SQLite.
  const sqlite = process.getBuiltinModule('node:sqlite');
  try {
    return new sqlite.DatabaseSync(path, { timeout: waitMs });
  } catch (error) {
    return explain(error, path);
  }
}

function explain(error: unknown, path: string): never {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  if (code === sqliteBusy)
    fail(
      'state-locked',
      `another affiant holds the lock of ${dirname(path)}`,
      'wait until it is done, or find it: fuser ' + path,
    );
  if (code === sqliteNotADatabase)
    fail('lock-damaged', `${path} is not an empty lock file`, `stop every affiant, then remove ${path}`);
  if (typeof code === 'number')
    fail(
      'not-permitted',
      `the lock ${path} cannot be taken (SQLite ${code})`,
      'check the folder and its file system, or use another folder: --state DIR',
    );
  throw error;
}
