import { auditHost } from '../../../audit/audit-host.ts';
import { explainFinding } from '../../../audit/explain-finding.ts';
import type { Finding } from '../../../audit/finding.ts';
import { histories } from '../../../audit/history.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { type AuditSource, auditExit, auditOptions, auditUsage, readAuditSource } from '../audit-source.ts';
import type { Io } from '../io.ts';
import { explanationPartLines } from '../render/audit.ts';
import { forJson } from '../render/escape.ts';
import { styleFor, widthOf } from '../render/table.ts';
import { stop } from '../session.ts';

function findingOf({ store, options, at }: AuditSource, wanted: string): Finding | undefined {
  for (const entries of store.servers())
    for (const history of histories(entries, at)) {
      const found = auditHost(history, { ...options, at }).findings.find(({ id }) => id === wanted);
      if (found !== undefined) return found;
    }
  return undefined;
}

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
  const { at } = source.value;
  const wanted = positionals[0] ?? '';
  const found = findingOf(source.value, wanted);
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
