import { randomBytes } from 'node:crypto';
import { collectors } from '../../../collectors/list.ts';
import { recordMachine } from '../../host/record.ts';
import { runCollectors } from '../../run/run-collectors.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { progressOn } from '../progress.ts';
import { forJson, forTerminal } from '../render/escape.ts';
import { outcomeWords } from '../render/presentation.ts';
import { localMachine, stop } from '../session.ts';
import { readOnly } from './collect.ts';

/** Records what the collectors ask, so that a replay of the folder gives the same documents. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { only: 'text', format: 'text' },
    { min: 1, max: 1 },
    'record DIR [--only NAME,…] [--format table|json]',
  );
  if (!read.ok) return stop(io, read.refusal);
  const format = readFormat(read.value.options.format);
  if (!format.ok) return stop(io, format.refusal);
  const only = readOnly(read.value.options.only);
  if (!only.ok) return stop(io, only.refusal);
  const machine = await localMachine();
  if (!machine.ok) return stop(io, machine.refusal);
  const [given = ''] = read.value.positionals;
  const recorder = recordMachine(machine.value, io.path(given));
  if (!recorder.ok) return stop(io, recorder.refusal);
  const progress = progressOn(io);
  const { outcomes } = await runCollectors(recorder.value.machine, {
    collectors,
    only: only.value,
    disabled: [],
    budgetSeconds: {},
    blindKey: randomBytes(32),
    watch: { began: progress.began, ended: ({ name }) => progress.ended(name) },
  });
  const written = recorder.value.finish();
  progress.clear();
  if (!written.ok) return stop(io, written.refusal);
  for (const { name, outcome } of outcomes)
    if (outcome === 'failed' || outcome === 'timed-out')
      io.err(`affiant: ${name}: ${outcomeWords[outcome]}; what it had not asked for yet is not in the recording\n`);
  const folder = io.path(given);
  io.out(format.value === 'json' ? `${forJson({ folder, collectors: outcomes })}\n` : `${forTerminal(folder)}\n`);
  io.err('affiant: secrets were redacted by known patterns; read the recording before you hand it on\n');
  return exitCodes.done;
}
