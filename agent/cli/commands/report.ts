import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { HostAudit } from '../../../audit/model.ts';
import type { PlanServer } from '../../../audit/plan/outcomes.ts';
import { readPlan } from '../../../audit/plan/plan-file.ts';
import { type PlanProgress, planProgress } from '../../../audit/plan/progress.ts';
import { ok, type Result } from '../../../evidence/result.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { sourceOptions } from '../audit-source.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { readInput } from '../packs.ts';
import { fleetLines, hostLines } from '../render/audit-report.ts';
import { forJson } from '../render/escape.ts';
import { styleFor, widthOf } from '../render/table.ts';
import { hostOf, openAudit, type ReportSource, reportContext, tellRefused } from '../report-source.ts';
import { writeWhole } from '../write-file.ts';

/** One server's report, or the fleet's; in the terminal, or as HTML files. Ends with 1 where a pack was refused. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { ...sourceOptions, plan: 'text', out: 'text', format: 'text' },
    { min: 0, max: 0 },
    'report --packs DIR --key FILE',
  );
  const format = read.ok ? readFormat(read.value.options.format) : read;
  if (!read.ok || !format.ok) {
    if (!format.ok) io.refused(format.refusal);
    return exitCodes.usage;
  }
  const { options } = read.value;
  const source = openAudit(options, io);
  if (source.ok) tellRefused(source.value, io);
  const only = source.ok ? hostOf(source.value.fleet, options.host) : source;
  const plan = source.ok ? planOf(options.plan, source.value, io) : source;
  if (!source.ok || !only.ok || !plan.ok) {
    const failed = [only, plan].find((each) => !each.ok);
    if (failed?.ok === false) io.refused(failed.refusal);
    return exitCodes.usage;
  }
  const { fleet } = source.value;
  const written =
    options.out === undefined
      ? print(source.value, only.value, plan.value, format.value, io)
      : await write(source.value, only.value, plan.value, options.out, io);
  if (!written.ok) {
    io.refused(written.refusal);
    return exitCodes.usage;
  }
  return fleet.refused.length > 0 ? exitCodes.failed : exitCodes.done;
}

/** The plan over all servers that were read, where one was given. */
export function planOf(given: string | undefined, source: ReportSource, io: Io): Result<PlanProgress | undefined> {
  if (given === undefined) return ok(undefined);
  const bytes = readInput(io.path(given), 16 * 1024 * 1024);
  const plan = bytes.ok ? readPlan(Buffer.from(bytes.value).toString('utf8'), given, source.policies) : bytes;
  if (!plan.ok) return plan;
  const servers = source.fleet.hosts.flatMap((audit): PlanServer[] => {
    const history = source.history(audit);
    if (history === undefined) return [];
    // A plan looks at the newest bundle of each of its own days: only those stay.
    const newest = new Map(history.entries.map((entry) => [entry.day, entry]));
    const entries = [...newest.values()].filter(({ day }) => day >= plan.value.begins);
    return [{ audit, history: { ...history, entries }, documents: (entry) => source.documents(entry) }];
  });
  return ok(planProgress(plan.value, servers, source.attestations, source.fleet.at, source.unseen));
}

function print(
  source: ReportSource,
  only: HostAudit | undefined,
  plan: PlanProgress | undefined,
  format: 'table' | 'json',
  io: Io,
): Result<undefined> {
  if (format === 'json') {
    io.out(`${forJson({ ...(only ?? source.fleet), ...(plan !== undefined && { plan }) })}\n`);
    return ok(undefined);
  }
  const style = styleFor(io.stdout, io.environment);
  const width = widthOf(io.stdout);
  const lines =
    only === undefined
      ? fleetLines(source.fleet, plan, width, style)
      : hostLines(only, reportContext(source, source.history(only)), plan, width, style);
  io.out(`${lines.join('\n')}\n`);
  return ok(undefined);
}

async function write(
  source: ReportSource,
  only: HostAudit | undefined,
  plan: PlanProgress | undefined,
  out: string,
  io: Io,
): Promise<Result<undefined>> {
  const [{ hostPage }, { fleetPage }] = await Promise.all([
    import('../../../audit/report/host-page.ts'),
    import('../../../audit/report/fleet-page.ts'),
  ]);
  const page = (audit: HostAudit): string => hostPage(audit, reportContext(source, source.history(audit)), plan);
  const place = io.path(out);
  const files: [string, () => string][] = [];
  if (out.endsWith('/') || (existsSync(place) && statSync(place).isDirectory())) {
    if (only === undefined)
      files.push([
        join(place, 'fleet.html'),
        () => fleetPage(source.fleet, reportContext(source, undefined), plan, pageFile),
      ]);
    for (const audit of only === undefined ? source.fleet.hosts : [only])
      files.push([join(place, pageFile(audit)), () => page(audit)]);
  } else
    files.push([
      place,
      () => (only === undefined ? fleetPage(source.fleet, reportContext(source, undefined), plan) : page(only)),
    ]);
  for (const [file, make] of files) {
    const written = writeWhole(file, make());
    if (!written.ok) return written;
    io.err(`affiant: wrote ${file}\n`);
  }
  return ok(undefined);
}

function pageFile(audit: HostAudit): string {
  return `${fileName(audit)}.html`;
}

/** A host name is what a server says of itself: only letters, digits, dots and dashes of it reach a file name. */
export function fileName({ host }: HostAudit): string {
  const name = (host.names[0] ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, '_')
    .replace(/^[.-]+/, '')
    .slice(0, 80);
  return `${name === '' ? 'server' : name}-${host.id.slice(0, 8).replace(/[^a-z0-9]/gi, '_')}`;
}
