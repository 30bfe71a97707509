/** A store in a folder that goes away, and agents that send to it without a server between. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../../../endpoint/store/sqlite.ts';
import type { Admission, Admitted, Store } from '../../../endpoint/store/store.ts';
import type { Result } from '../../../evidence/result.ts';
import { type SampleLog, sampleLog, valueOf } from '../../evidence/sample.ts';
import type { Agent, Made } from '../agent.ts';

export const receivedAt = '2026-11-23T10:00:05.000Z';

export function admission(agent: Agent, made: Made, more: Partial<Admission> = {}): Admission {
  const { bundle, statement, digest, documents } = made;
  return { key: { ...agent.key, role: 'agent' }, bundle, statement, digest, documents, receivedAt, ...more };
}

export type TestStore = {
  readonly folder: string;
  log: SampleLog;
  /** The store that is open now. */
  store: Store;
  open(more?: { maxBytes?: number }): Result<Store>;
  reopen(more?: { maxBytes?: number }): Promise<void>;
  admit(agent: Agent, made: Made, more?: Partial<Admission>): Promise<Admitted>;
  /** Changes the file behind the store's back, then opens it again. */
  reopenAfter(change: (database: DatabaseSync) => void): Promise<Result<Store>>;
  /** Rows of a table, seen by another reader of the file. */
  count(table: string): number;
  /** Leaves of the log, of which each must be a bundle. */
  treeSize(): number;
  remove(): Promise<void>;
};

export function makeTestStore(): TestStore {
  const folder = mkdtempSync(join(tmpdir(), 'affiant-store-'));
  const file = join(folder, 'endpoint.db');
  const log = sampleLog();
  const test: TestStore = {
    folder,
    log,
    store: valueOf(openSqliteStore(file, { logSigner: log.signer, now: () => new Date(receivedAt) })),
    open: (more = {}) =>
      openSqliteStore(file, { logSigner: test.log.signer, now: () => new Date(receivedAt), ...more }),
    async reopen(more) {
      await test.store.close();
      test.store = valueOf(test.open(more));
    },
    admit: async (agent, made, more) => valueOf(await test.store.admit(admission(agent, made, more))),
    async reopenAfter(change) {
      await test.store.close();
      const database = new DatabaseSync(file);
      change(database);
      database.close();
      return test.open();
    },
    count(table) {
      const database = new DatabaseSync(file, { readOnly: true });
      const row = database.prepare(`SELECT count(*) AS rows FROM ${table}`).get();
      database.close();
      return Number(row?.['rows']);
    },
    treeSize() {
      assert.equal(test.count('leaf'), test.count('bundle'));
      return test.count('leaf');
    },
    async remove() {
      await test.store.close();
      rmSync(folder, { recursive: true });
    },
  };
  return test;
}
