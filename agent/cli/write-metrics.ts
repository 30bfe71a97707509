/** `metrics.textfile`: replaced as a whole, so that whoever reads it sees one run or the next. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CollectorOutcome } from '../../schemas/generated/types.ts';
import { version } from '../run/program.ts';
import { metricsText } from '../service/metrics-text.ts';
import { readStatus } from '../service/status.ts';
import type { State } from '../spool/state.ts';

/** Why the file could not be written; undefined where it was. A run that was made is no worse for it. */
export function writeMetrics(state: State, file: string, collectors: readonly CollectorOutcome[]): string | undefined {
  const status = readStatus(state);
  if (!status.ok) return status.refusal.message;
  // No name that node_exporter would read (*.prom).
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}`);
  try {
    // Without a link in the way: the folder may be one that others write to as well.
    writeFileSync(temporary, metricsText(status.value, collectors, version), { flag: 'wx', mode: 0o644 });
    renameSync(temporary, file);
    return undefined;
  } catch (error) {
    rmSync(temporary, { force: true });
    return `${file} cannot be written (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'})`;
  }
}
