import { rotateKey } from '../../enrol/rotate.ts';
import { readArguments } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { openSession, openSessionState, stateOptions, stop } from '../session.ts';

/** Hands over to a new key at the endpoint where this server is enrolled, then uses it. Called again after a crash, it goes on. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, stateOptions, { min: 1, max: 1 }, 'key rotate');
  if (!read.ok) return stop(io, read.refusal);
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
  io.out(`${rotated.value.keyId}\n`);
  io.err(`the key ${rotated.value.previousKey} has handed over; what it signed stays good\n`);
  return exitCodes.done;
}
