import { asOf } from '../../../audit/as-of.ts';
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
import { asOfLines } from '../render/as-of.ts';
import { forJson } from '../render/escape.ts';
import { styleFor, widthOf } from '../render/table.ts';
import { stop } from '../session.ts';

/** What was true of a server on a day, with both bounds of the time of the evidence. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, auditOptions, { min: 1, max: 1 }, `as-of DAY ${auditUsage}`);
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const day = readDay(positionals[0] ?? '', 'the day');
  if (!day.ok) return stop(io, day.refusal);
  tellFuture(day.value, io);
  const source = readAuditSource(options, io);
  if (!source.ok) return stop(io, source.refusal);
  const { refused, options: known } = source.value;
  const answers = answersOf(source.value, options.host, (entries) => asOf(entries, day.value, known));
  if (!answers.ok) return stop(io, answers.refusal);
  if (format.value === 'json') io.out(`${forJson({ answers: answers.value, refused })}\n`);
  else
    io.out(
      asOfLines(answers.value, { width: widthOf(io.stdout), style: styleFor(io.stdout, io.environment) }).join('\n'),
    );
  return await Promise.resolve(auditExit(source.value, false));
}
