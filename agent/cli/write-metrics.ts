/** `metrics.textfile`: replaced as a whole, so that whoever reads it sees one run or the next. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { version } from '../run/program.ts';
import { type Attempt, metricsText } from '../service/metrics-text.ts';
import { readStatus } from '../service/status.ts';
import type { State } from '../spool/state.ts';

/**
 * Why the file could not be written; undefined where it was. A run that was made is no worse for it. After a run that
 * failed it is written all the same, from what can still be read: the old file would say that all is well.
 */
export function writeMetrics(state: State | undefined, file: string, attempt: Attempt): string | undefined {
  const status = state === undefined ? undefined : readStatus(state);
  if (status !== undefined && !status.ok && attempt.failure === undefined) return status.refusal.message;
  const known = status?.ok === true ? status.value : undefined;
  // No name that node_exporter would read (*.prom).
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}`);
  try {
    // Without a link in the way: the folder may be one that others write to as well.
    writeFileSync(temporary, metricsText(known, attempt, version), { flag: 'wx', mode: 0o644 });
    renameSync(temporary, file);
    return undefined;
  } catch (error) {
    rmSync(temporary, { force: true });
    return `${file} cannot be written (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'})`;
  }
}
