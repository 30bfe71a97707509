/** From a collector's drafts to documents that may be signed: format, blind, validation, no secret. */
import type { Drafts } from '../../collectors/collector.ts';
import { blindFor } from '../../evidence/blind.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { validated } from '../../evidence/validate.ts';
import { documentValidators } from '../../schemas/generated/documents.ts';
import type {
  Documents,
  Fact,
  FactStatus,
  RawOutput,
  SourceRecord,
  SourcesDocument,
} from '../../schemas/generated/types.ts';
import { findSecret } from '../host/secrets.ts';

export type DocumentName = keyof Documents;
export type AnyDocument = Documents[DocumentName] | SourcesDocument | RawOutput;

/** Documents by subject name. */
export type FinishedDocuments = ReadonlyMap<string, AnyDocument>;

/**
 * Refuses a draft that its schema does not take, or that carries a secret: what is wrong with a
 * collector must show as a failed collector, not as evidence.
 */
export function finishDrafts(
  drafts: Drafts,
  names: readonly DocumentName[],
  blindKey: Uint8Array,
): Result<FinishedDocuments> {
  const documents = new Map<string, AnyDocument>();
  for (const name of names) {
    const draft = drafts[name];
    if (draft === undefined) return refuse('document-missing', `the collector made no document ${name}`);
    const document = finish(name, { format: `affiant-${kebab(name)}/1`, ...draft }, blindKey);
    const valid = validated<AnyDocument>(documentValidators[name], document, name);
    if (!valid.ok) return valid;
    const secret = findSecret(document);
    if (secret !== undefined)
      return refuse('secret-detected', `the document ${name} carries a secret (${secret.kind})`, {
        pointer: secret.pointer,
      });
    documents.set(name, valid.value);
  }
  return ok(documents);
}

/** As formats are written: `identity-provider` for `identityProvider`. */
function kebab(name: DocumentName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The source records of one collector as their document. */
export function sourcesDocument(
  collector: string,
  records: readonly SourceRecord[],
  blindKey: Uint8Array,
): SourcesDocument {
  return finish(
    `sources/${collector}`,
    { format: 'affiant-sources/1' as const, collector, records: [...records] },
    blindKey,
  );
}

function finish<T extends object>(name: string, content: T, blindKey: Uint8Array): T & { blind: string } {
  return { ...content, blind: blindFor(blindKey, name, content) };
}

/** Raw outputs as documents `raw/1`, `raw/2` …, in their order. */
export function rawDocuments(
  outputs: readonly Omit<RawOutput, 'blind'>[],
  blindKey: Uint8Array,
): ReadonlyMap<string, RawOutput> {
  // The number says nothing: the same output keeps its bytes wherever it stands.
  return new Map(outputs.map((output, at) => [`raw/${at + 1}`, finish(`raw ${output.locator}`, output, blindKey)]));
}

/** How many facts of a draft ended how. */
export function countFacts(drafts: Drafts): Partial<Record<FactStatus, number>> {
  const counts: Partial<Record<FactStatus, number>> = {};
  for (const draft of Object.values(drafts))
    for (const { status } of Object.values(draft ?? {}) as Fact<unknown>[]) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
