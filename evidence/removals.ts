/** Why a pack lacks documents that its statement names: by the records of the log, and by nothing else. */
import type { Statement } from '../schemas/generated/types.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';

/** A document that is gone, and the record that says so; unexplained where none does. */
export type Removal =
  | { readonly name: string; readonly kind: 'pruned' | 'erased'; readonly index: number; readonly at: string }
  | { readonly name: string; readonly kind: 'unexplained' };

/**
 * What the records say of each document that is missing from a bundle at a place of the log. A record
 * removes only what was there before it; an erasure names its documents by digest, a pruning the time before
 * which bundles were received, so the end of the run, which the agent claims, must lie before that.
 */
export function explainMissing(
  ledger: Ledger,
  { subject, predicate }: Statement,
  logIndex: number,
  missing: readonly string[],
): Removal[] {
  const later = ledger.entries.filter((entry) => entry.index > logIndex);
  return missing.map((name) => {
    const digest = subject.find((one) => one.name === name)?.digest.sha256 ?? '';
    const record = later.find((entry) => removes(entry, digest, predicate.target.id, predicate.run.finishedAt));
    if (record === undefined) return { name, kind: 'unexplained' };
    const kind = record.predicate.kind === 'erasure' ? 'erased' : 'pruned';
    return { name, kind, index: record.index, at: record.predicate.at };
  });
}

function removes({ predicate, documents }: LedgerEntry, digest: string, target: string, finishedAt: string): boolean {
  if (predicate.kind === 'erasure') return documents.includes(digest);
  if (predicate.kind !== 'pruning') return false;
  const isMeant = predicate.targets.length === 0 || predicate.targets.includes(target);
  return isMeant && Date.parse(finishedAt) < Date.parse(predicate.before);
}
