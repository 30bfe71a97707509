/** What an endpoint owes to whoever got its receipts, whatever happened to it. */
import assert from 'node:assert/strict';
import type { Store } from '../../endpoint/store/store.ts';
import { logVerifierFromKey } from '../../evidence/checkpoint.ts';
import { decodeEntries } from '../../evidence/log-tiles.ts';
import { leafHash, rootHash } from '../../evidence/merkle.ts';
import { logLeaf, verifyReceipt } from '../../evidence/receipt.ts';
import type { Receipt } from '../../schemas/generated/types.ts';
import { valueOf } from '../evidence/sample.ts';
import type { Agent, Made } from './agent.ts';

export type Given = { readonly agent: Agent; readonly made: Made; readonly receipt: Receipt };

/**
 * Every receipt that was given is found again with its bundle and a valid proof, no index was given twice, and the log
 * holds what was sent, each once, beside the endpoint's own records, and nothing else.
 */
export async function assertNothingLost(
  store: Store,
  given: ReadonlyMap<string, Given>,
  sent: ReadonlyMap<string, Made & { agent: Agent }>,
  verifierKey: string,
): Promise<void> {
  const verifier = valueOf(logVerifierFromKey(verifierKey));
  const indexes = new Set<number>();
  for (const { agent, made, receipt } of given.values()) {
    const pack = valueOf(await store.pack(agent.key.keyId, made.digest)) ?? assert.fail('a receipted bundle is gone');
    assert.deepEqual(pack.receipt, receipt);
    assert.equal(Object.keys(pack.documents).length, made.documents.size);
    indexes.add(valueOf(verifyReceipt(receipt, made.bundle, agent.key, verifier)).index);
  }
  assert.equal(indexes.size, given.size, 'an index was given twice');
  const { size, root } = valueOf(await store.checkpoint());
  const leaves: Uint8Array[] = [];
  for (let index = 0; index * 256 < size; index += 1) {
    const width = Math.min(256, size - index * 256);
    const bytes = valueOf(await store.tile({ of: 'entries', level: 0, index, width })) ?? assert.fail('a tile is gone');
    leaves.push(...(decodeEntries(bytes, width) ?? []).map(leafHash));
  }
  assert.deepEqual(Buffer.from(rootHash(leaves)), Buffer.from(root), 'the log is the one that it signed');
  const records = valueOf(await store.records({ limit: 1000 }));
  const known = new Set([
    ...records.map(({ leafBody }) => Buffer.from(leafHash(leafBody)).toString('hex')),
    ...Array.from(sent.values(), ({ bundle, agent }) =>
      Buffer.from(leafHash(logLeaf(bundle, agent.key))).toString('hex'),
    ),
  ]);
  assert.ok(
    leaves.every((leaf) => known.has(Buffer.from(leaf).toString('hex'))),
    'nothing in the log that nobody sent',
  );
  assert.equal(new Set(leaves.map((leaf) => Buffer.from(leaf).toString('hex'))).size, leaves.length, 'no bundle twice');
}
