/** What an audit knows beside the evidence of one server. */
import type { Catalogue } from '../schemas/generated/types.ts';
import type { Attestation } from './attestations.ts';
import type { Day } from './days.ts';
import type { EvidenceRef } from './finding.ts';
import type { HistoryEntry } from './history-model.ts';
import type { HostFacts } from './model.ts';
import type { Place } from './observation.ts';
import type { ClockResult } from './policy/fix-clock.ts';
import type { PolicySet } from './policy/policy-set.ts';

/** Verdicts that do not depend on the server: shared over a fleet. */
export type AuditMemory = { readonly clocks: Map<string, ClockResult>; readonly levels: Map<string, unknown> };

export type AuditContext = {
  readonly catalogues: readonly Catalogue[];
  /** Those that apply. */
  readonly policies: PolicySet;
  /** Of every server, verified, without those withdrawn. */
  readonly attestations: readonly Attestation[];
  readonly inventory: HostFacts;
  /** The day of the audit: nothing later is known. */
  readonly at: Day;
  readonly memory: AuditMemory;
  /** The documents of a bundle by name, read again from its pack; undefined where they cannot be had. */
  readonly documents?: DocumentsOf;
};

export type DocumentsOf = (entry: HistoryEntry) => ReadonlyMap<string, object> | undefined;

export function auditMemory(): AuditMemory {
  return { clocks: new Map(), levels: new Map() };
}

/** A piece of evidence: that place in that bundle says this. */
export function evidenceOf(entry: HistoryEntry, place: Place, says: string): EvidenceRef {
  const documentDigest = entry.documents[place.document];
  return {
    bundle: entry.bundle,
    file: entry.file,
    claimedAt: entry.claimedAt,
    ...(entry.logIndex !== undefined && { logIndex: entry.logIndex }),
    document: place.document,
    ...(documentDigest !== undefined && { documentDigest }),
    pointer: place.pointer,
    sources: place.sources,
    says,
  };
}
