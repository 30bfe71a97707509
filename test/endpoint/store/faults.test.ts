import assert from 'node:assert/strict';
import { openCheckpoint } from '../../../evidence/checkpoint.ts';
import { verifyReceipt } from '../../../evidence/receipt.ts';
import { codeOf, valueOf } from '../../evidence/sample.ts';
import { makeAgent } from '../agent.ts';
import { admission, both, describeStore, type TestStore } from './test-store.ts';

describeStore('store in trouble', both, (store) => {
  let test: TestStore;
  beforeEach(() => {
    test = store();
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
    assert.equal(await test.treeSize(), 1);
    assert.deepEqual(
      [await test.count('signing_key'), await test.count('key_target'), await test.count('document')],
      [1, 1, 1],
    );
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
    const zero = test.dialect === 'sqlite' ? 'zeroblob(32)' : "decode(repeat('00', 32), 'hex')";
    const changes: [string, RegExp][] = [
      [`UPDATE log_head SET frontier = ${zero}`, /head is not the edge/],
      [`UPDATE log_leaf SET hash = ${zero} WHERE position = 1`, /another root/],
      ['DELETE FROM bundle WHERE log_index = 2; DELETE FROM log_leaf WHERE position = 2', /2 leaves, 3 in/],
      [
        `INSERT INTO log_leaf VALUES (2, 'bundle', ${zero}, ${zero}), (3, 'bundle', ${zero}, ${zero})`,
        /4 leaves, 3 in/,
      ],
      ['DELETE FROM bundle; DELETE FROM checkpoint', /no checkpoint/],
    ];
    for (const [change, message] of changes) {
      const opened = await test.reopenAfter((sql) => sql.script(change));
      assert.equal(codeOf(opened), 'store-log-diverged');
      assert.ok(!opened.ok && message.test(opened.refusal.message), change);
    }
  });
});
