import { histories } from '../../../audit/history.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { answersOf, auditExit, auditOptions, auditUsage, readAuditSource } from '../audit-source.ts';
import type { Io } from '../io.ts';
import { historyLines } from '../render/audit.ts';
import { forJson } from '../render/escape.ts';
import { styleFor, widthOf } from '../render/table.ts';
import { stop } from '../session.ts';

/** The verified bundles of each server: which days, which changes, what is missing or contradicts. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, auditOptions, { min: 0, max: 0 }, `history ${auditUsage} [--at DAY]`);
  if (!read.ok) return stop(io, read.refusal);
  const { options } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const source = readAuditSource(options, io);
  if (!source.ok) return stop(io, source.refusal);
  const { refused, at } = source.value;
  const found = answersOf(source.value, options.host, (entries) => histories(entries, at));
  if (!found.ok) return stop(io, found.refusal);
  if (format.value === 'json') io.out(`${forJson({ at, histories: found.value, refused })}\n`);
  else
    io.out(
      historyLines(found.value, { width: widthOf(io.stdout), style: styleFor(io.stdout, io.environment) }).join('\n'),
    );
  return await Promise.resolve(auditExit(source.value, false));
}
