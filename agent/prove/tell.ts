/** Proofs of detection on their way into the document `edr`, beside what its collector found. */
import type { Drafts } from '../../collectors/collector.ts';
import type { SourceRecord } from '../../schemas/generated/types.ts';
import type { KeptProof } from './ledger.ts';

/** The source of the fact: we made it ourselves. */
const locator = 'command:affiant prove';

/** The drafts with the fact `detectionProofs` filled; as they are where there is none, or no such document. */
export function withProofs(drafts: Drafts, proofs: readonly KeptProof[]): Drafts {
  if (drafts.edr === undefined || proofs.length === 0) return drafts;
  const value = proofs.map(({ proof }) => proof);
  return { ...drafts, edr: { ...drafts.edr, detectionProofs: { status: 'observed', value, sources: [locator] } } };
}

export function proofSource(proofs: readonly KeptProof[]): SourceRecord {
  const privilege = proofs.every((kept) => kept.privilege === 'root') ? 'root' : 'user';
  return { locator, kind: 'command', outcome: 'ok', privilege, entries: proofs.length };
}
