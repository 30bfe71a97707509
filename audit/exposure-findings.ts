/** Findings on missing fixes, on what is out of support, and on builds that no catalogue knows. */
import { type AuditContext, evidenceOf } from './context.ts';
import { type Day, dueOf } from './days.ts';
import type { ExchangeRun } from './exchange-levels.ts';
import { type ExposureResult, entryOn } from './exposures.ts';
import type { Finding } from './finding.ts';
import { isStale } from './history.ts';
import type { History } from './history-model.ts';
import { makeFinding } from './make-finding.ts';
import type { Exposure, ExposureClock } from './model.ts';

export function exposureFindings(
  history: History,
  { exposures, undetermined }: ExposureResult,
  context: AuditContext,
): Finding[] {
  const byId = new Map(context.policies.clocks.map((each) => [each.clock.id, each]));
  const findings = exposures.flatMap((exposure) =>
    exposure.clocks.flatMap((running) => {
      const compiled = byId.get(running.clock.id);
      if (running.state !== 'breached' || compiled === undefined) return [];
      return exposure.missing.flatMap(({ from, to }): Finding[] => {
        if ((to ?? context.at) < running.breachDay) return [];
        const began = running.breachDay > from ? running.breachDay : from;
        return [
          makeFinding(history.host, context, {
            rule: running.clock.id,
            clock: compiled,
            limit: running.clock.limit,
            subject: exposure.fixId,
            title: `${exposure.title} is missing longer than ${running.clock.limit}`,
            reason: reasonOf(exposure, running, context.at),
            start: running.start,
            dueDay: running.dueDay,
            breachDay: running.breachDay,
            from: began,
            ...(to !== undefined && { to, endedBy: { by: 'evidence', text: 'a later bundle shows it installed' } }),
            evidence: evidenceFor(history, exposure, began),
            stale: to === undefined && isStale(history, context.at),
          }),
        ];
      });
    }),
  );
  const open = undetermined.flatMap(({ fixId, clock, why }): Finding[] => {
    const exposure = exposures.find((each) => each.fixId === fixId);
    const from = exposure?.missing[0]?.from;
    if (exposure === undefined || from === undefined) return [];
    const { to } = exposure.missing.at(-1) ?? {};
    return [
      makeFinding(history.host, context, {
        rule: clock.clock.id,
        clock,
        subject: fixId,
        verdict: 'undetermined',
        title: `whether ${clock.clock.title} applies to ${exposure.title} is not known`,
        reason: why,
        start: { kind: 'first-seen', at: from, text: `the first bundle that shows ${fixId} missing` },
        from,
        ...(to !== undefined && { to }),
        evidence: exposure.evidence,
      }),
    ];
  });
  return [...findings, ...open];
}

function reasonOf(exposure: Exposure, { clock, start, dueDay, later, duty, assumed }: ExposureClock, at: Day): string {
  const upgrade = exposure.requiresUpgrade
    ? ' No build of the installed cumulative update carries it, so that Windows Update offers nothing: the cumulative update has to be raised first.'
    : '';
  const mitigation =
    exposure.mitigation === undefined
      ? ''
      : ` Seen as a mitigation: ${exposure.mitigation}; it stops no clock without a signed exception.`;
  const claimed =
    exposure.claimed === true ? ' A list on the server calls it installed; the program files say that it is not.' : '';
  const more = later.filter((event) => event.at <= at).map((event) => ` On ${event.at}, ${event.text}.`);
  const aside = `${duty === undefined ? '' : ` Beside the fix: ${duty}.`}${assumed.map((each) => ` ${each[0]?.toUpperCase() ?? ''}${each.slice(1)}.`).join('')}`;
  return `${start.text} on ${start.at}; ${clock.title.toLowerCase()}: it had to be installed by ${dueDay}, and is still missing the day after.${more.join('')}${upgrade}${claimed}${mitigation}${aside}`;
}

/** The bundle that shows it missing on the first day of it, and the one of the day on which the finding began. */
function evidenceFor(history: History, exposure: Exposure, day: Day): Finding['evidence'] {
  const from = exposure.missing.findLast((span) => span.from <= day)?.from ?? day;
  const found = [from, day].flatMap((each) => {
    const entry = entryOn(history.entries, each);
    const { exchange, fixes, windows } = entry?.seen ?? {};
    // What is judged by another build than these has its evidence from its run.
    if (exposure.product.startsWith('SQL Server')) return [];
    const isExchange = exchange?.status === 'observed' && exposure.product.startsWith('Exchange');
    const isWindows = windows?.status === 'observed';
    const place = isExchange ? exchange : isWindows ? windows : fixes?.status === 'observed' ? fixes : undefined;
    if (entry === undefined || place === undefined) return [];
    const says = isExchange
      ? `on ${entry.day}, ExSetup.exe is of ${exchange.value.build}; ${exposure.missing.at(-1)?.why ?? ''}`
      : isWindows
        ? `on ${entry.day}, Windows is of build ${windows.value.build}`
        : `on ${entry.day}, ${exposure.fixId} is not installed`;
    return [evidenceOf(entry, place, says)];
  });
  const bundles = new Set(found.map(({ bundle }) => bundle));
  return found.length === 0 ? exposure.evidence : found.slice(0, bundles.size);
}

/** What runs after its support ended, and builds that the catalogue cannot speak of. */
export function supportFindings(history: History, runs: readonly ExchangeRun[], context: AuditContext): Finding[] {
  const findings: Finding[] = [];
  const clocks = context.policies.clocks.filter(({ clock }) => clock.measures === 'unsupported');
  for (const { entry, place, from, end, installed, verdict } of runs) {
    const { level, catalogueGap } = verdict;
    const last = end ?? undefined;
    const to = last === undefined ? {} : { to: previous(last) };
    if (catalogueGap !== undefined && (level === undefined || end === undefined))
      findings.push(
        makeFinding(history.host, context, {
          rule: 'catalogue-gap',
          subject: installed.build,
          verdict: 'undetermined',
          title: `what the build ${installed.build} lacks is not known`,
          reason: `${catalogueGap}. Nothing that is not known counts as installed.`,
          start: { kind: 'first-seen', at: from, text: 'the first bundle that shows the build' },
          from,
          ...to,
          evidence: [evidenceOf(entry, place, `the version of ExSetup.exe is ${installed.build}`)],
        }),
      );
    if (level === undefined) continue;
    // The last day of support is the day before the first without fixes.
    const ends = [
      ...(level.branchEndedOn === undefined
        ? []
        : [{ day: previous(level.branchEndedOn), what: `${level.branch.id} of ${level.product.name}` }]),
      ...(level.product.supportEndsOn === undefined
        ? []
        : [{ day: level.product.supportEndsOn, what: level.product.name }]),
    ].toSorted((one, other) => (one.day < other.day ? -1 : 1));
    const [first] = ends;
    if (first === undefined) continue;
    for (const compiled of clocks) {
      const { dueDay, breachDay } = dueOf(first.day, compiled.clock.limit ?? { days: 0 });
      const began = breachDay > from ? breachDay : from;
      if (began > context.at || (end !== undefined && began >= end)) continue;
      findings.push(
        makeFinding(history.host, context, {
          rule: compiled.clock.id,
          clock: compiled,
          subject: `${level.product.id} ${level.branch.id}`,
          title: `${first.what} is out of support`,
          reason: `${first.what} got fixes until ${first.day}; build ${installed.build} still runs. What is found in it since is not mended.`,
          start: { kind: 'support-ended', at: first.day, text: `${first.what} got fixes for the last time` },
          dueDay,
          breachDay,
          from: began,
          ...to,
          evidence: [evidenceOf(entry, place, `the version of ExSetup.exe is ${installed.build}`)],
        }),
      );
    }
  }
  return merged(findings);
}

function previous(day: Day): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

/** One finding over builds of the same branch. */
function merged(findings: readonly Finding[]): Finding[] {
  const kept: Finding[] = [];
  for (const finding of findings) {
    const at = kept.findIndex(
      (each) =>
        each.rule === finding.rule &&
        each.subject === finding.subject &&
        each.interval.to !== undefined &&
        each.interval.to >= previous(finding.interval.from),
    );
    const before = kept[at];
    if (before === undefined) {
      kept.push(finding);
      continue;
    }
    const { ended: _ended, ...rest } = before;
    const { to } = finding.interval;
    kept[at] = {
      ...rest,
      interval: { from: before.interval.from, ...(to !== undefined && { to }) },
      state: finding.state,
      ...(finding.ended !== undefined && { ended: finding.ended }),
      evidence: [...before.evidence, ...finding.evidence],
    };
  }
  return kept;
}
