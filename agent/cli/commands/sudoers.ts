/** Prints the rules of sudo that a sweep needs on a server. */
import { notGranted, sudoersFile } from '../../host/ssh/sudoers.ts';
import { readArguments } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { stop } from '../session.ts';

const usage = 'sudoers [--user NAME] [--password]';

export function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, { user: 'text', password: 'flag' }, { min: 0, max: 0 }, usage);
  if (!read.ok) return Promise.resolve(stop(io, read.refusal));
  const { user = 'affiant', password = false } = read.value.options;
  if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,255}\$?$/.test(user))
    return Promise.resolve(
      stop(io, {
        code: 'usage',
        message: `${user} is no name of a login`,
        remedy: 'letters, digits, - . and _ (useradd(8))',
      }),
    );
  io.out(sudoersFile({ user, password }));
  io.err(
    `affiant: not granted, since their arguments differ from server to server: ${notGranted().join(', ')}; a sweep reports them as denied\n`,
  );
  return Promise.resolve(exitCodes.done);
}
