/** What the document `edr` says of detections, of what protects, of proofs that it does, and of logs. */
import { judgeEdr } from '../judge/edr.ts';
import { shownText } from '../judge/mfa/text.ts';
import type { DetectionProof, EdrDocument } from '../schemas/generated/types.ts';
import type { Instant, When } from './days.ts';
import type { Observation, Seen, SeenDetections, SeenProtection } from './observation.ts';
import { placeOf, seen, whenOf } from './seen-fact.ts';

export function observeDetections({ products }: EdrDocument): Partial<Observation> {
  return {
    detections: seen('edr', 'products', products, (list) =>
      list.flatMap(({ id, detections }): SeenDetections[] => {
        if (detections.status !== 'observed') return [];
        const { total, distinct, oldestAt, newestAt, items = [] } = detections.value;
        return [
          {
            product: id,
            total,
            ...(distinct !== undefined && { distinct }),
            ...(oldestAt !== undefined && { oldestAt: whenOf(oldestAt) }),
            ...(newestAt !== undefined && { newestAt: whenOf(newestAt) }),
            items: items.map(({ name, threatId, firstSeen, pathClass, sha256, keyedDigest }) => ({
              id: sha256 ?? keyedDigest ?? threatId ?? shownText(name),
              name: shownText(name),
              ...(firstSeen !== undefined && { firstSeen: whenOf(firstSeen) }),
              ...(pathClass !== undefined && { pathClass }),
              ...(threatId !== undefined && { threatId }),
            })),
          },
        ];
      }),
    ),
  };
}

export function observeProtection(edr: EdrDocument, at: Instant): Seen<SeenProtection> {
  const verdict = judgeEdr(edr, { at });
  const products = edr.products.status === 'observed' ? edr.products.value : [];
  const datesOf = (list: typeof products): When[] =>
    list.flatMap(({ signatureUpdatedAt }) =>
      signatureUpdatedAt.status === 'observed' ? [whenOf(signatureUpdatedAt.value.moment)] : [],
    );
  const working = new Set(verdict.products.filter(({ active }) => active === true).map(({ id }) => id));
  // Fresh signatures of a scanner that nobody calls say nothing of what stands in the way of malware.
  const [oldestWorking] = datesOf(products.filter(({ id }) => working.has(id))).toSorted();
  const proofs = edr.detectionProofs.status === 'observed' ? edr.detectionProofs.value : [];
  const logs = edr.logRetention.status === 'observed' ? edr.logRetention.value : [];
  const newest = (all: readonly When[]): When | undefined => all.toSorted().at(-1);
  const signatureAt = oldestWorking ?? newest(datesOf(products));
  const provedAt = newest(
    proofs
      .filter(({ method, outcome }) => ofMalware.has(method) && outcome === 'detected')
      .map(({ startedAt }) => startedAt),
  );
  const failed = failedProofs(proofs);
  const oldest = logs.flatMap(({ oldestEntryAt }) => (oldestEntryAt === undefined ? [] : [whenOf(oldestEntryAt)]));
  const oldestLogAt = newest(oldest);
  const list = edr.products.status === 'observed' ? verdict.riskyExclusions : [];
  const risky = list.map(({ product, exclusion, why }) => ({
    product,
    pathClass: exclusion.pathClass ?? exclusion.kind,
    why,
  }));
  const named = risky.map(({ product, why }) => `${product}: excluded from detection: ${why}`);
  const judged = verdict.outcome === 'fail' ? verdict.faults : [...verdict.faults, ...named];
  const faults = [...judged, ...failed];
  return {
    ...placeOf('edr', '/products', edr.products),
    status: 'observed',
    value: {
      // An exclusion of where malware lands defeats whatever else is in order.
      outcome: risky.length > 0 || failed.length > 0 ? 'fail' : verdict.outcome,
      faults: [...new Set(faults)],
      unknowns: verdict.unknowns,
      riskyExclusions: risky,
      forwarding: verdict.forwarding.outcome,
      forwardingWhy: [...verdict.forwarding.faults, ...verdict.forwarding.unknowns],
      ...(signatureAt !== undefined && { signatureAt }),
      ...(provedAt !== undefined && { provedAt }),
      ...(oldestLogAt !== undefined && { oldestLogAt }),
    },
  };
}

/** Proofs that malware would be seen; the others ask whether something is recorded, or what an exclusion lets through. */
const ofMalware: ReadonlySet<DetectionProof['method']> = new Set([
  'eicar-on-access',
  'eicar-on-demand',
  'amsi-sample',
  'cloud-test',
]);

/** What was not detected when it was tried last. */
function failedProofs(proofs: readonly DetectionProof[]): string[] {
  const last = new Map<string, DetectionProof>();
  for (const proof of proofs) {
    if (!ofMalware.has(proof.method) || !/^(?:not-)?detected$/.test(proof.outcome)) continue;
    const key = `${proof.method} ${proof.product}`;
    const before = last.get(key);
    if (before === undefined || before.startedAt <= proof.startedAt) last.set(key, proof);
  }
  return [...last.values()]
    .filter(({ outcome }) => outcome === 'not-detected')
    .map(
      ({ method, product, startedAt }) =>
        `${product ?? 'the detector'} did not see what it was tried with (${method}, ${startedAt})`,
    );
}
