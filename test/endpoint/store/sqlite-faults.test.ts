import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteStore } from '../../../endpoint/store/sqlite.ts';
import { codeOf, sampleLog, valueOf } from '../../evidence/sample.ts';
import { type Made, makeAgent } from '../agent.ts';
import { admission, describeStore, type TestStore } from './test-store.ts';

describeStore('store file in trouble', ['sqlite'], (store) => {
  let test: TestStore;
  beforeEach(() => {
    test = store();
  });

  it('keeps nothing by halves when the disk is full, and goes on when there is room', async () => {
    await test.reopen({ maxBytes: 512 * 1024 });
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
    assert.equal(await test.treeSize(), kept);
    assert.equal(await test.count('document'), kept);
    assert.equal(valueOf(await test.store.checkpoint()).size, kept);
    assert.equal(valueOf(await test.store.pack(agent.key.keyId, refusedBundle.digest)), undefined);
    await test.reopen();
    assert.equal((await test.admit(agent, refusedBundle)).outcome, 'stored');
  });

  it('refuses a store of another log key, of a newer version, and of another program', async () => {
    const own = test.log;
    await test.store.close();
    test.log = sampleLog();
    assert.equal(codeOf(await test.open()), 'store-log-key');
    test.log = own;
    assert.equal(codeOf(await test.reopenAfter((sql) => sql.script('PRAGMA user_version = 99'))), 'store-newer');
    assert.equal(codeOf(await test.reopenAfter((sql) => sql.script('PRAGMA application_id = 7'))), 'store-foreign');
  });

  it('refuses what is no database, and a folder that is not there, with the path', async () => {
    const missing = await openSqliteStore(join(test.folder, 'no', 'endpoint.db'), {
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
