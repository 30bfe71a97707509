/** What was known of a fix on a day: clocks judge by that, and are judged again when more is known. */
import type { Catalogue, CatalogueUpdate } from '../../schemas/generated/types.ts';
import type { Day } from '../days.ts';
import type { Exposure } from '../model.ts';

export type Severity = Exposure['severity'];

/** A fix as clocks see it, without any server. */
export type FixFacts = {
  readonly id: string;
  readonly product: string;
  readonly productKind: string;
  readonly title: string;
  readonly cves: readonly string[];
  /** The vendor's word, or `none`. */
  readonly vendorSeverity: string;
  readonly severity: Severity;
  readonly cvss?: number;
  readonly releasedAt?: Day;
  readonly exploitKnownAt?: Day;
  readonly kevAddedAt?: Day;
  readonly kevDueAt?: Day;
  readonly automatable?: boolean;
  readonly technicalImpact?: 'partial' | 'total';
};

const words: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  important: 'high',
  high: 'high',
  moderate: 'medium',
  medium: 'medium',
  low: 'low',
};

/** The vendor's word; where it gives none, the CVSS v3 base score in the bands of its specification. */
export function severityOf(vendor: string | undefined, cvss: number | undefined): Severity {
  const word = words[vendor ?? ''];
  if (word !== undefined) return word;
  if (cvss === undefined) return 'unknown';
  return cvss >= 9 ? 'critical' : cvss >= 7 ? 'high' : cvss >= 4 ? 'medium' : cvss > 0 ? 'low' : 'unknown';
}

/** A mixed update counts as its worst part. */
export function fixFacts(update: CatalogueUpdate, productId: string, catalogue: Catalogue): FixFacts {
  const parts = update.cves
    .map((id) => catalogue.cves.find((each) => each.id === id))
    .filter((each) => each !== undefined);
  const scores = parts.map(({ cvss }) => cvss).filter((score) => score !== undefined);
  const cvss = scores.length === 0 ? undefined : Math.max(...scores);
  const product = catalogue.products.find(({ id }) => id === productId);
  const first = (days: readonly (Day | undefined)[]): Day | undefined =>
    days.filter((day) => day !== undefined).toSorted()[0];
  const automatable = parts.some((each) => each.automatable === true)
    ? true
    : parts.some((each) => each.automatable === false)
      ? false
      : undefined;
  const impact = parts.some(({ technicalImpact }) => technicalImpact === 'total')
    ? ('total' as const)
    : parts.find(({ technicalImpact }) => technicalImpact !== undefined)?.technicalImpact;
  const exploit = first(parts.map(({ exploitKnownOn }) => exploitKnownOn));
  const kev = first(parts.map(({ kevAddedOn }) => kevAddedOn));
  const due = first(parts.map(({ kevDueOn }) => kevDueOn));
  return {
    id: update.id,
    product: product?.name ?? productId,
    productKind: product?.kind ?? 'other-application',
    title: `${product?.name ?? productId}, ${update.id}`,
    cves: update.cves,
    vendorSeverity: vendorWord(update.vendorSeverity),
    severity: severityOf(update.vendorSeverity, cvss),
    ...(cvss !== undefined && { cvss }),
    releasedAt: update.releasedOn,
    ...(exploit !== undefined && { exploitKnownAt: exploit }),
    ...(kev !== undefined && { kevAddedAt: kev }),
    ...(due !== undefined && { kevDueAt: due }),
    ...(automatable !== undefined && { automatable }),
    ...(impact !== undefined && { technicalImpact: impact }),
  };
}

function vendorWord(word: string | undefined): string {
  return word ?? 'none';
}

/** The variable `fix` on a day: what became known later is not there yet. What nobody knows is left out. */
export function fixOn(facts: FixFacts, day: Day, requiresUpgrade: boolean): Readonly<Record<string, unknown>> {
  const kev = facts.kevAddedAt !== undefined && facts.kevAddedAt <= day;
  const exploited = kev || (facts.exploitKnownAt !== undefined && facts.exploitKnownAt <= day);
  // Of what is not listed, SSVC lets two inputs be taken for granted; of what is, none.
  const taken = kev
    ? {}
    : { automatable: facts.automatable ?? false, technicalImpact: facts.technicalImpact ?? 'total' };
  return {
    id: facts.id,
    product: facts.product,
    productKind: facts.productKind,
    severity: facts.severity,
    vendorSeverity: facts.vendorSeverity,
    ...(facts.cvss !== undefined && { cvss: facts.cvss }),
    exploited,
    kev,
    ...taken,
    ...(facts.automatable !== undefined && { automatable: facts.automatable }),
    ...(facts.technicalImpact !== undefined && { technicalImpact: facts.technicalImpact }),
    requiresUpgrade,
    ...(facts.releasedAt !== undefined && { releasedAt: facts.releasedAt }),
  };
}

/** Days on which something more was known than before, oldest first. */
export function knowledgeDays(
  facts: FixFacts,
): readonly { readonly day: Day; readonly kind: 'exploit-known' | 'exploited-listed' }[] {
  return [
    ...(facts.exploitKnownAt === undefined ? [] : [{ day: facts.exploitKnownAt, kind: 'exploit-known' as const }]),
    ...(facts.kevAddedAt === undefined ? [] : [{ day: facts.kevAddedAt, kind: 'exploited-listed' as const }]),
  ].toSorted((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
}
