/** Where the state lies. Apart from session.ts, which loads what most commands need and the resident form does not. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Io } from './io.ts';

/** `--state`, `AFFIANT_STATE`, root's folder, the user's own (XDG Base Directory: relative values are ignored). */
export function stateFolderOf(asked: string | undefined, io: Io): string {
  const named = asked ?? io.environment['AFFIANT_STATE'];
  if (named !== undefined && named !== '') return io.path(named);
  if (process.platform === 'win32') return join(io.environment['ProgramData'] ?? 'C:\\ProgramData', 'Affiant', 'state');
  if (process.getuid?.() === 0) return '/var/lib/affiant';
  const base = io.environment['XDG_STATE_HOME'];
  return join(base?.startsWith('/') === true ? base : join(homedir(), '.local', 'state'), 'affiant');
}
