import { auditFleet } from '../../../audit/audit-host.ts';
import { explainFinding } from '../../../audit/explain-finding.ts';
import { histories } from '../../../audit/history.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { auditExit, auditOptions, auditUsage, readAuditSource } from '../audit-source.ts';
import type { Io } from '../io.ts';
import { explanationPartLines } from '../render/audit.ts';
import { forJson } from '../render/escape.ts';
import { styleFor, widthOf } from '../render/table.ts';
import { stop } from '../session.ts';

/** One finding: rule, clock, start event, and each piece of evidence with its place. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const usage = `explain finding ID ${auditUsage} [--at DAY]`;
  const read = readArguments(args, auditOptions, { min: 1, max: 1 }, usage);
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const source = readAuditSource(options, io);
  if (!source.ok) return stop(io, source.refusal);
  const { entries, refused, at } = source.value;
  const fleet = auditFleet(histories(entries, at), refused, { ...source.value.options, at });
  const wanted = positionals[0] ?? '';
  const found = fleet.hosts.flatMap(({ findings }) => findings).find(({ id }) => id === wanted);
  if (found === undefined)
    return stop(io, {
      code: 'usage',
      message: `there is no finding ${wanted} as of ${at}`,
      remedy: 'affiant findings lists them; the same options and the same --at are needed',
    });
  const parts = explainFinding(found);
  if (format.value === 'json') io.out(`${forJson({ finding: found, explanation: parts })}\n`);
  else
    io.out(
      explanationPartLines(parts, { width: widthOf(io.stdout), style: styleFor(io.stdout, io.environment) }).join('\n'),
    );
  return await Promise.resolve(auditExit(source.value, false));
}
