import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  appendLeaf,
  consistencyProof,
  consistencyProofAt,
  inclusionProof,
  inclusionProofAt,
  leafHash,
  memoryNodes,
  type NodeReader,
  nodeHash,
  rootAt,
  rootHash,
  verifyConsistency,
  verifyInclusion,
} from '../../evidence/merkle.ts';

type Vectors = {
  readonly hashes: readonly string[];
  readonly inclusion: readonly (readonly [string, number, number, number, readonly number[], number, boolean])[];
  readonly consistency: readonly (readonly [string, number, number, readonly number[], number, number, boolean])[];
};

/** The leaves that every implementation of RFC 6962 is tested with, and the roots of their first n. */
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function sampleLeaves(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => leafHash(Buffer.from(`leaf ${index}`)));
}

function readVectors(): Vectors {
  const text = readFileSync(new URL('../fixtures/merkle/vectors.json', import.meta.url), 'utf8');
  return JSON.parse(text) as Vectors;
}

/** The definition of RFC 9162 section 2.1.1, word by word. */
function definedRoot(hashes: readonly Uint8Array[]): Uint8Array {
  const [first] = hashes;
  if (first !== undefined && hashes.length === 1) return first;
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return nodeHash(definedRoot(hashes.slice(0, k)), definedRoot(hashes.slice(k)));
}

/** Changes each byte of each hash of a proof, drops each, doubles each, puts one at each end. */
function* mutations(proof: readonly Uint8Array[]): Generator<Uint8Array[]> {
  for (const [index, hash] of proof.entries()) {
    for (const at of hash.keys()) {
      const changed = Uint8Array.from(hash);
      changed[at] = (changed[at] ?? 0) ^ 1;
      yield proof.toSpliced(index, 1, changed);
    }
    yield proof.toSpliced(index, 1);
    yield proof.toSpliced(index, 0, hash);
    yield proof.toSpliced(index, 1, hash.subarray(1));
  }
  const stranger = leafHash(Buffer.from('stranger'));
  yield [stranger, ...proof];
  yield [...proof, stranger];
}

describe('the Merkle tree', () => {
  it('has the roots of the well-known eight leaves, from none to all', () => {
    const hashes = leaves.map((leaf) => leafHash(Buffer.from(leaf, 'hex')));
    for (const [size, root] of roots.entries()) assert.equal(hex(rootHash(hashes.slice(0, size))), root);
  });

  it('has the root that the RFC defines at every size up to 70', () => {
    const hashes = sampleLeaves(70);
    const nodes = memoryNodes(hashes);
    for (let size = 1; size <= hashes.length; size += 1)
      assert.equal(hex(rootAt(size, nodes)), hex(definedRoot(hashes.slice(0, size))));
  });

  it('judges the inclusion proofs of transparency-dev/merkle as they are meant', () => {
    const { hashes, inclusion } = readVectors();
    const hash = (index: number): Uint8Array => Buffer.from(hashes[index] ?? 'x', 'base64');
    for (const [name, index, size, leaf, proof, root, isValid] of inclusion)
      assert.equal(verifyInclusion(index, size, hash(leaf), proof.map(hash), hash(root)), isValid, name);
  });

  it('judges the consistency proofs of transparency-dev/merkle as they are meant', () => {
    const { hashes, consistency } = readVectors();
    const hash = (index: number): Uint8Array => Buffer.from(hashes[index] ?? 'x', 'base64');
    for (const [name, first, second, proof, firstRoot, secondRoot, isMeant] of consistency) {
      const [old, now] = [hash(firstRoot), hash(secondRoot)];
      // One vector equates two roots of a few bytes; ours must be hashes.
      const isValid = isMeant && old.length === 32;
      assert.equal(verifyConsistency(first, second, proof.map(hash), old, now), isValid, name);
    }
  });

  it('proves each leaf in each tree up to 34, and no leaf at another index or in a tree of another size', () => {
    const hashes = sampleLeaves(34);
    const nodes = memoryNodes(sampleLeaves(35));
    for (let size = 1; size <= hashes.length; size += 1)
      for (let index = 0; index < size; index += 1) {
        const proof = inclusionProofAt(index, size, nodes);
        const leaf = hashes[index] ?? Buffer.of();
        const root = rootAt(size, nodes);
        assert.ok(verifyInclusion(index, size, leaf, proof, root), `${index} of ${size}`);
        for (let other = 0; other < size; other += 1)
          if (other !== index)
            assert.ok(!verifyInclusion(other, size, leaf, proof, root), `${index} as ${other} of ${size}`);
        for (const wrongSize of [size - 1, size + 1])
          assert.ok(!verifyInclusion(index, wrongSize, leaf, proof, rootAt(wrongSize, nodes)));
      }
  });

  it('refuses every inclusion proof that was changed', () => {
    const hashes = sampleLeaves(13);
    const root = rootHash(hashes);
    let tried = 0;
    for (const [index, leaf] of hashes.entries())
      for (const changed of mutations(inclusionProof(index, hashes))) {
        tried += 1;
        assert.ok(!verifyInclusion(index, hashes.length, leaf, changed, root));
      }
    assert.ok(tried > 1000);
  });

  it('proves each tree up to 34 to continue each smaller one, and to be no other', () => {
    const hashes = sampleLeaves(34);
    const nodes = memoryNodes(hashes);
    for (let size = 1; size <= hashes.length; size += 1)
      for (let first = 1; first <= size; first += 1) {
        const proof = consistencyProofAt(first, size, nodes);
        const [old, now] = [rootAt(first, nodes), rootAt(size, nodes)];
        assert.ok(verifyConsistency(first, size, proof, old, now), `${first} to ${size}`);
        if (first === size) continue;
        assert.ok(!verifyConsistency(first, size, proof, now, old));
        assert.ok(!verifyConsistency(first, size, proof, leafHash(old), now));
        assert.ok(!verifyConsistency(first, size, proof, old, leafHash(now)));
      }
  });

  it('refuses every consistency proof that was changed', () => {
    const hashes = sampleLeaves(13);
    const now = rootHash(hashes);
    for (let first = 1; first < hashes.length; first += 1)
      for (const changed of mutations(consistencyProof(first, hashes)))
        assert.ok(!verifyConsistency(first, hashes.length, changed, rootHash(hashes.slice(0, first)), now));
  });

  it('refuses to prove what is not there', () => {
    const nodes = memoryNodes(sampleLeaves(3));
    assert.throws(() => inclusionProofAt(3, 3, nodes), RangeError);
    assert.throws(() => inclusionProofAt(-1, 3, nodes), RangeError);
    assert.throws(() => inclusionProofAt(0.5, 3, nodes), RangeError);
    assert.throws(() => consistencyProofAt(0, 3, nodes), RangeError);
    assert.throws(() => consistencyProofAt(4, 3, nodes), RangeError);
    assert.equal(verifyInclusion(Number.NaN, 3, leafHash(Buffer.of()), [], leafHash(Buffer.of())), false);
  });

  it('appends with a handful of stored nodes however large the log is, past what 32 bits count', () => {
    const size = 2 ** 40 + 2 ** 33 - 1;
    const asked: string[] = [];
    const nodes: NodeReader = {
      get(level, index) {
        asked.push(`${level}/${index}`);
        return leafHash(Buffer.from(`${level}/${index}`));
      },
    };
    const made = appendLeaf(size, leafHash(Buffer.of(1)), nodes);
    // The last 33 bits of the size are ones, so the leaf completes 33 subtrees above it.
    assert.equal(made.length, 34);
    assert.equal(asked.length, 33);
    assert.deepEqual(made.at(-1), { level: 33, index: 2 ** 7, hash: made.at(-1)?.hash });
    const stored = new Map(made.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
    const grown: NodeReader = { get: (level, index) => stored.get(`${level}/${index}`) ?? nodes.get(level, index) };
    const proof = inclusionProofAt(size, size + 1, grown);
    assert.ok(verifyInclusion(size, size + 1, leafHash(Buffer.of(1)), proof, rootAt(size + 1, grown)));
    assert.ok(!verifyInclusion(size - 2 ** 32, size + 1, leafHash(Buffer.of(1)), proof, rootAt(size + 1, grown)));
  });

  it('tells leaves from nodes, so that no node can pose as a leaf', () => {
    const [left, right] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))];
    assert.notEqual(hex(leafHash(Buffer.concat([left, right]))), hex(nodeHash(left, right)));
  });
});
