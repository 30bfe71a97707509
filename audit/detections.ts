/** What the detector saw over time, and whether anybody looked. Removed by the product is not looked at by a person. */
import { type Attestation, type AttestationOf, attestationRef, attestationsOf } from './attestations.ts';
import { type AuditContext, evidenceOf } from './context.ts';
import { addDays, type Day, dayOf, daysBetween, dueOf, type When } from './days.ts';
import type { EvidenceRef, Finding } from './finding.ts';
import { isStale } from './history.ts';
import type { History, HistoryEntry } from './history-model.ts';
import { makeFinding } from './make-finding.ts';
import type { DetectionDay, DetectionReview, DetectionTimeline } from './model.ts';
import type { SeenDetections } from './observation.ts';

/** One thing that was detected, at the earliest moment that any bundle gives for it. */
export type DetectionEvent = {
  readonly product: string;
  readonly ids: readonly string[];
  readonly name: string;
  readonly at: When;
  readonly pathClass?: string;
  readonly evidence: EvidenceRef;
};

const webShellPlaces: ReadonlySet<string> = new Set([
  'web-root',
  'web-application',
  'exchange-frontend-auth',
  'iis-temporary',
]);
/** Three in a week is no stray file any more. */
const trend = { count: 3, days: 7 };

function listsOf(entry: HistoryEntry): readonly SeenDetections[] {
  return entry.seen.detections?.status === 'observed' ? entry.seen.detections.value : [];
}

/** Oldest first. Where a product gives no single items, each growth of its total is one event of the day. */
export function detectionEvents({ entries }: History): DetectionEvent[] {
  const events = new Map<string, DetectionEvent>();
  const totals = new Map<string, number>();
  for (const entry of entries)
    for (const { product, total, items, newestAt, oldestAt } of listsOf(entry)) {
      const place = { document: 'edr', pointer: '/products', sources: entry.seen.detections?.sources ?? [] };
      for (const item of items) {
        const key = `${product} ${item.id}`;
        if (events.has(key)) continue;
        const at = item.firstSeen ?? entry.day;
        const evidence = evidenceOf(entry, place, `${product} detected ${item.name}`);
        events.set(key, {
          product,
          ids: [item.id, ...(item.threatId === undefined ? [] : [item.threatId])],
          name: item.name,
          at,
          evidence,
          ...(item.pathClass !== undefined && { pathClass: item.pathClass }),
        });
      }
      const before = totals.get(product) ?? 0;
      if (items.length === 0 && total > before) {
        const at = before === 0 ? (oldestAt ?? newestAt ?? entry.day) : (newestAt ?? entry.day);
        events.set(`${product} total ${total}`, {
          product,
          ids: [],
          name: `${total - before} detections`,
          at,
          evidence: evidenceOf(entry, place, `${product} counts ${total}`),
        });
      }
      totals.set(product, Math.max(before, total));
    }
  return [...events.values()].toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
}

export function detectionTimelines(
  history: History,
  events: readonly DetectionEvent[],
  context: AuditContext,
): DetectionTimeline[] {
  const acks = acknowledgements(history, context);
  const products = new Set(history.entries.flatMap((entry) => listsOf(entry).map(({ product }) => product)));
  return [...products].flatMap((product): DetectionTimeline[] => {
    const own = events.filter((event) => event.product === product);
    const days: DetectionDay[] = [];
    let before = 0;
    for (const entry of history.entries) {
      const list = listsOf(entry).find((each) => each.product === product);
      if (list === undefined) continue;
      // Products forget: what was seen once stays seen.
      const known = own.filter((event) => dayOf(event.evidence.claimedAt) <= entry.day).length;
      const total = Math.max(before, list.total, known);
      if (days.at(-1)?.day === entry.day) days.pop();
      days.push({
        day: entry.day,
        total,
        ...(list.distinct !== undefined && { distinct: list.distinct }),
        fresh: total - before,
      });
      before = total;
    }
    if (before === 0) return [];
    const firstAt = own[0]?.at;
    return [
      {
        product,
        days,
        ...(firstAt !== undefined && { firstAt }),
        total: before,
        acknowledged: own.length > 0 && own.every((event) => acks.some((ack) => covers(ack, event))),
        trendAlarms: trendDays(own),
      },
    ];
  });
}

function trendDays(events: readonly DetectionEvent[]): Day[] {
  const shells = events
    .filter(({ pathClass }) => pathClass !== undefined && webShellPlaces.has(pathClass))
    .map(({ at }) => dayOf(at));
  const days = shells.filter((day, at) => {
    const first = shells[at - trend.count + 1];
    return first !== undefined && daysBetween(first, day) < trend.days;
  });
  return [...new Set(days)];
}

type Acknowledgement = AttestationOf<'detection-acknowledged'>;

function acknowledgements({ host }: History, { attestations, at }: AuditContext): Acknowledgement[] {
  return attestationsOf(attestations, 'detection-acknowledged', host, at);
}

function covers({ predicate: { detections } }: Acknowledgement, { ids, at }: DetectionEvent): boolean {
  if ('upTo' in detections) return at.length > 10 ? at <= detections.upTo : at <= dayOf(detections.upTo);
  return ids.some((id) => detections.ids.includes(id));
}

/** From the first detection that nobody acknowledged to the acknowledgement of the last of them. */
export function reviewFindings(history: History, events: readonly DetectionEvent[], context: AuditContext): Finding[] {
  const acks = acknowledgements(history, context);
  const clocks = context.policies.clocks.filter(({ clock }) => clock.measures === 'detection-review');
  const reviewed = events.map((event) => ({ event, ack: acks.find((ack) => covers(ack, event)) }));
  const groups: { events: typeof reviewed; end?: Day; ack?: Acknowledgement }[] = [];
  for (const each of reviewed) {
    const group = groups.at(-1);
    const end = each.ack === undefined ? undefined : dayOf(each.ack.predicate.madeAt);
    if (group === undefined || (group.end !== undefined && group.end <= dayOf(each.event.at)))
      groups.push({
        events: [each],
        ...(end !== undefined && { end }),
        ...(each.ack !== undefined && { ack: each.ack }),
      });
    else {
      group.events.push(each);
      if (end === undefined) delete group.end;
      else if (group.end !== undefined && end > group.end) {
        group.end = end;
        if (each.ack !== undefined) group.ack = each.ack;
      }
    }
  }
  return groups.flatMap(({ events: own, end, ack }) =>
    clocks.flatMap((compiled): Finding[] => {
      const first = own[0]?.event;
      if (first === undefined) return [];
      const due = dueOf(first.at, compiled.clock.limit ?? { days: 1 });
      if (due.breachDay > context.at || (end !== undefined && end < due.breachDay)) return [];
      const open = own.filter((each) => each.ack === undefined).length;
      return [
        makeFinding(history.host, context, {
          rule: compiled.clock.id,
          clock: compiled,
          subject: `detections of ${first.product} since ${dayOf(first.at)}`,
          title: 'threats were detected, and nobody has acknowledged them',
          reason: `${first.product} detected ${first.name} on ${first.at}, and ${own.length - 1} more after it. ${open === 0 ? 'All were acknowledged late.' : `${open} of them were never acknowledged by anybody; that the product removed them is not a review.`}`,
          start: { kind: 'detection', at: first.at, text: 'the first detection that nobody had acknowledged' },
          ...due,
          from: due.breachDay,
          ...(end !== undefined && {
            to: addDays(end, -1),
            endedBy: { by: 'attestation', text: 'somebody acknowledged the detections' },
          }),
          ...(ack !== undefined && { attestation: attestationRef(ack, ack.predicate.outcome) }),
          evidence: [first.evidence, ...(own.length > 1 ? [own.at(-1)?.event.evidence ?? first.evidence] : [])],
          stale: end === undefined && isStale(history, context.at),
        }),
      ];
    }),
  );
}

/** Who said to have looked at detections of the server, by the day of the audit. */
export function reviewsOf({ host }: History, attestations: readonly Attestation[], at: Day): DetectionReview[] {
  return attestationsOf(attestations, 'detection-acknowledged', host, at).map(({ predicate }) => ({
    day: dayOf(predicate.madeAt),
    by: `${predicate.author.name} (${predicate.author.role})`,
    text: `${predicate.disposition}: ${predicate.outcome}`,
  }));
}

/** Web shells that come one after another: somebody is in. */
export function trendFindings(
  history: History,
  timelines: readonly DetectionTimeline[],
  events: readonly DetectionEvent[],
  context: AuditContext,
): Finding[] {
  return timelines.flatMap(({ product, trendAlarms }): Finding[] => {
    const [first] = trendAlarms;
    if (first === undefined) return [];
    const own = events.filter(
      (event) => event.product === product && event.pathClass !== undefined && webShellPlaces.has(event.pathClass),
    );
    const last = dayOf(own.at(-1)?.at ?? first);
    return [
      makeFinding(history.host, context, {
        rule: 'detection-trend',
        subject: product,
        title: 'files of the kind of a web shell keep coming back',
        reason: `${product} detected ${own.length} files where web shells land, at least ${trend.count} of them within ${trend.days} days of ${first}. Somebody puts them there.`,
        start: { kind: 'detection', at: own[0]?.at ?? first, text: 'the first of them' },
        from: first,
        to: addDays(last, trend.days),
        evidence: own
          .slice(0, 1)
          .concat(own.slice(-1))
          .map(({ evidence }) => evidence),
      }),
    ];
  });
}
