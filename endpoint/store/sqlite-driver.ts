/** `Sql` over node:sqlite: one file, write-ahead mode, flushed at each commit, reads on a connection of their own. */
import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { inTurn } from './in-turn.ts';
import type { Database, Sql, SqlValue } from './sql.ts';

/** How long one process waits for another, in milliseconds. */
const busyMs = 5000;

/** "AFNT": marks the file as ours (sqlite.org/pragma.html#pragma_application_id). */
export const applicationId = 0x41464e54;

/** Opens or makes the file. Throws what the file system or SQLite throws. */
export function openSqlite(file: string, maxBytes?: number): Database {
  createPrivately(file);
  const writer = connect(file, maxBytes);
  let reader: DatabaseSync;
  try {
    reader = new DatabaseSync(file, { timeout: busyMs, readOnly: true });
  } catch (error) {
    writer.close();
    throw error;
  }
  const writes = sqlOver(writer);
  const reads = sqlOver(reader);
  return {
    dialect: 'sqlite',
    name: file,
    read: (work) => work(reads),
    write: inTurn((work) => inTransaction(writer, writes, work)),
    isUnreachable: () => false,
    async scrub() {
      // What was overwritten stands in the write-ahead log until it is emptied.
      writer.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    async bytes() {
      const row = await reads.get('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size');
      return Number(row?.['bytes'] ?? 0);
    },
    async close() {
      if (reader.isOpen) reader.close();
      if (writer.isOpen) writer.close();
    },
  };
}

/** SQLite gives its log files the mode of the database. */
function createPrivately(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

function connect(file: string, maxBytes: number | undefined): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: busyMs, enableForeignKeyConstraints: true });
  try {
    writeAhead(database);
    database.exec('PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON');
    // An INSERT of many rows remembers each page that it changes until it ends, past 64 KiB in a file
    // (sqlite.org/tempfiles.html, "Statement Journal Files"; compile.html#stmtjrnl_spill), which would be written for nearly each batch.
    database.exec('PRAGMA temp_store = MEMORY');
    if (maxBytes !== undefined) {
      const pageSize = Number(database.prepare('PRAGMA page_size').get()?.['page_size'] ?? 4096);
      database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`);
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
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

/** IMMEDIATE, because each decision reads what another process may be writing. */
async function inTransaction<T>(database: DatabaseSync, sql: Sql, work: (sql: Sql) => Promise<T>): Promise<T> {
  database.exec('BEGIN IMMEDIATE');
  try {
    const value = await work(sql);
    database.exec('COMMIT');
    return value;
  } catch (error) {
    // SQLite has rolled back by itself where the disk is full (sqlite.org/lang_transaction.html).
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function sqlOver(database: DatabaseSync): Sql {
  const prepared = new Map<string, StatementSync>();
  function statement(text: string): StatementSync {
    const known = prepared.get(text);
    if (known !== undefined) return known;
    const made = database.prepare(withQuestionMarks(text));
    prepared.set(text, made);
    return made;
  }
  return {
    dialect: 'sqlite',
    all: async (text, values: readonly SqlValue[] = []) => statement(text).all(...values),
    get: async (text, values: readonly SqlValue[] = []) => statement(text).get(...values),
    run: async (text, values: readonly SqlValue[] = []) => Number(statement(text).run(...values).changes),
    script: async (text) => database.exec(text),
  };
}

/**
 * `?1` is bound by its number, `$1` by where it first stands (sqlite.org/lang_expr.html#varparam). Where each stands once
 * and in order, a bare `?` says the same, and has no name: those of a row of hundreds are looked for one by one
 * whenever one is bound.
 */
function withQuestionMarks(text: string): string {
  const places = Array.from(text.matchAll(/\$([0-9]+)/g), ([, place]) => Number(place));
  const inOrder = places.every((place, index) => place === index + 1);
  return text.replaceAll(/\$([0-9]+)/g, inOrder ? '?' : '?$1');
}
