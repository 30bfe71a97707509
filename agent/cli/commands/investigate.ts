import { investigate } from '../../../audit/investigate.ts';
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
import { forJson } from '../render/escape.ts';
import { investigationLines } from '../render/investigation.ts';
import { styleFor, widthOf } from '../render/table.ts';
import { stop } from '../session.ts';

const usage = `investigate --host HOST --from DAY --to DAY ${auditUsage}`;

/** After a compromise: which doors were open, what was seen, who could have known, and from when. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, { ...auditOptions, from: 'text', to: 'text' }, { min: 0, max: 0 }, usage);
  if (!read.ok) return stop(io, read.refusal);
  const { options } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const from = readDay(options.from ?? '', '--from');
  if (!from.ok) return stop(io, from.refusal);
  const to = readDay(options.to ?? '', '--to');
  if (!to.ok) return stop(io, to.refusal);
  if (to.value < from.value)
    return stop(io, { code: 'usage', message: '--to lies before --from', remedy: `affiant ${usage}` });
  tellFuture(to.value, io);
  const source = readAuditSource(options, io);
  if (!source.ok) return stop(io, source.refusal);
  const { refused, options: known } = source.value;
  const days = [from.value, to.value] as const;
  const found = answersOf(source.value, options.host, (entries) => investigate(entries, days, known));
  if (!found.ok) return stop(io, found.refusal);
  if (format.value === 'json') io.out(`${forJson({ investigations: found.value, refused })}\n`);
  else
    io.out(
      investigationLines(found.value, { width: widthOf(io.stdout), style: styleFor(io.stdout, io.environment) }).join(
        '\n',
      ),
    );
  return await Promise.resolve(auditExit(source.value, false));
}
