/** What freshclam writes: runs that begin with `ClamAV update process started at …`, a line for each database, warnings and errors. */
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { dayOfAsctime } from '../moments.ts';
import type { Values } from '../product.ts';

export type FreshclamRun = {
  /** The time as it is written, in the machine's zone. */
  readonly started: string;
  /** Versions of databases that are there and up to date, by name (daily, main, bytecode). */
  readonly databases: ReadonlyMap<string, string>;
  readonly updated: boolean;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly outdatedEngine: boolean;
  readonly recommendedEngine?: string;
  readonly localEngine?: string;
};

/** Runs in the order of the log. */
export function freshclamRuns(text: string): readonly FreshclamRun[] {
  const runs: FreshclamRun[] = [];
  for (const part of text.split(/^.*?ClamAV update process started at /m).slice(1)) {
    const lines = part
      .split('\n')
      .map((line) =>
        line
          .replace(/^[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9:]{16} -> /, '')
          .replace(/^.*?\bfreshclam\[[0-9]+\]: (?:[^>]*-> )?/, ''),
      );
    const started = (lines[0] ?? '').trim().slice(0, 40);
    const databases = new Map<string, string>();
    const errors: string[] = [];
    const warnings: string[] = [];
    for (const line of lines.slice(1)) {
      const current =
        /^([a-z]{2,16})\.c[lv]d (?:database )?(?:is up[ -]to[ -]date|updated) \(version: ([0-9]{1,8}),/.exec(line);
      if (current !== null) databases.set(current[1] ?? '', current[2] ?? '');
      if (/^(?:\^|WARNING: )/.test(line)) warnings.push(line.replace(/^(?:\^|WARNING: )/, ''));
      else if (
        /^(?:!|ERROR: )|^(?:Can't connect|Can't download|nonblock_connect|Update failed|Connection refused)/.test(line)
      )
        errors.push(line.replace(/^(?:!|ERROR: )/, ''));
    }
    const versions = /Local version: ([\w.]{1,32}) Recommended version: ([\w.]{1,32})/.exec(part);
    runs.push({
      started,
      databases,
      updated: databases.has('daily') && errors.length === 0,
      errors,
      warnings,
      outdatedEngine: /installation is OUTDATED/.test(part),
      ...(versions !== null && { localEngine: versions[1] ?? '', recommendedEngine: versions[2] ?? '' }),
    });
  }
  return runs;
}

/** The last attempt, the last success and the last failure, as days: the log does not name its zone. */
export function parseFreshclamLog(text: string): Parsed<Values> {
  const runs = freshclamRuns(text);
  const last = runs.at(-1);
  if (last === undefined) return unparsed('no-run-logged');
  const lastAttempt = dayOfAsctime(last.started);
  const success = runs.findLast(({ updated }) => updated);
  const lastSuccess = success === undefined ? undefined : dayOfAsctime(success.started);
  const failure = runs.findLast(({ errors }) => errors.length > 0);
  const lastError = failure === undefined ? undefined : codeOf(failure.errors[0] ?? '');
  if (lastAttempt === undefined && lastSuccess === undefined) return unparsed('no-date');
  return parsed({
    signatureUpdate: {
      ...(lastAttempt !== undefined && { lastAttempt }),
      ...(lastSuccess !== undefined && { lastSuccess }),
      ...(lastError !== undefined && { lastError }),
    },
  });
}

/** What failed, without the address and path that it may name. */
function codeOf(line: string): string {
  if (/connect/i.test(line)) return 'connection-failed';
  if (/download/i.test(line)) return 'download-failed';
  return 'update-failed';
}
