/** Prints the rules of sudo that a sweep needs on a server. */
import { granted, notGranted, sudoersFile } from '../../host/ssh/sudoers.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson } from '../render/escape.ts';
import { stop } from '../session.ts';

const usage = 'sudoers [--user NAME] [--password] [--format table|json]';

export function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, { user: 'text', password: 'flag', format: 'text' }, { min: 0, max: 0 }, usage);
  if (!read.ok) return Promise.resolve(stop(io, read.refusal));
  const { user = 'affiant', password = false, format: form } = read.value.options;
  const format = readFormat(form);
  if (!format.ok) return Promise.resolve(stop(io, format.refusal));
  if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,255}\$?$/.test(user))
    return Promise.resolve(
      stop(io, {
        code: 'usage',
        message: `${user} is no name of a login`,
        remedy: 'letters, digits, - . and _ (useradd(8))',
      }),
    );
  const file = sudoersFile({ user, password });
  if (format.value === 'json')
    io.out(`${forJson({ user, password, granted: granted(), notGranted: notGranted(), file })}\n`);
  else io.out(file);
  io.err(
    `affiant: not granted, since their arguments differ from server to server: ${notGranted().join(', ')}; a sweep reports them as denied\n`,
  );
  return Promise.resolve(exitCodes.done);
}
