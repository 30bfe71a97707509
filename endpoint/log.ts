/** The sequenced log over nodes that a store keeps: leaves are appended inside the store's transaction, then sealed by one signed checkpoint. */
import type { LogSigner } from '../evidence/checkpoint.ts';
import {
  appendLeaf,
  inclusionProofAt,
  leafHash,
  type NodeReader,
  rootAt,
  type StoredNode,
} from '../evidence/merkle.ts';
import { makeReceipt } from '../evidence/receipt.ts';
import type { Receipt } from '../schemas/generated/types.ts';

/** The full nodes of the tree; once put, a node never changes. */
export type LogNodes = NodeReader & { put(node: StoredNode): void };

/** A signed checkpoint with what it says. */
export type SealedLog = {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
  /** The verifier line of the key that signed it. */
  readonly logKey: string;
};

/** Puts the nodes that the leaf completes in a tree of `size` leaves; the leaf's index is `size`. */
export function appendToLog(size: number, body: Uint8Array, nodes: LogNodes): void {
  for (const node of appendLeaf(size, leafHash(body), nodes)) nodes.put(node);
}

/** Signs the tree as it stands. Nobody may see the checkpoint before the nodes under it are durable. */
export function sealLog(size: number, nodes: NodeReader, signer: LogSigner): SealedLog {
  const root = rootAt(size, nodes);
  return { size, root, note: signer.signCheckpoint(size, root), logKey: signer.verifierKey };
}

/** The proof that the leaf stands in the sealed tree. */
export function receiptOf(index: number, sealed: SealedLog, nodes: NodeReader): Receipt {
  return makeReceipt({
    index,
    size: sealed.size,
    hashes: inclusionProofAt(index, sealed.size, nodes),
    checkpoint: sealed.note,
    logKey: sealed.logKey,
  });
}
