import { compareDays } from '../../../audit/compare-days.ts';
import { readArguments, readFormat } from '../arguments.ts';
import {
  answersOf,
  auditExit,
  auditOptions,
  auditUsage,
  readAuditSource,
  readDay,
  tellFuture,
} from '../audit-source.ts';
import type { Io } from '../io.ts';
import { comparisonLines } from '../render/as-of.ts';
import { forJson } from '../render/escape.ts';
import { styleFor, widthOf } from '../render/table.ts';
import { stop } from '../session.ts';

/** What changed on a server between two days. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, auditOptions, { min: 2, max: 2 }, `diff DAY DAY ${auditUsage}`);
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const from = readDay(positionals[0] ?? '', 'the first day');
  if (!from.ok) return stop(io, from.refusal);
  const to = readDay(positionals[1] ?? '', 'the second day');
  if (!to.ok) return stop(io, to.refusal);
  tellFuture(from.value > to.value ? from.value : to.value, io);
  const source = readAuditSource(options, io);
  if (!source.ok) return stop(io, source.refusal);
  const { refused, options: known } = source.value;
  const days = [from.value, to.value] as const;
  const found = answersOf(source.value, options.host, (entries) => compareDays(entries, days, known));
  if (!found.ok) return stop(io, found.refusal);
  if (format.value === 'json') io.out(`${forJson({ comparisons: found.value, refused })}\n`);
  else
    io.out(
      comparisonLines(found.value, { width: widthOf(io.stdout), style: styleFor(io.stdout, io.environment) }).join(
        '\n',
      ),
    );
  return await Promise.resolve(auditExit(source.value, false));
}
