/**
 * zypp's log of what it did, /var/log/zypp/history, in the server's local time:
 *
 *     2026-11-23 11:13:53|command|root@vm|'zypper' 'up' 'alpha'|
 *     2026-11-23 11:13:53|install|alpha|1.0-2|noarch|root@vm|local|71264a90…|
 *     2026-11-23 11:13:53|remove |beta|2.0-1|noarch|root@vm|
 *     2026-11-23 11:13:53|patch  |EXBA-2026:0002|1|noarch|local|none|bugfix|needed|applied|
 */
import type { PackageChange } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { change } from './history.ts';
import { type LocalTime, parseLocalTime } from './local-time.ts';
import { plainVersion } from './nevra.ts';

export type ZyppRun = {
  readonly start: LocalTime;
  readonly commandLine?: string;
  readonly changes: readonly PackageChange[];
};

/** Oldest first. An installation of what was there before is an upgrade, but the log does not say so: it is `installed`. Fails with `unexpected-log`. */
export function parseZyppLog(text: string): Parsed<readonly ZyppRun[]> {
  const runs: { start: LocalTime; commandLine?: string; changes: PackageChange[] }[] = [];
  let lines = 0;
  for (const line of text.toWellFormed().split('\n')) {
    if (line.startsWith('#') || line.trim() === '') continue;
    const [time = '', word = '', ...fields] = line.split('|');
    const start = parseLocalTime(time);
    // Output of scripts stands between the lines.
    if (start === undefined) continue;
    lines += 1;
    const [name = '', version = '', architecture = ''] = fields;
    if (word.trim() === 'command') runs.push({ start, commandLine: fields[1] ?? '', changes: [] });
    else if (word.trim() === 'install' || word.trim() === 'remove') {
      if (runs.length === 0) runs.push({ start, changes: [] });
      const plain = plainVersion(version);
      const step =
        word.trim() === 'install'
          ? change('installed', { name, architecture }, undefined, plain)
          : change('removed', { name, architecture }, plain);
      runs.at(-1)?.changes.push(step);
    }
  }
  return lines === 0 && text.trim() !== '' ? unparsed('unexpected-log') : parsed(runs);
}
