import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../../endpoint/store/sqlite.ts';
import type { Store } from '../../../endpoint/store/store.ts';
import { openCheckpoint } from '../../../evidence/checkpoint.ts';
import { verifyConsistency } from '../../../evidence/merkle.ts';
import { encodePack, packParts } from '../../../evidence/pack.ts';
import { verifyPack } from '../../../evidence/verify-pack.ts';
import { sampleLog, valueOf } from '../../evidence/sample.ts';
import { type Made, makeAgent } from '../agent.ts';
import { type FirstBundle, writeFirstStore } from './first-sqlite.ts';
import { admission, receivedAt } from './test-store.ts';

describe('a store of the first version', function () {
  this.timeout(60_000);
  const log = sampleLog();
  const agents = [makeAgent(), makeAgent()];
  let folder = '';
  let first: FirstBundle[] = [];
  let store: Store;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-first-'));
    const [one = makeAgent()] = agents;
    const made = Array.from({ length: 261 }, (_, place) => {
      const agent = agents[place % agents.length] ?? one;
      return { agent, made: agent.make() };
    });
    // A clone of the first server went on from the same place.
    const { chain } = made[2]?.made.statement.predicate ?? assert.fail();
    made.push({ agent: one, made: one.make({ chain }) });
    // Batches of different sizes, across the edge of a full tile (256).
    const batches: { agent: typeof one; made: Made }[][] = [];
    for (let from = 0, length = 1; from < made.length; from += length, length = (length % 7) + 1)
      batches.push(made.slice(from, from + length));
    first = writeFirstStore(join(folder, 'endpoint.db'), log, receivedAt, batches);
    store = valueOf(
      await openSqliteStore(join(folder, 'endpoint.db'), { logSigner: log.signer, now: () => new Date(receivedAt) }),
    );
  });
  after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives every receipt byte for byte as it was given then, in packs that verify', async () => {
    for (const { agent, made, receipt } of first) {
      const pack = valueOf(await store.pack(agent.key.keyId, made.digest)) ?? assert.fail('not kept');
      assert.equal(JSON.stringify(pack.receipt), JSON.stringify(receipt));
      const verified = verifyPack(encodePack(packParts(pack)), {
        key: () => agent.key,
        logKey: log.verifier,
        requireReceipt: true,
      });
      assert.deepEqual(
        [...valueOf(verified).documents],
        [...made.documents].toSorted(([a], [b]) => (a < b ? -1 : 1)),
      );
    }
  });

  it('answers what is sent again as before, and names the fork as before', async () => {
    const last = first.at(-1) ?? assert.fail();
    const again = valueOf(await store.admit(admission(last.agent, last.made)));
    assert.ok(again.outcome === 'forked' && again.existing === first[2]?.made.digest);
    assert.deepEqual(again.receipt, last.receipt);
    const [one] = first;
    assert.ok(one);
    const repeated = valueOf(await store.admit(admission(one.agent, one.made)));
    assert.ok(repeated.outcome === 'repeated');
    assert.deepEqual(repeated.receipt, one.receipt);
  });

  it('goes on with the same log and the same chains, and lists what it had', async () => {
    assert.equal(valueOf(await store.bundles({ limit: 1000 })).length, first.length);
    const { documents } = valueOf(await store.counts());
    // The fresh text of each, and the one document that all of an agent's bundles share.
    assert.equal(documents, first.length + agents.length);
    const before = valueOf(await store.checkpoint());
    const [agent = makeAgent()] = agents;
    const made = agent.make();
    const admitted = valueOf(await store.admit(admission(agent, made)));
    assert.ok(admitted.outcome === 'stored');
    assert.deepEqual(admitted.labels, []);
    const after = valueOf(openCheckpoint(valueOf(await store.checkpoint()).note, log.verifier));
    const proof = valueOf(await store.consistency(before.size, after.size)) ?? assert.fail();
    const root = valueOf(openCheckpoint(before.note, log.verifier)).root;
    assert.ok(verifyConsistency(before.size, after.size, proof, root, after.root));
  });
});
