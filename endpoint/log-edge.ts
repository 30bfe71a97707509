/**
 * The right edge of the log's tree: with the roots of its full subtrees alone, a batch of leaves is
 * appended, sealed and proved without reading anything else.
 */
import { tileHeight } from '../evidence/log-tiles.ts';
import { appendLeaf, inclusionProofAt, leafHash, type NodeReader, rootAt } from '../evidence/merkle.ts';

/** The root of a full tile, to be stored: `level` in tiles (C2SP tlog-tiles), one and above. */
export type TileNode = { readonly level: number; readonly position: number; readonly hash: Uint8Array };

export type Edge = {
  size(): number;
  /** Appends a leaf and gives its index and hash. */
  append(body: Uint8Array): { readonly index: number; readonly hash: Uint8Array };
  appendHash(hash: Uint8Array): void;
  root(): Uint8Array;
  /** For leaves that were appended here. */
  proof(index: number): Uint8Array[];
  /** The roots of the full subtrees, largest first, 32 bytes each. */
  frontier(): Uint8Array;
  /** Roots of tiles that became full since the edge was made. */
  readonly tiles: readonly TileNode[];
};

const hashBytes = 32;

/** The edge of a tree of `size` leaves. Throws RangeError where the frontier is not one of that size. */
export function makeEdge(startSize: number, frontier: Uint8Array): Edge {
  const stored = new Map<string, Uint8Array>();
  const tiles: TileNode[] = [];
  const subtrees = subtreesOf(startSize);
  if (frontier.length !== subtrees.length * hashBytes)
    throw new RangeError(
      `the frontier of ${startSize} leaves has ${subtrees.length} nodes, not ${frontier.length / hashBytes}`,
    );
  for (const [index, { level, position }] of subtrees.entries())
    stored.set(`${level}/${position}`, frontier.subarray(index * hashBytes, (index + 1) * hashBytes));
  const nodes: NodeReader = {
    get(level, index) {
      const hash = stored.get(`${level}/${index}`);
      if (hash === undefined) throw new RangeError(`the edge of the log lacks node ${level}/${index}`);
      return hash;
    },
  };
  let size = startSize;

  function appendHash(leaf: Uint8Array): void {
    for (const { level, index, hash } of appendLeaf(size, leaf, nodes)) {
      stored.set(`${level}/${index}`, hash);
      if (level > 0 && level % tileHeight === 0) tiles.push({ level: level / tileHeight, position: index, hash });
    }
    size += 1;
  }

  return {
    size: () => size,
    append(body) {
      const hash = leafHash(body);
      appendHash(hash);
      return { index: size - 1, hash };
    },
    appendHash,
    root: () => rootAt(size, nodes),
    proof: (index) => inclusionProofAt(index, size, nodes),
    frontier: () => Buffer.concat(subtreesOf(size).map(({ level, position }) => nodes.get(level, position))),
    tiles,
  };
}

/** The full subtrees that make a tree of `size` leaves, largest first: the ones of its binary digits. */
export function subtreesOf(size: number): { readonly level: number; readonly position: number }[] {
  const found: { level: number; position: number }[] = [];
  let begin = 0;
  for (let level = 52; level >= 0; level -= 1) {
    const length = 2 ** level;
    if (size - begin < length) continue;
    found.push({ level, position: begin / length });
    begin += length;
  }
  return found;
}
