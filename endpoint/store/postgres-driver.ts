/** `Sql` over PostgreSQL by the package pg: a small pool, statements prepared once a connection, pipelined. */
import { createHash } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import type { Pool, PoolClient } from 'pg';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { Database, Row, Sql, SqlValue } from './sql.ts';

export type PostgresOptions = {
  /** A host name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Asked at each new connection, so that a password may be changed without a restart. */
  readonly password?: () => string | undefined;
  /** TLS with the server's name checked; without it only a Unix socket or loopback is fit for evidence. */
  readonly tls?: ConnectionOptions;
  /** Connections of this process at most. */
  readonly maxConnections?: number;
};

/** Milliseconds. A process that stops in the middle of a transaction may not hold the log for the others. */
const patience = { connect: 5_000, statement: 30_000, lock: 20_000, idleInTransaction: 10_000 } as const;

/** Whatever the server's own setting is: what is committed is on its disk (postgresql.org/docs/current/wal-async-commit.html). */
const durable = '-c synchronous_commit=on';

/**
 * Opens a pool. Refuses with `store-unreachable`, `store-not-durable` (fsync is off at the server) and
 * `store-unusable`; no text carries the password.
 */
export async function openPostgres(options: PostgresOptions): Promise<Result<Database>> {
  const name = `${options.database} at ${options.host}:${options.port}`;
  const pool = await makePool(options);
  // A connection that breaks while nobody uses it is replaced at the next use.
  pool.on('error', () => {});
  const database = databaseOver(pool, name);
  try {
    const row = await database.read((sql) => sql.get("SELECT current_setting('fsync') AS fsync"));
    if (row?.['fsync'] === 'on') return ok(database);
    await database.close();
    return refuse('store-not-durable', `${name}: the server does not flush what it commits (fsync is off)`, {
      remedy: 'set fsync = on in postgresql.conf; evidence that was receipted must survive a power cut',
    });
  } catch (error) {
    await database.close();
    if (isUnreachable(error))
      return refuse('store-unreachable', `${name} cannot be reached (${reasonOf(error)})`, {
        remedy: 'start PostgreSQL, and check serve.store: host, port, database, user and passwordFile',
      });
    return refuse('store-unusable', `${name} cannot be used (${reasonOf(error)})`, {
      remedy: 'give the user of serve.store a database of its own that it may make tables in',
    });
  }
}

async function makePool(options: PostgresOptions): Promise<Pool> {
  const pg = await import('pg');
  const { password, tls, maxConnections = 4, ...where } = options;
  return new pg.Pool({
    ...where,
    // Never from the environment (PGPASSWORD) or ~/.pgpass: where a secret comes from is said in one place.
    password: () => password?.() ?? '',
    ...(tls !== undefined && { ssl: tls }),
    max: maxConnections,
    connectionTimeoutMillis: patience.connect,
    statement_timeout: patience.statement,
    lock_timeout: patience.lock,
    idle_in_transaction_session_timeout: patience.idleInTransaction,
    keepAlive: true,
    pipeline: true,
    application_name: 'affiant',
    options: durable,
    types: { getTypeParser: parserOf(pg.types) },
  });
}

/** Counts and sums arrive as numbers; all of ours are below 2^53. */
function parserOf(types: typeof import('pg').types): typeof types.getTypeParser {
  const wide: readonly number[] = [types.builtins.INT8, types.builtins.NUMERIC];
  const parser: typeof types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
    wide.includes(oid) && format !== 'binary' ? Number : types.getTypeParser(oid, format);
  return parser;
}

function databaseOver(pool: Pool, name: string): Database {
  let closing: Promise<void> | undefined;
  return {
    dialect: 'postgres',
    name,
    read: (work) => withClient(pool, work),
    write: (work) => withClient(pool, (sql) => inTransaction(sql, work)),
    isUnreachable,
    scrub: () => withClient(pool, (sql) => sql.script('VACUUM document')),
    async bytes() {
      const row = await withClient(pool, (sql) => sql.get('SELECT pg_database_size(current_database()) AS bytes'));
      return Number(row?.['bytes'] ?? 0);
    },
    async close() {
      closing ??= pool.end();
      await closing;
    },
  };
}

/** A connection on which anything went wrong is not given back: what state it is in, nobody knows. */
async function withClient<T>(pool: Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = true;
  const onError = (): void => {};
  client.on('error', onError);
  try {
    const value = await work(sqlOver(client));
    broken = false;
    return value;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

async function inTransaction<T>(sql: Sql, work: (sql: Sql) => Promise<T>): Promise<T> {
  await sql.run('BEGIN');
  // Where it throws, the connection is closed, and with that the server rolls back.
  const value = await work(sql);
  await sql.run('COMMIT');
  return value;
}

function sqlOver(client: PoolClient): Sql {
  async function query(text: string, values: readonly SqlValue[] = []): Promise<{ rows: Row[]; changed: number }> {
    const result = await client.query<Row>({ name: nameOf(text), text, values: values.map(bound) });
    return { rows: result.rows, changed: result.rowCount ?? 0 };
  }
  return {
    dialect: 'postgres',
    all: async (text, values) => (await query(text, values)).rows,
    get: async (text, values) => (await query(text, values)).rows[0],
    run: async (text, values) => (await query(text, values)).changed,
    async script(text) {
      await client.query(text);
    },
  };
}

function bound(value: SqlValue): null | number | string | Buffer {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}

const names = new Map<string, string>();

/** PostgreSQL cuts names of prepared statements at 63 bytes. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const made = createHash('sha256').update(text).digest('base64url').slice(0, 24);
  names.set(text, made);
  return made;
}

/**
 * Classes 08 (connection), 53 (too many connections), 57P (shut down, starting up), 28 (refused at the
 * door): postgresql.org/docs/current/errcodes-appendix.html. What has no SQLSTATE came from the socket.
 */
function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  const code = 'code' in error ? String(error.code) : '';
  return !/^[0-9A-Z]{5}$/.test(code) || /^(?:08|28|53|57P|3D)/.test(code);
}

/** The server's text may quote values; its code and our own words do not. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return code ?? (error instanceof Error ? error.message : 'unknown');
}
