import assert from 'node:assert/strict';
import { copyFileSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { postPending } from '../../../agent/post/post.ts';
import { backupSqlite } from '../../../endpoint/store/backup.ts';
import { openPostgresStore } from '../../../endpoint/store/postgres.ts';
import { openSqliteStore } from '../../../endpoint/store/sqlite.ts';
import type { Store } from '../../../endpoint/store/store.ts';
import { memoryOutbox } from '../../agent/post/memory-outbox.ts';
import { codeOf, valueOf } from '../../evidence/sample.ts';
import { type Agent, makeAgent } from '../agent.ts';
import { startRunning, trusting } from '../running.ts';
import { sharedPostgres } from './postgres-server.ts';
import { admission, both, describeStore, receivedAt, sqliteFile, type TestStore } from './test-store.ts';

describeStore('a backup of the store', both, (store) => {
  let test: TestStore;
  let agent: Agent;
  beforeEach(() => {
    test = store();
    agent = makeAgent();
  });

  /** Backs up by the means of the dialect, and opens the copy as another store. */
  async function backedUp(): Promise<() => Promise<Store>> {
    const options = { logSigner: test.log.signer, now: () => new Date(receivedAt) };
    if (test.dialect === 'sqlite') {
      const file = join(test.folder, 'backup.db');
      valueOf(await backupSqlite(sqliteFile(test.folder), file));
      return async () => valueOf(await openSqliteStore(file, options));
    }
    const server = await sharedPostgres();
    const dump = server.run('pg_dump', ['-Fc', test.database]);
    const where = await server.makeDatabase();
    return async () => {
      server.run('pg_restore', ['-d', where.database], dump);
      return valueOf(await openPostgresStore(where, options));
    };
  }

  it('taken while bundles arrive holds a whole log, every receipt given before, and takes more', async () => {
    const before = await Promise.all(
      Array.from({ length: 5 }, () => agent.make()).map(async (made) => [made, await test.admit(agent, made)] as const),
    );
    const meanwhile = Promise.all(
      Array.from({ length: 20 }, () => makeAgent()).map((other) => test.admit(other, other.make())),
    );
    const open = await backedUp();
    await meanwhile;
    const restored = await open();
    try {
      for (const [made, admitted] of before) {
        assert.ok(admitted.outcome === 'stored');
        assert.deepEqual(valueOf(await restored.pack(agent.key.keyId, made.digest))?.receipt, admitted.receipt);
      }
      const next = agent.make();
      assert.equal(valueOf(await restored.admit(admission(agent, next))).outcome, 'stored');
    } finally {
      await restored.close();
    }
  });

  it('that is older than the last receipt is noticed by the agent, which keeps what it has', async () => {
    await test.admit(agent, agent.make());
    const open = await backedUp();
    const lost = memoryOutbox(agent, agent.make());
    const running = await startRunning(trusting(agent), { store: test.store, logSigner: test.log.signer });
    const clockwork = { now: () => new Date(receivedAt), random: () => 0.5, sleep: async () => {} };
    const post = async (outbox: typeof lost, url: string): ReturnType<typeof postPending> =>
      postPending(outbox, { url, timeoutSeconds: 5 }, clockwork);
    assert.equal(valueOf(await post(lost, running.endpoint.url)).packs[0]?.fate, 'receipted');
    await running.stop();
    const restored = await open();
    const again = await startRunning(trusting(agent), { store: restored, logSigner: test.log.signer });
    try {
      // The restored log grows another way, past the size that the agent has seen.
      const others = Array.from({ length: 3 }, () => makeAgent());
      for (const other of others) valueOf(await restored.admit(admission(other, other.make())));
      const waiting = memoryOutbox(agent, agent.make());
      waiting.checkpoint = lost.checkpoint;
      const [report] = valueOf(await post(waiting, again.endpoint.url)).packs;
      assert.ok(report?.fate === 'kept' && report.why.code === 'log-diverged');
      assert.equal(waiting.waiting.size, 1);
    } finally {
      await again.stop();
    }
  });
});

describeStore('a backup of the store file', ['sqlite'], (store) => {
  it('is private, stands alone, and overwrites nothing', async () => {
    const test = store();
    const agent = makeAgent();
    await test.admit(agent, agent.make());
    const file = join(test.folder, 'backup.db');
    assert.equal(valueOf(await backupSqlite(sqliteFile(test.folder), file)).size, 1);
    assert.equal(statSync(file).mode & 0o077, 0);
    assert.ok(!existsSync(`${file}-wal`) && !existsSync(`${file}.new`));
    assert.equal(codeOf(await backupSqlite(sqliteFile(test.folder), file)), 'backup-exists');
    writeFileSync(join(test.folder, 'no-database'), 'something else');
    assert.equal(
      codeOf(await backupSqlite(join(test.folder, 'no-database'), join(test.folder, 'other.db'))),
      'backup-failed',
    );
    assert.ok(!existsSync(join(test.folder, 'other.db')));
    // Restored: the file alone, in the place of the old one.
    await test.store.close();
    copyFileSync(file, sqliteFile(test.folder));
    test.store = valueOf(await test.open());
    assert.equal(valueOf(await test.store.checkpoint()).size, 1);
  });
});
