/**
 * Whether something really protects this server now, whether its audit system records, and whether its
 * logs leave it. Installed is not running, running is not active, active is not up to date.
 */
import type { Draft } from '../collectors/collector.ts';
import type { Moment, ProtectionExclusion } from '../schemas/generated/types.ts';
import { judgeAudit, judgeForwarding } from './edr/audit-verdict.ts';
import { exclusionRisk } from './edr/exclusion-risk.ts';
import { type EdrLimits, judgeProduct, type ProductVerdict } from './edr/product-verdict.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** 72 hours for signatures, our own limit between a day's warning and the week after which others call it unhealthy. */
export const defaultEdrLimits: EdrLimits = { signatureHours: 72, acknowledgedHours: 48 };

/** Detections that somebody must look at, dealt with or not; whether somebody did is told by attestations. */
export type ToReview = {
  readonly product: string;
  readonly total: number;
  readonly distinct?: number;
  readonly newestAt?: Moment;
  readonly oldestAt?: Moment;
};

export type RiskyExclusion = {
  readonly product: string;
  readonly exclusion: ProtectionExclusion;
  readonly why: string;
};

export type EdrVerdict = Verdict & {
  readonly products: readonly ProductVerdict[];
  readonly audit: Verdict;
  readonly forwarding: Verdict;
  readonly toReview: readonly ToReview[];
  readonly riskyExclusions: readonly RiskyExclusion[];
};

/** `at` is the time to judge at, RFC 3339. Pure: the same document and time give the same verdict. */
export function judgeEdr(
  edr: Draft<'edr'>,
  { at, limits = defaultEdrLimits }: { readonly at: string; readonly limits?: EdrLimits },
): EdrVerdict {
  const list = edr.products.status === 'observed' ? edr.products.value : [];
  const products = list.map((product) => judgeProduct(product, at, limits));
  return {
    ...protection(edr, products),
    products,
    audit: judgeAudit(edr),
    forwarding: judgeForwarding(edr, at, limits),
    toReview: list.flatMap(({ id, detections }): ToReview[] => {
      if (detections.status !== 'observed' || detections.value.total === 0) return [];
      const { total, distinct, newestAt, oldestAt } = detections.value;
      return [
        {
          product: id,
          total,
          ...(distinct !== undefined && { distinct }),
          ...(newestAt !== undefined && { newestAt }),
          ...(oldestAt !== undefined && { oldestAt }),
        },
      ];
    }),
    riskyExclusions: list.flatMap(({ id, exclusions }) =>
      exclusions.status !== 'observed'
        ? []
        : exclusions.value.flatMap((exclusion): RiskyExclusion[] => {
            const { why } = exclusionRisk(exclusion);
            return why === undefined ? [] : [{ product: id, exclusion, why }];
          }),
    ),
  };
}

/** One product must pass; no other may work beside it, and none may be overlooked. */
function protection({ products: found, searchedPlaces }: Draft<'edr'>, verdicts: readonly ProductVerdict[]): Verdict {
  if (found.status !== 'observed') return verdictOf([], [`products: ${found.reason}`]);
  const unlooked =
    searchedPlaces.status !== 'observed'
      ? [`places of products: ${searchedPlaces.reason}`]
      : searchedPlaces.value
          .filter(({ looked }) => !looked)
          .map(({ place, reason = 'not looked at' }) => `${place}: ${reason}`);
  const candidates = verdicts.filter(({ kind }) => kind === 'protection');
  if (candidates.length === 0)
    return unlooked.length > 0 ? verdictOf([], unlooked) : verdictOf(['nothing that protects is installed'], []);
  const active = candidates.filter((each) => each.active === true);
  const conflict = active.length > 1 ? [`${active.map(({ id }) => id).join(' and ')} protect at the same time`] : [];
  const effective = candidates.find(({ outcome }) => outcome === 'pass');
  if (effective !== undefined) {
    const others = candidates.filter((each) => each !== effective && each.active === undefined);
    return verdictOf(conflict, [...unlooked, ...others.map(({ id }) => `${id}: whether it protects at the same time`)]);
  }
  const named = candidates.flatMap(({ id, faults }) => faults.map((fault) => `${id}: ${fault}`));
  const passive = candidates.every((each) => each.passive) ? ['every product is passive: none protects'] : [];
  // One that is undetermined may be effective; so may one that could not be found.
  const open = candidates.filter(({ outcome }) => outcome === 'undetermined');
  if (open.length === 0 && unlooked.length === 0) return verdictOf([...conflict, ...passive, ...named], []);
  return verdictOf(conflict, [
    ...unlooked,
    ...open.flatMap(({ id, unknowns }) => unknowns.map((each) => `${id}: ${each}`)),
  ]);
}
