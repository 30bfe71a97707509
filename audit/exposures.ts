/** Which fixes a server lacked, from when to when, and how each stood against its clocks. */
import type { BuildRun } from './build-runs.ts';
import { type AuditContext, evidenceOf } from './context.ts';
import { addDays, type Day, daysBetween } from './days.ts';
import type { ExchangeRun } from './exchange-levels.ts';
import type { EvidenceRef } from './finding.ts';
import type { History, HistoryEntry } from './history-model.ts';
import type { Exposure, ExposureClock } from './model.ts';
import { type ClockResult, type CompiledClock, type StartedClock, startClock } from './policy/fix-clock.ts';
import { type FixFacts, fixFacts } from './policy/knowledge.ts';
import { clockRef } from './policy/policy-set.ts';

type Span = { from: Day; end?: Day; why: string };
type Draft = {
  readonly facts: FixFacts;
  readonly spans: Span[];
  readonly evidence: EvidenceRef[];
  requiresUpgrade: boolean;
  claimed: boolean;
  availableForBranchAt?: Day;
  mitigation?: string;
};

export type ExposureResult = {
  readonly exposures: readonly Exposure[];
  /** Clocks of which it could not be told whether they apply, by fix. */
  readonly undetermined: readonly { readonly fixId: string; readonly clock: CompiledClock; readonly why: string }[];
};

export function exposuresOf(
  history: History,
  runs: readonly ExchangeRun[],
  builds: readonly BuildRun[],
  context: AuditContext,
): ExposureResult {
  const drafts = new Map<string, Draft>();
  exchangeDrafts(drafts, runs, context);
  buildDrafts(drafts, builds, context);
  serverDrafts(drafts, history);
  const undetermined: ExposureResult['undetermined'][number][] = [];
  const exposures = [...drafts.values()]
    .map((draft) => toExposure({ ...draft, spans: joined(draft.spans) }, context, undetermined))
    .toSorted(
      (one, other) =>
        compare(one.releasedAt ?? one.missing[0]?.from ?? '', other.releasedAt ?? other.missing[0]?.from ?? '') ||
        compare(one.fixId, other.fixId),
    );
  return { exposures, undetermined };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function exchangeDrafts(drafts: Map<string, Draft>, runs: readonly ExchangeRun[], { catalogues }: AuditContext): void {
  const catalogue = catalogues.find(({ products }) => products.some(({ family }) => family === 'exchange'));
  if (catalogue === undefined) return;
  for (const { entry, place, from, end, installed, mitigations, verdict } of runs) {
    const { level } = verdict;
    if (level === undefined) continue;
    for (const { update, requiresUpgrade, claimed, availableOn, why } of level.missing) {
      const start = update.releasedOn > from ? update.releasedOn : from;
      if (end !== undefined && start >= end) continue;
      const draft: Draft = drafts.get(update.id) ?? {
        facts: fixFacts(update, level.product.id, catalogue),
        spans: [],
        evidence: [],
        requiresUpgrade,
        claimed: false,
      };
      drafts.set(update.id, draft);
      const says = `ExSetup.exe is ${installed.build}: ${why}`;
      extend(draft, { from: start, ...(end !== undefined && { end }), why }, evidenceOf(entry, place, says));
      draft.requiresUpgrade = requiresUpgrade;
      draft.claimed ||= claimed;
      if (availableOn !== undefined) draft.availableForBranchAt = availableOn;
      if (mitigations.length > 0) draft.mitigation = mitigations.join(', ');
    }
  }
}

/** Updates of Windows and of SQL Server: each is a fix of its own, and a later one brings those before it. */
function buildDrafts(drafts: Map<string, Draft>, runs: readonly BuildRun[], { catalogues }: AuditContext): void {
  for (const { entry, place, from, end, what, family, build, product, missing } of runs) {
    const catalogue = catalogues.find(({ products }) => products.some((each) => each.family === family));
    if (catalogue === undefined || product === undefined) continue;
    for (const { update, why } of missing) {
      const start = update.releasedOn > from ? update.releasedOn : from;
      if (end !== undefined && start >= end) continue;
      const draft: Draft = drafts.get(update.id) ?? {
        facts: fixFacts(update, product.id, catalogue),
        spans: [],
        evidence: [],
        requiresUpgrade: false,
        claimed: false,
      };
      drafts.set(update.id, draft);
      extend(
        draft,
        { from: start, ...(end !== undefined && { end }), why },
        evidenceOf(entry, place, `${what} is of build ${build}: ${update.id} is not in it`),
      );
    }
  }
}

/** Fixes that the server's own package system names. */
function serverDrafts(drafts: Map<string, Draft>, { entries }: History): void {
  let before: ReadonlySet<string> = new Set();
  for (const entry of entries) {
    const { fixes } = entry.seen;
    if (fixes?.status !== 'observed') continue;
    const now = new Set(fixes.value.map(({ id }) => id));
    for (const id of before) {
      const span = drafts.get(id)?.spans.at(-1);
      if (!now.has(id) && span !== undefined && span.end === undefined) span.end = entry.day;
    }
    for (const fix of fixes.value) {
      const known = drafts.get(fix.id);
      if (known !== undefined && known.spans.at(-1)?.end === undefined) continue;
      const { id, product, title, cves, severity, cvss, releasedAt } = fix;
      const productKind = 'operating-system';
      const facts: FixFacts = {
        id,
        product,
        productKind,
        title,
        cves,
        severity,
        vendorSeverity: severity === 'unknown' ? 'none' : severity,
        ...(cvss !== undefined && { cvss }),
        ...(releasedAt !== undefined && { releasedAt }),
      };
      const draft = known ?? { facts, spans: [], evidence: [], requiresUpgrade: false, claimed: false };
      drafts.set(id, draft);
      extend(
        draft,
        { from: entry.day, why: `${title} is offered and not installed` },
        evidenceOf(entry, fixes, `${title} is not installed`),
      );
    }
    before = now;
  }
}

function extend(draft: Draft, span: Span, evidence: EvidenceRef): void {
  const last = draft.spans.at(-1);
  if (last !== undefined && last.end !== undefined && last.end >= span.from) {
    if (span.end === undefined) delete last.end;
    else if (span.end > last.end) last.end = span.end;
  } else draft.spans.push(span);
  draft.evidence.push(evidence);
}

/** Of several instances of one product: missing as long as any of them lacks it. */
function joined(spans: readonly Span[]): Span[] {
  const all: Span[] = [];
  for (const span of spans.toSorted((one, other) => compare(one.from, other.from))) {
    const last = all.at(-1);
    if (last === undefined || (last.end !== undefined && last.end < span.from)) all.push({ ...span });
    else if (span.end === undefined) delete last.end;
    else if (last.end !== undefined && span.end > last.end) last.end = span.end;
  }
  return all;
}

function toExposure(
  draft: Draft,
  context: AuditContext,
  undetermined: ExposureResult['undetermined'][number][],
): Exposure {
  const { facts, spans, evidence } = draft;
  const { at } = context;
  const last = spans.at(-1);
  const missing = spans.map(({ from, end, why }) => ({
    from,
    ...(end !== undefined && { to: addDays(end, -1) }),
    why,
  }));
  const since = facts.releasedAt ?? missing[0]?.from ?? at;
  const until = last?.end === undefined ? at : addDays(last.end, -1);
  const clocks = context.policies.clocks.flatMap((compiled): ExposureClock[] => {
    if (compiled.clock.measures !== 'fix') return [];
    const { result, assumed } = clockResult(compiled, draft, context);
    if (result.kind === 'undetermined') undetermined.push({ fixId: facts.id, clock: compiled, why: result.why });
    return result.kind === 'started' ? [toClock(compiled, result.started, assumed, missing, at)] : [];
  });
  return {
    fixId: facts.id,
    product: facts.product,
    title: facts.title,
    cves: facts.cves,
    severity: facts.severity,
    ...(facts.cvss !== undefined && { cvss: facts.cvss }),
    ...(facts.releasedAt !== undefined && { releasedAt: facts.releasedAt }),
    ...(draft.availableForBranchAt !== undefined && { availableForBranchAt: draft.availableForBranchAt }),
    requiresUpgrade: draft.requiresUpgrade,
    ...(known(facts.exploitKnownAt, at) && { exploitKnownAt: facts.exploitKnownAt }),
    ...(known(facts.kevAddedAt, at) && { kevAddedAt: facts.kevAddedAt }),
    missing,
    ageDays: Math.max(0, daysBetween(since, until)),
    clocks,
    claimed: draft.claimed,
    evidence,
    ...(draft.mitigation !== undefined && { mitigation: draft.mitigation }),
  };
}

function known(day: Day | undefined, at: Day): day is Day {
  return day !== undefined && day <= at;
}

/** Nothing that became known after the day of the audit counts. */
function clockResult(
  compiled: CompiledClock,
  draft: Draft,
  context: AuditContext,
): { result: ClockResult; assumed: string[] } {
  const { inventory, at, memory } = context;
  const facts = asKnown(draft.facts, at);
  const seenOn = draft.spans[0]?.from ?? at;
  const under = (exposure: string): ClockResult => {
    const host = {
      exposure,
      ...(inventory.role !== undefined && { role: inventory.role }),
      ...(inventory.criticality !== undefined && { criticality: inventory.criticality }),
      ...(inventory.owner !== undefined && { owner: inventory.owner }),
    };
    const key = `${compiled.policy} ${compiled.clock.id}\n${facts.id} ${facts.severity}\n${at} ${seenOn} ${draft.requiresUpgrade}\n${JSON.stringify(host)}`;
    const result =
      memory.clocks.get(key) ?? startClock(compiled, facts, { seenOn, requiresUpgrade: draft.requiresUpgrade, host });
    memory.clocks.set(key, result);
    return result;
  };
  if (inventory.exposure !== 'unknown') return { result: under(inventory.exposure), assumed: [] };
  // Nobody said whether it is reached from the internet: whichever answer ends first counts.
  const [net, inner] = [under('internet'), under('internal')];
  const stricter =
    net.kind === 'started' && (inner.kind !== 'started' || net.started.breachDay <= inner.started.breachDay)
      ? net
      : inner;
  const same = JSON.stringify(net) === JSON.stringify(inner);
  return {
    result: same ? net : stricter,
    assumed: same
      ? []
      : ['its exposure is not known: the stricter clock is taken, as if it were reached from the internet'],
  };
}

function asKnown(facts: FixFacts, at: Day): FixFacts {
  const { exploitKnownAt, kevAddedAt, kevDueAt, ...rest } = facts;
  return {
    ...rest,
    ...(known(exploitKnownAt, at) && { exploitKnownAt }),
    ...(known(kevAddedAt, at) && { kevAddedAt, ...(kevDueAt !== undefined && { kevDueAt }) }),
  };
}

function toClock(
  compiled: CompiledClock,
  started: StartedClock,
  assumed: string[],
  missing: Exposure['missing'],
  at: Day,
): ExposureClock {
  const { start, limit, dueDay, breachDay, later, duty } = started;
  const breached = missing.some(({ to }) => (to ?? at) >= breachDay);
  const open = missing.at(-1)?.to === undefined;
  return {
    clock: clockRef(compiled, limit),
    start,
    dueDay,
    breachDay,
    state: breached ? 'breached' : open ? 'running' : 'met',
    later,
    ...(duty !== undefined && { duty }),
    assumed,
  };
}

/** The bundle that shows a day of a span: the newest of or before it. */
export function entryOn(entries: readonly HistoryEntry[], day: Day): HistoryEntry | undefined {
  return entries.findLast((entry) => entry.day <= day);
}
