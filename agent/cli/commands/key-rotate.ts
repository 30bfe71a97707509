import { rotateKey } from '../../enrol/rotate.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson } from '../render/escape.ts';
import { openSession, openSessionState, stateOptions, stop } from '../session.ts';

/** Hands over to a new key at the endpoint where this server is enrolled, then uses it. Called again after a crash, it goes on. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { format: 'text', ...stateOptions },
    { min: 1, max: 1 },
    'key rotate [--format table|json]',
  );
  if (!read.ok) return stop(io, read.refusal);
  const format = readFormat(read.value.options.format);
  if (!format.ok) return stop(io, format.refusal);
  const session = await openSession(read.value.options, io);
  if (!session.ok) return stop(io, session.refusal);
  const state = openSessionState(session.value, false);
  if (!state.ok) return stop(io, state.refusal);
  const { url: _, ...settings } = session.value.loaded.settings.endpoint ?? { url: '' };
  const rotated = await rotateKey(state.value, settings, new Date());
  if (!rotated.ok) {
    io.refused(rotated.refusal);
    return rotated.refusal.code === 'no-answer' ? exitCodes.spooled : exitCodes.failed;
  }
  const { keyId, previousKey } = rotated.value;
  io.out(format.value === 'json' ? `${forJson({ keyId, previousKey })}\n` : `${keyId}\n`);
  io.err(`the key ${previousKey} has handed over; what it signed stays good\n`);
  return exitCodes.done;
}
