import assert from 'node:assert/strict';
import { documentDigest, encodePack, packParts } from '../../../evidence/pack.ts';
import { verifyReceipt } from '../../../evidence/receipt.ts';
import { verifyPack } from '../../../evidence/verify-pack.ts';
import { valueOf } from '../../evidence/sample.ts';
import { freshDocuments, makeAgent } from '../agent.ts';
import { admission, both, describeStore, receivedAt, type TestStore } from './test-store.ts';

describeStore('store', both, (store) => {
  let test: TestStore;
  beforeEach(() => {
    test = store();
  });

  it('gives each kept bundle a receipt that verifies, also where many arrive at once', async () => {
    const agents = Array.from({ length: 13 }, () => makeAgent());
    const made = agents.map((agent) => ({ agent, made: agent.make() }));
    const admitted = await Promise.all(made.map(({ agent, made }) => test.admit(agent, made)));
    const places = admitted.map((one, index) => {
      assert.equal(one.outcome, 'stored');
      const { agent, made: sent } = made[index] ?? assert.fail();
      return valueOf(verifyReceipt(one.receipt, sent.bundle, agent.key, test.log.verifier));
    });
    assert.deepEqual(
      places.map(({ index }) => index),
      [...agents.keys()],
    );
    const checkpoints = new Set(places.map(({ size }) => size));
    assert.equal(checkpoints.size, 1, 'what arrives in one turn shares one transaction and one checkpoint');
  });

  it('gives the same receipt for the same bundle, in the same batch, later, and after a restart', async () => {
    const agent = makeAgent();
    const made = agent.make();
    const [first, second] = await Promise.all([test.admit(agent, made), test.admit(agent, made)]);
    assert.deepEqual([first?.outcome, second?.outcome], ['stored', 'repeated']);
    await test.admit(agent, agent.make());
    await test.reopen();
    const third = await test.admit(agent, made);
    assert.ok(first?.outcome === 'stored' && second?.outcome === 'repeated' && third.outcome === 'repeated');
    assert.deepEqual(second.receipt, first.receipt);
    assert.deepEqual(third.receipt, first.receipt);
    assert.equal(await test.treeSize(), 2);
  });

  it('keeps both continuations of a chain, says which was first, and says so again', async () => {
    const agent = makeAgent();
    const first = agent.make();
    const other = agent.make({ chain: first.statement.predicate.chain });
    await test.admit(agent, first);
    const forked = await test.admit(agent, other);
    assert.ok(forked.outcome === 'forked');
    assert.equal(forked.existing, first.digest);
    valueOf(verifyReceipt(forked.receipt, other.bundle, agent.key, test.log.verifier));
    assert.deepEqual(await test.admit(agent, other), forked);
    assert.equal((await test.admit(agent, first)).outcome, 'repeated');
    assert.equal(await test.treeSize(), 2);
  });

  it('asks for documents that were never sent, and takes a bundle without those that it has for this key', async () => {
    const agent = makeAgent();
    const documents = freshDocuments();
    const first = agent.make({ documents });
    const missing = await test.admit(agent, first, { documents: new Map() });
    assert.ok(missing.outcome === 'documents-missing');
    assert.deepEqual(missing.missing.toSorted(), first.statement.subject.map(({ digest }) => digest.sha256).toSorted());
    assert.equal(await test.treeSize(), 0);
    await test.admit(agent, first);
    const second = agent.make({ documents });
    assert.equal((await test.admit(agent, second, { documents: new Map() })).outcome, 'stored');
    const pack = valueOf(await test.store.pack(agent.key.keyId, second.digest)) ?? assert.fail('not kept');
    const verified = valueOf(
      verifyPack(encodePack(packParts(pack)), {
        key: () => agent.key,
        logKey: test.log.verifier,
        requireReceipt: true,
      }),
    );
    assert.equal(verified.documents.size, documents.size);
  });

  it('never lets one key learn what another key sent', async () => {
    const [agent, other] = [makeAgent(), makeAgent()];
    const documents = freshDocuments();
    await test.admit(agent, agent.make({ documents }));
    const answer = await test.admit(other, other.make({ documents }), { documents: new Map() });
    assert.equal(answer.outcome, 'documents-missing');
  });

  it('does not let a document that was validated under one name stand under another', async () => {
    const agent = makeAgent();
    const anything = { text: 'no schema was asked' };
    await test.admit(agent, agent.make({ documents: new Map([['raw/1', anything]]) }));
    const disguised = agent.make({ documents: new Map([['host', anything]]) });
    assert.equal((await test.admit(agent, disguised, { documents: new Map() })).outcome, 'documents-missing');
  });

  it('takes a bundle whose documents a later signed bundle says were dropped, and only those', async () => {
    const agent = makeAgent();
    const thin = agent.make({
      documents: new Map([
        ['raw/1', { text: 'one' }],
        ['raw/2', { text: 'two' }],
      ]),
    });
    const sent = new Map([...thin.documents].filter(([name]) => name !== 'raw/1'));
    assert.equal((await test.admit(agent, thin, { documents: sent })).outcome, 'documents-missing');
    const { id, sequence } = thin.statement.predicate.chain;
    const documents = ['raw/1'];
    const incident = { kind: 'dropped' as const, at: receivedAt, chain: id, sequence, digest: thin.digest, documents };
    await test.admit(agent, agent.make({ predicate: { incidents: [incident] } }));
    const missing = await test.admit(agent, thin, { documents: new Map() });
    assert.ok(missing.outcome === 'documents-missing');
    assert.deepEqual(missing.missing, [documentDigest({ text: 'two' })]);
    const taken = await test.admit(agent, thin, { documents: sent });
    assert.ok(taken.outcome === 'stored');
    assert.deepEqual(taken.labels, ['documents-dropped']);
  });

  it('binds a key to the first server that it reports, also over a restart, and a replay binds nothing', async () => {
    const agent = makeAgent();
    const elsewhere = { id: 'ab'.repeat(16), basis: 'machine-id' } as const;
    const replayed = agent.make({ predicate: { mode: 'replay', target: { id: 'cd'.repeat(16), basis: 'recording' } } });
    assert.equal((await test.admit(agent, replayed)).outcome, 'stored');
    assert.equal((await test.admit(agent, agent.make())).outcome, 'stored');
    await test.reopen();
    assert.equal(
      (await test.admit(agent, agent.make({ predicate: { target: elsewhere } }))).outcome,
      'target-mismatch',
    );
    assert.equal(await test.treeSize(), 2);
    assert.equal(
      (await test.admit(agent, agent.make({ predicate: { mode: 'replay', target: elsewhere } }))).outcome,
      'stored',
    );
  });

  it('labels clocks and chains that do not fit, and keeps the evidence', async () => {
    const agent = makeAgent();
    const ahead = agent.make({
      predicate: { run: { startedAt: '2027-01-01T00:00:00Z', finishedAt: '2027-01-01T00:00:01Z' } },
    });
    const one = await test.admit(agent, ahead);
    assert.ok(one.outcome === 'stored');
    assert.deepEqual(one.labels, ['clock-ahead']);
    agent.make();
    const afterGap = await test.admit(agent, agent.make());
    assert.ok(afterGap.outcome === 'stored');
    assert.deepEqual(afterGap.labels, ['sequence-gap']);
    const { id } = ahead.statement.predicate.chain;
    const mismatch = await test.admit(agent, agent.make({ chain: { id, sequence: 1, previous: 'ee'.repeat(32) } }));
    assert.ok(mismatch.outcome === 'stored');
    assert.deepEqual(mismatch.labels, ['previous-mismatch']);
  });

  it('labels a bundle that is older than the checkpoint that it quotes, and a checkpoint that this log never signed', async () => {
    const agent = makeAgent();
    const { size, root } = valueOf(await test.store.checkpoint());
    const quoted = { origin: test.log.signer.origin, size, root: Buffer.from(root).toString('base64') };
    const run = { startedAt: '2026-11-23T08:00:00Z', finishedAt: '2026-11-23T08:00:01Z' };
    const behind = await test.admit(agent, agent.make({ predicate: { checkpoint: quoted, run } }));
    assert.ok(behind.outcome === 'stored');
    assert.deepEqual(behind.labels, ['clock-behind']);
    const foreign = await test.admit(agent, agent.make({ predicate: { checkpoint: { ...quoted, size: 77 } } }));
    assert.ok(foreign.outcome === 'stored');
    assert.deepEqual(foreign.labels, ['checkpoint-foreign']);
  });

  it('shares one log between two that have the same database open', async () => {
    const second = valueOf(await test.open());
    const agents = Array.from({ length: 10 }, () => makeAgent());
    const results = await Promise.all(
      agents.map((agent, index) => (index % 2 === 0 ? test.store : second).admit(admission(agent, agent.make()))),
    );
    const indexes = results.map((result) => {
      const value = valueOf(result);
      assert.ok(value.outcome === 'stored');
      return value.receipt.logIndex;
    });
    assert.deepEqual(
      indexes.toSorted((left, right) => left - right),
      [...agents.keys()],
    );
    await second.close();
  });
});
