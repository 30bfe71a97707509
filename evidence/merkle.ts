/**
 * The Merkle tree of RFC 9162 section 2 (the same as RFC 6962) over hashes that somebody stores.
 * Node (level, index) is the root of the full subtree over leaves [index·2^level, (index+1)·2^level).
 * Full nodes never change, so a log appends in O(log n) and proves from what it stored. Sizes and
 * indexes are whole numbers up to 2^53 − 1, so no bit operators, which stop at 32 bits.
 */
import { sha256 } from './digest.ts';

/** Full nodes by place; asked only for nodes that a tree of the given size has. */
export type NodeReader = { get(level: number, index: number): Uint8Array };

/** A full node as `appendLeaf` makes it, to be stored. */
export type StoredNode = { readonly level: number; readonly index: number; readonly hash: Uint8Array };

/** The hash of a leaf: SHA-256(0x00 ‖ data). */
export function leafHash(data: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([Buffer.of(0), data]));
}

/** Written anew for each node; whoever hashes it keeps nothing of it. */
const pair = Uint8Array.of(1, ...new Uint8Array(64));

/** The hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== 32 || right.length !== 32) return sha256(Buffer.concat([Buffer.of(1), left, right]));
  pair.set(left, 1);
  pair.set(right, 33);
  return sha256(pair);
}

/** The nodes that a leaf completes in a tree that had `size` leaves: itself first, then upwards. Store all of them together. */
export function appendLeaf(size: number, leaf: Uint8Array, nodes: NodeReader): StoredNode[] {
  const made: StoredNode[] = [{ level: 0, index: size, hash: leaf }];
  let hash = leaf;
  let index = size;
  for (let level = 0; index % 2 === 1; level += 1) {
    hash = nodeHash(nodes.get(level, index - 1), hash);
    index = (index - 1) / 2;
    made.push({ level: level + 1, index, hash });
  }
  return made;
}

/** The root of the first `size` leaves; of none, SHA-256 of nothing. */
export function rootAt(size: number, nodes: NodeReader): Uint8Array {
  return size === 0 ? sha256(new Uint8Array()) : subtree(0, size, nodes);
}

/** The inclusion proof of leaf `index` in the tree of `size` leaves, from its sibling upwards (RFC 9162 section 2.1.3.1). */
export function inclusionProofAt(index: number, size: number, nodes: NodeReader): Uint8Array[] {
  if (!isPlace(index, size)) throw new RangeError(`a tree of ${size} leaves has no leaf ${index}`);
  const proof: Uint8Array[] = [];
  for (let begin = 0, end = size; end - begin > 1; ) {
    const middle = begin + split(end - begin);
    if (index < middle) {
      proof.push(subtree(middle, end, nodes));
      end = middle;
    } else {
      proof.push(subtree(begin, middle, nodes));
      begin = middle;
    }
  }
  return proof.toReversed();
}

/** The proof that the tree of `size` leaves continues that of `first` leaves (RFC 9162 section 2.1.4.1); `first` from 1. */
export function consistencyProofAt(first: number, size: number, nodes: NodeReader): Uint8Array[] {
  if (!isPlace(first - 1, size)) throw new RangeError(`no tree of ${first} leaves precedes one of ${size}`);
  const proof: Uint8Array[] = [];
  let begin = 0;
  let end = size;
  // Until the old tree is exactly the subtree that we stand in.
  while (first < end) {
    const middle = begin + split(end - begin);
    if (first <= middle) {
      proof.push(subtree(middle, end, nodes));
      end = middle;
    } else {
      proof.push(subtree(begin, middle, nodes));
      begin = middle;
    }
  }
  // The reader knows the old root itself; only a part of the old tree must be told.
  if (begin > 0) proof.push(subtree(begin, end, nodes));
  return proof.toReversed();
}

/** A tree held in memory, for tests and small logs. */
export function memoryNodes(leafHashes: readonly Uint8Array[]): NodeReader {
  const stored = new Map<string, Uint8Array>();
  const nodes: NodeReader = {
    get(level, index) {
      const hash = stored.get(`${level}/${index}`);
      if (hash === undefined) throw new RangeError(`the tree has no node ${level}/${index}`);
      return hash;
    },
  };
  for (const [size, leaf] of leafHashes.entries())
    for (const { level, index, hash } of appendLeaf(size, leaf, nodes)) stored.set(`${level}/${index}`, hash);
  return nodes;
}

/** `rootAt` over leaf hashes in memory. */
export function rootHash(leafHashes: readonly Uint8Array[]): Uint8Array {
  return rootAt(leafHashes.length, memoryNodes(leafHashes));
}

/** `inclusionProofAt` over leaf hashes in memory. */
export function inclusionProof(index: number, leafHashes: readonly Uint8Array[]): Uint8Array[] {
  return inclusionProofAt(index, leafHashes.length, memoryNodes(leafHashes));
}

/** `consistencyProofAt` over leaf hashes in memory. */
export function consistencyProof(first: number, leafHashes: readonly Uint8Array[]): Uint8Array[] {
  return consistencyProofAt(first, leafHashes.length, memoryNodes(leafHashes));
}

/** Whether the leaf stands at `index` in the tree of `size` leaves with this root (RFC 9162 section 2.1.3.2). */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isPlace(index, size)) return false;
  if ([leaf, root, ...proof].some(({ length }) => length !== hashBytes)) return false;
  let place = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(sibling, hash);
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else hash = nodeHash(hash, sibling);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && equal(hash, root);
}

/** Whether the tree of `second` leaves begins with the tree of `first` leaves, by their roots; both from 1 (RFC 9162 section 2.1.4.2). */
export function verifyConsistency(
  first: number,
  second: number,
  proof: readonly Uint8Array[],
  firstRoot: Uint8Array,
  secondRoot: Uint8Array,
): boolean {
  if (!isPlace(first - 1, second)) return false;
  if ([firstRoot, secondRoot, ...proof].some(({ length }) => length !== hashBytes)) return false;
  if (first === second) return proof.length === 0 && equal(firstRoot, secondRoot);
  // A first tree that is full is itself a node of the second, and the proof leaves it out.
  const isFull = 2 ** Math.round(Math.log2(first)) === first;
  const [start, ...rest] = isFull ? [firstRoot, ...proof] : proof;
  if (start === undefined) return false;
  let place = first - 1;
  let last = second - 1;
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  let oldHash = start;
  let newHash = start;
  for (const hash of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      oldHash = nodeHash(hash, oldHash);
      newHash = nodeHash(hash, newHash);
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else newHash = nodeHash(newHash, hash);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && equal(oldHash, firstRoot) && equal(newHash, secondRoot);
}

const hashBytes = 32;

function equal(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

function half(n: number): number {
  return Math.floor(n / 2);
}

function isPlace(index: number, size: number): boolean {
  return Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size;
}

/** The largest power of two that is smaller than n, for n of 2 and more. */
function split(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

/** The hash over leaves [begin, end), where `begin` is a multiple of the smallest power of two not below the length. */
function subtree(begin: number, end: number, nodes: NodeReader): Uint8Array {
  const length = end - begin;
  const level = Math.round(Math.log2(length));
  if (2 ** level === length) return nodes.get(level, begin / length);
  const middle = begin + split(length);
  return nodeHash(subtree(begin, middle, nodes), subtree(middle, end, nodes));
}
