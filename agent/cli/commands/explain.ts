import { ok, type Result, refuse } from '../../../evidence/result.ts';
import { type JudgedWay, type MfaVerdict, wayOf } from '../../../judge/mfa/matrix.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { readMfaSource, sourceOptions, sourceUsage } from '../mfa-source.ts';
import { forJson } from '../render/escape.ts';
import { explanationLines } from '../render/mfa.ts';
import { styleFor, widthOf } from '../render/table.ts';
import { stop } from '../session.ts';

const usage = `explain mfa --account A --way WAY ${sourceUsage} [--format table|json]`;

/** `explain finding ID` has its own arguments; the rest speaks of second factors. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  return args[0] === 'finding'
    ? (await import('./explain-finding.ts')).run(args.slice(1), io)
    : await explainMfa(args, io);
}

/** Shows the witness of one cell: how somebody gets in with the least, or why two are always needed. */
async function explainMfa(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { account: 'text', way: 'text', format: 'text', ...sourceOptions },
    { min: 1, max: 1 },
    usage,
  );
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const { account, way } = options;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  if (positionals[0] !== 'mfa')
    return stop(io, { code: 'usage', message: `${positionals[0]} cannot be explained`, remedy: `affiant ${usage}` });
  if (account === undefined || way === undefined)
    return stop(io, { code: 'usage', message: '--account and --way are needed', remedy: `affiant ${usage}` });
  const source = await readMfaSource(options, io);
  if (!source.ok) return stop(io, source.refusal);
  const { verdict, note } = source.value;
  const found = find(verdict, account, way);
  if (!found.ok) return stop(io, found.refusal);
  io.err(`affiant: ${note}\n`);
  if (format.value === 'json') io.out(`${forJson({ account, ...found.value })}\n`);
  else
    io.out(
      `${explanationLines(account, found.value, widthOf(io.stdout), styleFor(io.stdout, io.environment)).join('\n')}\n`,
    );
  return exitCodes.done;
}

function find(verdict: MfaVerdict, account: string, way: string): Result<JudgedWay> {
  const found = wayOf(verdict, account, way);
  if (found !== undefined) return ok(found);
  const names = verdict.administrators.map(({ name }) => (typeof name === 'string' ? name : name.bytes));
  const person = verdict.administrators.find(({ name }) => name === account);
  if (person === undefined)
    return refuse('usage', `no administrator ${account} is known`, {
      remedy: `name one of these: ${names.join(', ') || 'none is known'}`,
    });
  return refuse('usage', `${account} has no way ${way}`, {
    remedy: `name one of these: ${person.ways.map((each) => each.way).join(', ')}`,
  });
}
