/** One server's history against clocks, controls and claims, as of a day. */
import type { Catalogue, Inventory } from '../schemas/generated/types.ts';
import type { Attestation } from './attestations.ts';
import { buildGapFindings, buildSupportFindings } from './build-runs.ts';
import { claimFindings, inventoryFindings, listFindings } from './claims.ts';
import { type AuditContext, type AuditMemory, auditMemory, type DocumentsOf } from './context.ts';
import { controlFindings } from './control-findings.ts';
import type { Day } from './days.ts';
import { detectionEvents, detectionTimelines, reviewFindings, reviewsOf, trendFindings } from './detections.ts';
import { chainFindings, gapFindings, notificationFindings } from './evidence-findings.ts';
import { suspend } from './exceptions.ts';
import { exchangeRuns, productLevels } from './exchange-levels.ts';
import { exposureFindings, supportFindings } from './exposure-findings.ts';
import { exposuresOf } from './exposures.ts';
import type { Finding } from './finding.ts';
import type { History, RefusedPack } from './history-model.ts';
import { factsOf, serverOf } from './inventory.ts';
import { linuxRuns } from './linux-levels.ts';
import type { FleetAudit, HostAudit } from './model.ts';
import type { PolicySet } from './policy/policy-set.ts';
import { sqlRuns } from './sql-levels.ts';
import { standingFindings } from './standing.ts';
import { measuresOf } from './standing-measures.ts';
import { unjudgedOf } from './unjudged.ts';
import { adminChanges, blindSpots, countersOf, detectorStretches, isReplayed, mfaMatrix } from './views.ts';
import { windowsRuns } from './windows-levels.ts';

export type AuditOptions = {
  readonly catalogues: readonly Catalogue[];
  /** Those that apply (choosePolicies). */
  readonly policies: PolicySet;
  readonly inventory?: Inventory;
  readonly attestations: readonly Attestation[];
  /** The day of the audit. A history that was cut at this day is expected (histories). */
  readonly at: Day;
  /** Shared over servers; without it each call begins anew. */
  readonly memory?: AuditMemory;
  /** For controls that read documents; without it they are undetermined. */
  readonly documents?: DocumentsOf;
};

/** Pure: the same history, knowledge and day give the same. Findings come open first, then by the day on which they began. */
export function auditHost(history: History, options: AuditOptions): HostAudit {
  const { at, catalogues, policies, attestations, memory = auditMemory(), documents } = options;
  const inventory = factsOf(serverOf(options.inventory, history.host));
  const context: AuditContext = {
    catalogues,
    policies,
    attestations,
    inventory,
    at,
    memory,
    ...(documents !== undefined && { documents }),
  };
  const runs = exchangeRuns(history, context);
  const builds = [...windowsRuns(history, context), ...linuxRuns(history, context), ...sqlRuns(history, context)];
  const result = exposuresOf(history, runs, builds, context);
  const { exposures } = result;
  const events = detectionEvents(history);
  const detections = detectionTimelines(history, events, context);
  const measured = measuresOf(history, context);
  const standing = policies.clocks.flatMap((compiled) => {
    const found = measured(compiled);
    return found === undefined ? [] : [standingFindings(history, compiled, found.measure, found.stretches, context)];
  });
  const all = [
    ...exposureFindings(history, result, context),
    ...supportFindings(history, runs, context),
    ...buildSupportFindings(history, builds, context),
    ...buildGapFindings(history, builds, context),
    ...standing.flatMap((each) => each.findings),
    ...controlFindings(history, context),
    ...reviewFindings(history, events, context),
    ...trendFindings(history, detections, events, context),
    ...gapFindings(history, context),
    ...chainFindings(history, context),
    ...notificationFindings(history, context),
    ...claimFindings(history, exposures, events, context),
    ...listFindings(history, exposures, context),
    ...inventoryFindings(history, context),
  ];
  const cves = new Map(exposures.map(({ fixId, cves: own }) => [fixId, own]));
  const findings = suspend(all, history.host, context, cves).toSorted(worstFirst);
  const { entries, host, ...rest } = history;
  const mfa = mfaMatrix(history);
  return {
    host,
    inventory,
    at,
    ...(entries[0] !== undefined && { firstDay: entries[0].day }),
    ...(entries.at(-1) !== undefined && { lastDay: entries.at(-1)?.day ?? at }),
    bundles: entries.length,
    findings,
    withinTime: standing.flatMap(({ withinTime }) => withinTime),
    products: productLevels(runs),
    exposures,
    detections,
    detector: detectorStretches(history, at),
    reviews: reviewsOf(history, attestations, at),
    adminChanges: adminChanges(history),
    ...(mfa !== undefined && { mfa }),
    blindSpots: blindSpots(history, at),
    counters: countersOf(exposures, runs, findings, context),
    unjudged: unjudgedOf(history),
    history: { ...rest, replayed: isReplayed(history) },
  };
}

const states: Readonly<Record<Finding['state'], number>> = { open: 0, suspended: 1, ended: 2 };

function worstFirst(one: Finding, other: Finding): number {
  const by = (finding: Finding): string =>
    `${states[finding.state]}${finding.verdict === 'fail' ? 0 : 1}${finding.level === 'breach' ? 0 : 1}${finding.interval.from}${finding.rule}${finding.subject}`;
  return by(one) < by(other) ? -1 : 1;
}

export function auditFleet(
  all: readonly History[],
  refused: readonly RefusedPack[],
  options: AuditOptions,
): FleetAudit {
  const memory = options.memory ?? auditMemory();
  return { at: options.at, hosts: all.map((history) => auditHost(history, { ...options, memory })), refused };
}
