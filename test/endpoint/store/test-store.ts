/** A store of either kind that goes away, and agents that send to it without a server between. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreOptions } from '../../../endpoint/store/open-store.ts';
import { openPostgresStore } from '../../../endpoint/store/postgres.ts';
import { openPostgres } from '../../../endpoint/store/postgres-driver.ts';
import type { Database, Dialect, Sql } from '../../../endpoint/store/sql.ts';
import { openSqliteStore } from '../../../endpoint/store/sqlite.ts';
import { openSqlite } from '../../../endpoint/store/sqlite-driver.ts';
import type { Admission, Admitted, Store } from '../../../endpoint/store/store.ts';
import type { Result } from '../../../evidence/result.ts';
import { type SampleLog, sampleLog, valueOf } from '../../evidence/sample.ts';
import type { Agent, Made } from '../agent.ts';
import { postgresMissing, sharedPostgres } from './postgres-server.ts';

export const receivedAt = '2026-11-23T10:00:05.000Z';

export function admission(agent: Agent, made: Made, more: Partial<Admission> = {}): Admission {
  const { bundle, statement, digest, documents } = made;
  return { key: { ...agent.key, role: 'agent' }, bundle, statement, digest, documents, receivedAt, ...more };
}

type More = Partial<StoreOptions> & { readonly maxBytes?: number };

export type TestStore = {
  readonly dialect: Dialect;
  /** Its name at the server; empty for SQLite. */
  readonly database: string;
  /** Of the SQLite file, and for whatever else a test needs. */
  readonly folder: string;
  log: SampleLog;
  /** The store that is open now. */
  store: Store;
  /** Another store over the same database, as another process would have it. */
  open(more?: More): Promise<Result<Store>>;
  reopen(more?: More): Promise<void>;
  admit(agent: Agent, made: Made, more?: Partial<Admission>): Promise<Admitted>;
  /** Changes the database behind the store's back, then opens it again. */
  reopenAfter(change: (sql: Sql) => Promise<unknown>): Promise<Result<Store>>;
  /** Rows of a table, seen by another reader. */
  count(table: string): Promise<number>;
  /** Leaves of the log, of which each must be a bundle. */
  treeSize(): Promise<number>;
  remove(): Promise<void>;
};

type Place = {
  readonly database: string;
  open(options: StoreOptions & { readonly maxBytes?: number }): Promise<Result<Store>>;
  /** The same database without a store over it. */
  bare(): Promise<Database>;
  remove(): Promise<void>;
};

export function sqliteFile(folder: string): string {
  return join(folder, 'endpoint.db');
}

function sqlitePlace(folder: string): Place {
  const file = sqliteFile(folder);
  return {
    database: '',
    open: (options) => openSqliteStore(file, options),
    bare: async () => openSqlite(file),
    remove: async () => {},
  };
}

async function postgresPlace(): Promise<Place> {
  const server = await sharedPostgres();
  const where = await server.makeDatabase();
  return {
    database: where.database,
    open: (options) => openPostgresStore(where, options),
    bare: async () => valueOf(await openPostgres(where)),
    remove: () => server.dropDatabase(where.database),
  };
}

export async function makeTestStore(dialect: Dialect, more: More = {}): Promise<TestStore> {
  const folder = mkdtempSync(join(tmpdir(), 'affiant-store-'));
  const place = dialect === 'sqlite' ? sqlitePlace(folder) : await postgresPlace();
  const now = (): Date => new Date(receivedAt);
  const log = sampleLog();
  async function withBare<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const database = await place.bare();
    try {
      return await database.write(work);
    } finally {
      await database.close();
    }
  }
  const test: TestStore = {
    dialect,
    database: place.database,
    folder,
    log,
    store: valueOf(await place.open({ logSigner: log.signer, now, ...more })),
    open: (changed = {}) => place.open({ logSigner: test.log.signer, now, ...more, ...changed }),
    async reopen(changed) {
      await test.store.close();
      test.store = valueOf(await test.open(changed));
    },
    admit: async (agent, made, changed) => valueOf(await test.store.admit(admission(agent, made, changed))),
    async reopenAfter(change) {
      await test.store.close();
      await withBare(change);
      return test.open();
    },
    count: (table) =>
      withBare(async (sql) => Number((await sql.get(`SELECT count(*) AS rows FROM ${table}`))?.['rows'])),
    async treeSize() {
      const leaves = await test.count('log_leaf');
      assert.equal(leaves, await test.count('bundle'));
      return leaves;
    },
    async remove() {
      await test.store.close();
      await place.remove();
      rmSync(folder, { recursive: true });
    },
  };
  return test;
}

/** The dialects that a suite speaks about; each is named, so that leaving one out is a decision that is seen. */
export const both: readonly Dialect[] = ['sqlite', 'postgres'];

/**
 * One suite over each of the dialects, with a fresh store for each test. Where PostgreSQL is not
 * installed, its half is skipped by name.
 */
export function describeStore(
  title: string,
  dialects: readonly Dialect[],
  tests: (test: () => TestStore) => void,
): void {
  for (const dialect of dialects)
    describe(`${title} on ${dialect}`, function () {
      this.timeout(60_000);
      let test: TestStore;
      before(function () {
        if (dialect !== 'postgres' || postgresMissing === undefined) return;
        console.warn(`skipped: ${title} on postgres: ${postgresMissing}`);
        this.skip();
      });
      beforeEach(async () => {
        test = await makeTestStore(dialect);
      });
      afterEach(() => test.remove());
      tests(() => test);
    });
}
