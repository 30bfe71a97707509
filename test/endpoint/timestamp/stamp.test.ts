import assert from 'node:assert/strict';
import { stampNewest } from '../../../endpoint/timestamp/stamp.ts';
import { encodePack, packParts } from '../../../evidence/pack.ts';
import { stampAuthorities } from '../../../evidence/timestamp.ts';
import { verifyPack } from '../../../evidence/verify-pack.ts';
import { codeOf, valueOf } from '../../evidence/sample.ts';
import { startTsa, type Tsa } from '../../evidence/tsa.ts';
import { makeAgent } from '../agent.ts';
import { both, describeStore, type TestStore } from '../store/test-store.ts';

describeStore('checkpoints stamped by an authority', both, (store) => {
  let test: TestStore;
  let tsa: Tsa;
  before(async () => {
    tsa = await startTsa();
  });
  after(() => tsa.close());
  beforeEach(() => {
    test = store();
    tsa.instead = undefined;
  });

  it('give a pack the oldest stamp over its place, which verifies with the authority and is left unchecked without', async () => {
    const source = { url: tsa.url, authorities: valueOf(stampAuthorities(tsa.ca)) };
    const agent = makeAgent();
    const made = agent.make();
    await test.admit(agent, made);
    await test.admit(agent, agent.make());
    const stamped = valueOf(await stampNewest(test.store, source)) ?? assert.fail('not stamped');
    assert.equal(valueOf(await stampNewest(test.store, source)), undefined, 'nothing new, nothing asked');
    await test.admit(agent, agent.make());
    valueOf(await stampNewest(test.store, source));
    const pack = valueOf(await test.store.pack(agent.key.keyId, made.digest)) ?? assert.fail();
    assert.equal(pack.receipt?.treeSize, 2, 'the first stamp over it');
    const bytes = encodePack(packParts(pack));
    const options = { key: () => agent.key, logKey: test.log.verifier, requireReceipt: true };
    const verified = valueOf(verifyPack(bytes, { ...options, stampAuthorities: source.authorities }));
    assert.deepEqual(verified.timestamp, { kind: 'verified', ...stamped });
    assert.deepEqual(valueOf(verifyPack(bytes, options)).timestamp, { kind: 'unchecked' });
    const other = await startTsa();
    const untrusted = verifyPack(bytes, { ...options, stampAuthorities: valueOf(stampAuthorities(other.ca)) });
    assert.equal(codeOf(untrusted), 'timestamp-untrusted');
    await other.close();
    // The agent's own receipt is the one of then.
    assert.equal((await test.admit(agent, made)).outcome, 'repeated');
  });

  it('keep nothing that does not verify: an old answer, another place, nobody there', async () => {
    const source = { url: tsa.url, authorities: valueOf(stampAuthorities(tsa.ca)) };
    const agent = makeAgent();
    await test.admit(agent, agent.make());
    let old: Uint8Array | undefined;
    tsa.instead = (query) => (old = tsa.reply(query));
    valueOf(await stampNewest(test.store, source));
    await test.admit(agent, agent.make());
    tsa.instead = () => old ?? assert.fail();
    assert.equal(codeOf(await stampNewest(test.store, source)), 'timestamp-invalid');
    tsa.instead = () => Buffer.from('no stamp');
    assert.equal(codeOf(await stampNewest(test.store, source)), 'timestamp-invalid');
    assert.equal(
      codeOf(await stampNewest(test.store, { ...source, url: 'http://127.0.0.1:1/' })),
      'timestamp-unreachable',
    );
    assert.equal(await test.count('checkpoint_stamp'), 1);
  });
});
