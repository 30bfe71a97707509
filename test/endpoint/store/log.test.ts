import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { decodeEntries, tileHashesOf } from '../../../evidence/log-tiles.ts';
import {
  consistencyProofAt,
  inclusionProofAt,
  leafHash,
  memoryNodes,
  rootAt,
  verifyConsistency,
} from '../../../evidence/merkle.ts';
import { valueOf } from '../../evidence/sample.ts';
import { makeAgent } from '../agent.ts';
import { both, describeStore, receivedAt, type TestStore } from './test-store.ts';

describeStore('the log in the store', both, (store) => {
  let test: TestStore;
  beforeEach(() => {
    test = store();
  });

  it('proves inclusion and consistency, and gives out its tiles, over the edge of a full one', async () => {
    const size = 300;
    const bodies = Array.from({ length: size - 1 }, () => randomBytes(40));
    // Bundles and records share the log; the first records arrive while the bundle is kept.
    const agent = makeAgent();
    await Promise.all([
      test.admit(agent, agent.make()),
      ...bodies.map((leafBody) =>
        test.store.append({ kind: 'approval', leafBody, envelope: leafBody, at: receivedAt }),
      ),
    ]);
    const entries = await Promise.all(
      [0, 1].map(async (index) => {
        const width = index === 0 ? 256 : size - 256;
        const bytes = valueOf(await test.store.tile({ of: 'entries', level: 0, index, width })) ?? assert.fail();
        return decodeEntries(bytes, width) ?? assert.fail('no bundle of entries');
      }),
    );
    const leaves = entries.flat().map(leafHash);
    const nodes = memoryNodes(leaves);
    const { root, size: signed } = valueOf(await test.store.checkpoint());
    assert.equal(signed, size);
    assert.deepEqual(Buffer.from(root), Buffer.from(rootAt(size, nodes)));
    const first = valueOf(await test.store.tile({ of: 'hashes', level: 0, index: 0, width: 256 })) ?? assert.fail();
    assert.deepEqual(
      tileHashesOf(first, 256)?.map((hash) => Buffer.from(hash)),
      leaves.slice(0, 256).map((hash) => Buffer.from(hash)),
    );
    const upper = valueOf(await test.store.tile({ of: 'hashes', level: 1, index: 0, width: 1 })) ?? assert.fail();
    assert.deepEqual(Buffer.from(upper), Buffer.from(rootAt(256, nodes)));
    for (const [index, tree] of [
      [0, 1],
      [0, size],
      [255, 256],
      [256, 257],
      [size - 1, size],
      [100, 299],
    ] as const)
      assert.deepEqual(
        plain(valueOf(await test.store.inclusion(index, tree))),
        plain(inclusionProofAt(index, tree, nodes)),
      );
    for (const [from, to] of [
      [1, size],
      [255, 256],
      [256, 257],
      [256, size],
      [299, size],
      [size, size],
    ] as const) {
      const proof = valueOf(await test.store.consistency(from, to)) ?? assert.fail();
      assert.deepEqual(plain(proof), plain(consistencyProofAt(from, to, nodes)));
      assert.ok(verifyConsistency(from, to, proof, rootAt(from, nodes), rootAt(to, nodes)));
    }
  });

  it('proves nothing about trees and tiles that it does not have', async () => {
    const agent = makeAgent();
    await test.admit(agent, agent.make());
    for (const [from, to] of [
      [0, 1],
      [1, 2],
      [2, 1],
      [-1, 1],
    ] as const)
      assert.equal(valueOf(await test.store.consistency(from, to)), undefined, `${from} ${to}`);
    for (const [index, size] of [
      [1, 1],
      [0, 2],
      [-1, 1],
    ] as const)
      assert.equal(valueOf(await test.store.inclusion(index, size)), undefined, `${index} ${size}`);
    for (const [level, index, width] of [
      [0, 0, 2],
      [0, 1, 1],
      [1, 0, 1],
      [0, 0, 256],
    ] as const)
      assert.equal(
        valueOf(await test.store.tile({ of: 'hashes', level, index, width })),
        undefined,
        `${level} ${index} ${width}`,
      );
    assert.equal(valueOf(await test.store.tile({ of: 'entries', level: 0, index: 0, width: 2 })), undefined);
  });
});

function plain(hashes: readonly Uint8Array[] | undefined): Buffer[] | undefined {
  return hashes?.map((hash) => Buffer.from(hash));
}
