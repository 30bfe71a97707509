import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteStore } from '../../../endpoint/store/sqlite.ts';
import { openCheckpoint } from '../../../evidence/checkpoint.ts';
import { verifyReceipt } from '../../../evidence/receipt.ts';
import { codeOf, sampleLog, valueOf } from '../../evidence/sample.ts';
import { type Made, makeAgent } from '../agent.ts';
import { admission, makeTestStore, type TestStore } from './test-store.ts';

describe('SQLite store in trouble', () => {
  let test: TestStore;
  beforeEach(() => {
    test = makeTestStore();
  });
  afterEach(() => test.remove());

  it('keeps nothing by halves when the disk is full, and goes on when there is room', async () => {
    await test.reopen({ maxBytes: 256 * 1024 });
    const agent = makeAgent();
    const large = (): Map<string, object> =>
      new Map([['raw/1', { text: Array.from({ length: 2000 }, () => Math.random()) }]]);
    let kept = 0;
    let refusedBundle: Made | undefined;
    while (refusedBundle === undefined && kept < 100) {
      const made = agent.make({ documents: large() });
      const result = await test.store.admit(admission(agent, made));
      if (result.ok) kept += 1;
      else {
        assert.equal(result.refusal.code, 'store-failed');
        refusedBundle = made;
      }
    }
    assert.ok(refusedBundle !== undefined && kept > 0);
    assert.equal(test.treeSize(), kept);
    assert.equal(test.count('document'), kept);
    assert.equal(valueOf(await test.store.checkpoint()).size, kept);
    assert.equal(valueOf(await test.store.pack(agent.key.keyId, refusedBundle.digest)), undefined);
    await test.reopen();
    assert.equal((await test.admit(agent, refusedBundle)).outcome, 'stored');
  });

  it('keeps no part of a bundle that fails half-way, and lets it take no other of its batch with it', async () => {
    const [agent, other] = [makeAgent(), makeAgent()];
    const made = agent.make({
      documents: new Map<string, object>([
        ['raw/1', { text: 'written first' }],
        ['raw/2', { text: 'fails' }],
      ]),
    });
    const documents = new Map([...made.documents, ['raw/2', { text: Number.NaN }]]);
    const [bad, good] = await Promise.all([
      test.store.admit(admission(agent, made, { documents })),
      test.store.admit(admission(other, other.make({ documents: new Map([['raw/1', { text: 'kept' }]]) }))),
    ]);
    assert.equal(codeOf(bad), 'store-failed');
    assert.equal(valueOf(good).outcome, 'stored');
    assert.equal(test.treeSize(), 1);
    assert.deepEqual([test.count('signing_key'), test.count('key_target'), test.count('document')], [1, 1, 1]);
  });

  it('goes on with the same log after a restart', async () => {
    const agent = makeAgent();
    for (let count = 0; count < 5; count += 1) await test.admit(agent, agent.make());
    await test.reopen();
    const { note, size } = valueOf(await test.store.checkpoint());
    assert.equal(size, 5);
    assert.equal(valueOf(openCheckpoint(note, test.log.verifier)).size, 5);
    const next = agent.make();
    const admitted = await test.admit(agent, next);
    assert.ok(admitted.outcome === 'stored');
    assert.equal(valueOf(verifyReceipt(admitted.receipt, next.bundle, agent.key, test.log.verifier)).index, 5);
  });

  it('refuses to start over a log that lost a leaf, gained one, or has another root', async () => {
    const agent = makeAgent();
    for (let count = 0; count < 3; count += 1) await test.admit(agent, agent.make());
    const changes: [string, RegExp][] = [
      ['UPDATE node SET hash = zeroblob(32) WHERE level = 1 AND position = 0', /another root/],
      ['DELETE FROM node WHERE level = 1 AND position = 0', /lacks node/],
      [
        'DELETE FROM receipt; DELETE FROM bundle WHERE log_index = 2; DELETE FROM leaf WHERE position = 2',
        /2 leaves, 3 in/,
      ],
      ["INSERT INTO leaf VALUES (2, 'bundle', x'00'), (3, 'bundle', x'00')", /4 leaves, 3 in/],
      ['DELETE FROM checkpoint', /no checkpoint/],
    ];
    for (const [change, message] of changes) {
      const opened = await test.reopenAfter((database) => database.exec(change));
      assert.equal(codeOf(opened), 'store-log-diverged');
      assert.ok(!opened.ok && message.test(opened.refusal.message), change);
    }
  });

  it('refuses a store of another log key, of a newer version, and of another program', async () => {
    const own = test.log;
    await test.store.close();
    test.log = sampleLog();
    assert.equal(codeOf(test.open()), 'store-log-key');
    test.log = own;
    assert.equal(
      codeOf(await test.reopenAfter((database) => database.exec('PRAGMA user_version = 99'))),
      'store-newer',
    );
    assert.equal(
      codeOf(await test.reopenAfter((database) => database.exec('PRAGMA application_id = 7'))),
      'store-foreign',
    );
  });

  it('refuses what is no database, and a folder that is not there, with the path', () => {
    const missing = openSqliteStore(join(test.folder, 'no', 'endpoint.db'), {
      logSigner: test.log.signer,
      now: () => new Date(),
    });
    assert.equal(codeOf(missing), 'store-unusable');
    assert.ok(!missing.ok && missing.refusal.message.includes(join(test.folder, 'no')));
  });

  it('makes its files readable by its own user only', function () {
    if (process.platform === 'win32') this.skip();
    for (const name of ['endpoint.db', 'endpoint.db-wal', 'endpoint.db-shm'])
      assert.equal(statSync(join(test.folder, name)).mode & 0o077, 0, name);
  });
});
