/** A copy of the embedded store while an endpoint writes to it (sqlite.org/backup.html). */
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { reasonOf } from './open-store.ts';

/** Leaves of the log in the copy. */
export type Backup = { readonly size: number };

/**
 * Copies `from` to `to`, durable and complete or not there at all: under another name, checked, flushed,
 * renamed. Refuses with `backup-exists`, `backup-failed`, `backup-damaged`.
 */
export async function backupSqlite(from: string, to: string): Promise<Result<Backup>> {
  if (existsSync(to)) return refuse('backup-exists', `${to} is there already`, { remedy: 'name a file that is not' });
  const temporary = `${to}.new`;
  try {
    rmSync(temporary, { force: true });
    closeSync(openSync(temporary, 'wx', 0o600));
    const source = new DatabaseSync(from, { readOnly: true, timeout: 5000 });
    try {
      await backup(source, temporary, { rate: 1000 });
    } finally {
      source.close();
    }
    const checked = check(temporary);
    if (!checked.ok) return checked;
    chmodSync(temporary, 0o600);
    sync(temporary);
    renameSync(temporary, to);
    if (process.platform !== 'win32') sync(dirname(to));
    return checked;
  } catch (error) {
    return refuse('backup-failed', `${from} could not be copied to ${to} (${reasonOf(error)})`, {
      remedy: 'look at the free space and the rights of the folder',
    });
  } finally {
    for (const end of ['', '-wal', '-shm']) rmSync(temporary + end, { force: true });
  }
}

function check(file: string): Result<Backup> {
  const copy = new DatabaseSync(file);
  try {
    // One file without companions, whatever becomes of it.
    copy.exec('PRAGMA journal_mode = DELETE');
    const integrity = copy.prepare('PRAGMA integrity_check').get()?.['integrity_check'];
    const row = copy
      .prepare('SELECT (SELECT size FROM log_head) AS head, (SELECT count(*) FROM log_leaf) AS leaves')
      .get();
    if (integrity === 'ok' && row !== undefined && row['head'] === row['leaves'])
      return ok({ size: Number(row['head']) });
    return refuse('backup-damaged', `the copy of the store is not whole (${String(integrity)})`, {
      remedy: 'check the disk of the store at once; keep the last backup',
    });
  } finally {
    copy.close();
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
