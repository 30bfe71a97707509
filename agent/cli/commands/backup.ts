import { join } from 'node:path';
import { backupSqlite } from '../../../endpoint/store/backup.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson, forTerminal } from '../render/escape.ts';
import { openSession, stateOptions, stop } from '../session.ts';
import { sqliteFileIn } from '../wire-store.ts';

/** Copies the embedded store while the endpoint runs. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { format: 'text', ...stateOptions },
    { min: 1, max: 1 },
    'backup FILE [--format table|json]',
  );
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  if (session.value.loaded.settings.serve.store?.kind === 'postgres')
    return stop(io, {
      code: 'usage',
      message: 'the store of this endpoint is PostgreSQL, which has its own tools',
      remedy: 'pg_dump, pg_basebackup: docs/backup-and-restore.md',
    });
  const [to = ''] = positionals;
  const made = await backupSqlite(sqliteFileIn(join(session.value.stateFolder, 'endpoint')), io.path(to));
  if (!made.ok) return stop(io, made.refusal);
  io.out(
    format.value === 'json'
      ? `${forJson({ file: io.path(to), entries: made.value.size })}\n`
      : `${made.value.size} entries of the log in ${forTerminal(to)}\n`,
  );
  io.err('affiant: log-key.pem and registrar-key.pem are not in it: keep them apart, offline\n');
  return exitCodes.done;
}
