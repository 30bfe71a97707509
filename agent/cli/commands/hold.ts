import { userInfo } from 'node:os';
import { join } from 'node:path';
import { holdsOf, placeHold, releaseHold } from '../../../endpoint/retention/holds.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { checkWords } from '../record-words.ts';
import { forJson, forTerminal } from '../render/escape.ts';
import { openSession, stateOptions, stop } from '../session.ts';
import { type Operated, openOperated } from '../wire-registrar.ts';

/** Without a name: the holds in force. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const usage = 'hold [NAME --reason TEXT [--target ID…] [--release] [--operator NAME]] [--format table|json]';
  const read = readArguments(
    args,
    { target: 'texts', reason: 'text', operator: 'text', release: 'flag', format: 'text', ...stateOptions },
    { min: 0, max: 1 },
    usage,
  );
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const [name] = positionals;
  if (name !== undefined && (options.reason === undefined || options.reason === ''))
    return stop(io, { code: 'usage', message: 'a hold, and its end, has a reason', remedy: usage });
  const words = checkWords({ ...options, name });
  if (!words.ok) return stop(io, words.refusal);
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const folder = join(session.value.stateFolder, 'endpoint');
  const operated = await openOperated(folder, session.value.loaded.settings.serve);
  if (!operated.ok) return stop(io, operated.refusal);
  try {
    if (name === undefined) return await list(operated.value, format.value, io);
    const order = { name, reason: options.reason ?? '', operator: options.operator ?? userInfo().username };
    const { registrar } = operated.value;
    const done =
      options.release === true
        ? await releaseHold(registrar, order)
        : await placeHold(registrar, { ...order, targets: options.target ?? [], at: new Date().toISOString() });
    if (!done.ok) return stop(io, done.refusal);
    io.out(format.value === 'json' ? `${forJson({ index: done.value })}\n` : `recorded at ${done.value} in the log\n`);
    return exitCodes.done;
  } finally {
    await operated.value.close();
  }
}

async function list({ store }: Operated, format: 'table' | 'json', io: Io): Promise<number> {
  const holds = await store.read(holdsOf);
  if (!holds.ok) return stop(io, holds.refusal);
  if (format === 'json') {
    io.out(`${forJson(holds.value)}\n`);
    return exitCodes.done;
  }
  for (const { name, targets, reason, operator, at } of holds.value)
    io.out(
      forTerminal(
        `${name}: ${targets.length === 0 ? 'everything' : targets.join(', ')}; since ${at} by ${operator}: ${reason}`,
      ) + '\n',
    );
  if (holds.value.length === 0) io.out('no legal hold\n');
  return exitCodes.done;
}
