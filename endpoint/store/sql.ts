/**
 * The one small door to a database: text, values, rows. Both dialects understand `$1`, `ON CONFLICT`,
 * `RETURNING`, upserts and window functions, so a statement is written once; where they differ, the few
 * words for it stand in dialect.ts. Whoever uses it writes functions over `Sql` and knows no driver.
 */

export type Dialect = 'sqlite' | 'postgres';

/** What a column holds: integers up to 2^53, text without NUL, bytes. Times are RFC 3339 in UTC, as text. */
export type SqlValue = null | number | string | Uint8Array;

export type Row = Readonly<Record<string, unknown>>;

/** Statements against the database; each throws what the driver throws. `$1` is the first of `values`. */
export type Sql = {
  readonly dialect: Dialect;
  all(text: string, values?: readonly SqlValue[]): Promise<readonly Row[]>;
  /** The first row. */
  get(text: string, values?: readonly SqlValue[]): Promise<Row | undefined>;
  /** The number of rows that were changed. */
  run(text: string, values?: readonly SqlValue[]): Promise<number>;
  /** Several statements without values, for migrations. */
  script(text: string): Promise<void>;
};

/** An open database of either kind. */
export type Database = {
  readonly dialect: Dialect;
  /** Names it in messages: a file, or host and database; never a password. */
  readonly name: string;
  /** Statements outside a transaction: each sees what is committed. They never wait for a writer. */
  read<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /**
   * All of it or nothing, durable when it resolves. One writer at a time in a process; `work` must not
   * call `write` again, and waits for nothing but its statements.
   */
  write<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Whether the error says that the database cannot be reached now, so that trying again at once is idle. */
  isUnreachable(error: unknown): boolean;
  /**
   * Frees what deleted documents held, for erasures: SQLite has overwritten it and empties its write-ahead log;
   * PostgreSQL gives the pages back for use, and its own write-ahead log and backups go by their retention.
   */
  scrub(): Promise<void>;
  /** What the database takes on its disk. */
  bytes(): Promise<number>;
  close(): Promise<void>;
};

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} is not text`);
  return value;
}

export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`column ${column} is not a number`);
  return value;
}

export function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} is not bytes`);
  return value;
}

/** A digest column as hexadecimal. */
export function hexOf(row: Row, column: string): string {
  return Buffer.from(bytesOf(row, column)).toString('hex');
}

/** A digest column that may be null. */
export function optionalHexOf(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : hexOf(row, column);
}

/** Hexadecimal for a digest column. */
export function fromHex(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex');
}
