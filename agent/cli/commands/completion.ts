import { readArguments } from '../arguments.ts';
import { completionScript } from '../completion-script.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { stop } from '../stop.ts';

/** Prints what bash or zsh needs to complete our commands. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, {}, { min: 1, max: 1 }, 'completion bash|zsh');
  if (!read.ok) return stop(io, read.refusal);
  const [shell = ''] = read.value.positionals;
  if (shell !== 'bash' && shell !== 'zsh')
    return stop(io, { code: 'usage', message: `completion for ${shell} is not known`, remedy: 'use bash or zsh' });
  const { commandTable } = await import('../command-table.ts');
  io.out(completionScript(commandTable, shell));
  return exitCodes.done;
}
