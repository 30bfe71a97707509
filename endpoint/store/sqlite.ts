import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { LogSigner } from '../../evidence/checkpoint.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { groupCommit } from './group-commit.ts';
import { openAdmission } from './sqlite-admit.ts';
import { checkLog, openLogTables } from './sqlite-log.ts';
import { openPacks } from './sqlite-packs.ts';
import { migrate } from './sqlite-schema.ts';
import type { Admission, Admitted, Store } from './store.ts';

export type SqliteOptions = {
  /** Signs the checkpoints; a store belongs to one log key for good. */
  readonly logSigner: LogSigner;
  /** By the endpoint's clock. */
  readonly now: () => Date;
  /** A cap on the file in bytes, so that evidence cannot fill the disk that the endpoint needs to answer. */
  readonly maxBytes?: number;
};

/** How long one process waits for another, in milliseconds. */
const busyMs = 5000;

/**
 * The embedded store: one SQLite file in write-ahead mode, flushed to the disk before any answer
 * (`synchronous=FULL`). Refuses with `store-unusable`, as `migrate` does, and with `store-log-diverged`
 * or `store-log-key` where the log in it is not what it signed.
 */
export function openSqliteStore(file: string, options: SqliteOptions): Result<Store> {
  let database: DatabaseSync | undefined;
  try {
    createPrivately(file);
    database = new DatabaseSync(file, { timeout: busyMs, enableForeignKeyConstraints: true });
    configure(database, options.maxBytes);
    const store = openOver(database, file, options);
    if (!store.ok) database.close();
    return store;
  } catch (error) {
    if (database?.isOpen === true) database.close();
    return refuse('store-unusable', `${file} cannot be used (${reasonOf(error)})`, {
      remedy: 'make the folder one that this user owns and may write; if the file is damaged, restore a backup',
    });
  }
}

function openOver(database: DatabaseSync, file: string, { logSigner, now }: SqliteOptions): Result<Store> {
  const migrated = inTransaction(database, () => migrate(database, file));
  if (!migrated.ok) return migrated;
  const log = openLogTables(database, logSigner);
  inTransaction(database, () => {
    if (log.newest() === undefined && log.size() === 0) log.seal(now().toISOString());
  });
  const checked = checkLog(log, logSigner, file);
  if (!checked.ok) return checked;
  const admitAll = openAdmission(database, log, logSigner.origin);
  const admit = groupCommit<Admission, Result<Admitted>>(
    (batch) => inTransaction(database, () => admitAll(batch)).map((admitted) => ok(admitted)),
    (error) => failed(file, error),
  );
  const packs = openPacks(database);
  return ok({
    admit,
    checkpoint: async () => attempt(file, () => log.newest() ?? checked.value),
    pack: async (keyId, digest) => attempt(file, () => packs.read(keyId, digest)),
    close: async () => {
      if (database.isOpen) database.close();
    },
  });
}

/** SQLite gives its log files the mode of the database. */
function createPrivately(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

function configure(database: DatabaseSync, maxBytes: number | undefined): void {
  writeAhead(database);
  database.exec('PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF');
  if (maxBytes === undefined) return;
  const pageSize = Number(database.prepare('PRAGMA page_size').get()?.['page_size'] ?? 4096);
  database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`);
}

/**
 * Two processes that open a new store at the same moment both change its journal mode, and there
 * SQLite answers "database is locked" at once, without its busy timeout (sqlite.org/wal.html, "Sometimes
 * Queries Return SQLITE_BUSY In WAL Mode"). Tried again for as long as that timeout.
 */
function writeAhead(database: DatabaseSync): void {
  const patience = Date.now() + busyMs;
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('locked') || Date.now() > patience) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

/** All of it or nothing; IMMEDIATE, because each decision reads what another process may be writing. */
function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const value = work();
    database.exec('COMMIT');
    return value;
  } catch (error) {
    // SQLite has rolled back by itself where the disk is full (sqlite.org/lang_transaction.html).
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function attempt<T>(file: string, work: () => T): Result<T> {
  try {
    return ok(work());
  } catch (error) {
    return failed(file, error);
  }
}

function failed(file: string, error: unknown): Result<never> {
  return refuse('store-failed', `${file}: nothing was kept (${reasonOf(error)})`, {
    remedy: 'look at the free space of the disk and at its health',
  });
}

/** SQLite's own text names no content: "database or disk is full". */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
