/** Receipts made again: a bundle or record remembers its place and its checkpoint, and the proof follows from the tree. */
import { inclusionProofAt } from '../../evidence/merkle.ts';
import { makeReceipt } from '../../evidence/receipt.ts';
import type { Receipt } from '../../schemas/generated/types.ts';
import type { SealedLog } from '../log.ts';
import { checkpointOf, withNodes } from './log-tables.ts';
import type { Sql } from './sql.ts';
import { stampOver } from './stamp-tables.ts';

/** The receipt for a leaf under a sealed tree, from hashes that were proved for it. */
export function receiptFrom(
  index: number,
  sealed: SealedLog,
  hashes: readonly Uint8Array[],
  timestamp?: Uint8Array,
): Receipt {
  const { size, note, logKey } = sealed;
  return makeReceipt({ index, size, hashes, checkpoint: note, logKey, ...(timestamp !== undefined && { timestamp }) });
}

/** The receipt that was given for the leaf, byte for byte: signatures of Ed25519 and proofs have one form. */
export async function receiptAt(sql: Sql, index: number, sealedSize: number, logKey: string): Promise<Receipt> {
  const sealed = await checkpointOf(sql, sealedSize, logKey);
  if (sealed === undefined) throw new RangeError(`the log has no checkpoint of ${sealedSize} leaves`);
  return receiptFrom(index, sealed, await withNodes(sql, (nodes) => inclusionProofAt(index, sealedSize, nodes)));
}

/** A receipt for whoever reads a kept bundle: where an authority stamped a checkpoint over it, that one with its stamp. */
export async function receiptForReaders(sql: Sql, index: number, sealedSize: number, logKey: string): Promise<Receipt> {
  const stamped = await stampOver(sql, index);
  if (stamped === undefined) return receiptAt(sql, index, sealedSize, logKey);
  const { size, stamp } = stamped;
  const sealed = await checkpointOf(sql, size, logKey);
  if (sealed === undefined) throw new RangeError(`the log has no checkpoint of ${size} leaves`);
  return receiptFrom(index, sealed, await withNodes(sql, (nodes) => inclusionProofAt(index, size, nodes)), stamp);
}
