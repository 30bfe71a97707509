import assert from 'node:assert/strict';
import { type ConsistencyProof, judgeConsistency, parseConsistencyProofs } from '../../evidence/consistency.ts';
import { consistencyProof, leafHash, rootHash } from '../../evidence/merkle.ts';
import { codeOf, valueOf } from './sample.ts';

describe('checkpoints of one log beside each other', () => {
  const leaves = Array.from({ length: 11 }, (_, index) => leafHash(Buffer.of(index)));
  const tree = (size: number): { size: number; root: Uint8Array } => ({ size, root: rootHash(leaves.slice(0, size)) });
  const proof = (from: number, to: number): ConsistencyProof => ({
    from,
    to,
    hashes: consistencyProof(from, leaves.slice(0, to)),
  });

  it('are one where all are over the same tree', () => {
    assert.deepEqual(judgeConsistency([], []), { kind: 'one', sizes: [] });
    assert.deepEqual(judgeConsistency([tree(4), tree(4)], []), { kind: 'one', sizes: [4] });
  });

  it('are proved by a proof for each pair of neighbours, in any order, and else name the ones that lack it', () => {
    const seen = [tree(11), tree(3), tree(8), tree(3)];
    assert.deepEqual(judgeConsistency(seen, [proof(8, 11), proof(3, 8)]), { kind: 'proved', sizes: [3, 8, 11] });
    assert.deepEqual(judgeConsistency(seen, [proof(3, 8), proof(3, 11)]), {
      kind: 'unchecked',
      sizes: [3, 8, 11],
      missing: [{ from: 8, to: 11 }],
    });
  });

  it('contradict each other where one size has two roots, or a proof does not hold', () => {
    const other = { size: 8, root: rootHash(leaves.slice(3)) };
    assert.deepEqual(judgeConsistency([tree(8), other], []), { kind: 'contradicted', from: 8, to: 8 });
    assert.deepEqual(judgeConsistency([tree(3), other], [proof(3, 8)]), { kind: 'contradicted', from: 3, to: 8 });
  });

  it('have their proofs as the endpoint answers them', () => {
    const line = (one: ConsistencyProof): string =>
      JSON.stringify({ ...one, hashes: one.hashes.map((hash) => Buffer.from(hash).toString('base64')) });
    const text = `${line(proof(3, 8))}\n\n${line(proof(8, 11))}`;
    const read = valueOf(parseConsistencyProofs(text));
    assert.equal(judgeConsistency([tree(3), tree(8), tree(11)], read).kind, 'proved');
    for (const bad of [
      'x',
      '[]',
      'null',
      '{"from":1,"to":2}',
      '{"from":1,"to":2,"hashes":["!"]}',
      '{"from":1.5,"to":2,"hashes":[]}',
    ])
      assert.equal(codeOf(parseConsistencyProofs(bad)), 'consistency-invalid', bad);
  });
});
