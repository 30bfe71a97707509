/** Counts over what a product remembers of its detections. */
import type { DetectedThreat, Detections, Moment } from '../../schemas/generated/types.ts';

const maxItems = 1000;

/** Newest first. What the product allowed, failed at or left is unresolved; so is a state that we do not know. */
export function countDetections(items: readonly DetectedThreat[]): Detections {
  const sorted = items.toSorted((left, right) => (dateOf(right.firstSeen) < dateOf(left.firstSeen) ? -1 : 1));
  const dated = sorted.filter(({ firstSeen }) => firstSeen !== undefined);
  const newestAt = dated[0]?.firstSeen;
  const oldestAt = dated.at(-1)?.firstSeen;
  const distinct = new Set(
    items.map(({ name, keyedDigest, sha256 }) => sha256 ?? `${JSON.stringify(name)} ${keyedDigest ?? ''}`),
  );
  const settled = new Set<DetectedThreat['state']>(['quarantined', 'removed', 'blocked']);
  return {
    total: items.length,
    active: items.filter(({ state }) => state === 'active').length,
    unresolved: items.filter(({ state }) => !settled.has(state)).length,
    distinct: distinct.size,
    ...(newestAt !== undefined && { newestAt }),
    ...(oldestAt !== undefined && { oldestAt }),
    items: sorted.slice(0, maxItems),
    ...(items.length > maxItems && { itemsLeftOut: items.length - maxItems }),
  };
}

function dateOf(moment: Moment | undefined): string {
  if (moment === undefined) return '';
  return 'at' in moment ? moment.at : moment.on;
}
