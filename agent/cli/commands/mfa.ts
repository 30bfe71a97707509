import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { readMfaSource, sourceOptions, sourceUsage } from '../mfa-source.ts';
import { forJson } from '../render/escape.ts';
import { matrixLines } from '../render/mfa.ts';
import { styleFor, widthOf } from '../render/table.ts';
import { stop } from '../session.ts';

/** Prints the matrix of administrators and ways in. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { format: 'text', ...sourceOptions },
    { min: 0, max: 0 },
    `mfa ${sourceUsage} [--format table|json]`,
  );
  if (!read.ok) return stop(io, read.refusal);
  const format = readFormat(read.value.options.format);
  if (!format.ok) return stop(io, format.refusal);
  const source = await readMfaSource(read.value.options, io);
  if (!source.ok) return stop(io, source.refusal);
  const { verdict, note } = source.value;
  io.err(`affiant: ${note}\n`);
  if (format.value === 'json') io.out(`${forJson(verdict)}\n`);
  else io.out(`${matrixLines(verdict, widthOf(io.stdout), styleFor(io.stdout, io.environment)).join('\n')}\n`);
  return exitCodes.done;
}
