/**
 * The log of unattended-upgrades, /var/log/unattended-upgrades/unattended-upgrades.log, in the server's local time:
 *
 *     2026-11-20 06:25:59,123 INFO Starting unattended upgrades script
 *     2026-11-20 06:26:01,007 INFO Packages that will be upgraded: libssl3 openssl
 *     2026-11-20 06:26:08,512 INFO All upgrades installed
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { type LocalTime, parseLocalTime } from './local-time.ts';

export type UnattendedRun = {
  readonly start: LocalTime;
  readonly outcome: 'installed' | 'nothing-to-do' | 'failed' | 'unknown';
  readonly packages: number;
};

/** The newest run. Fails with `no-run` where the log has none, and with `unexpected-log` where it is no such log. */
export function lastUnattendedRun(text: string): Parsed<UnattendedRun> {
  const rows = text
    .toWellFormed()
    .split('\n')
    .flatMap((line) => {
      const [, time = '', level = '', message = ''] =
        /^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}),\d{3} ([A-Z]+) (.*)$/.exec(line) ?? [];
      const at = parseLocalTime(time);
      return at === undefined ? [] : [{ at, level, message }];
    });
  if (rows.length === 0 && text.trim() !== '') return unparsed('unexpected-log');
  const begin = rows.findLastIndex(({ message }) => /^Start(?:ing)? unattended upgrades/i.test(message));
  const first = rows[begin];
  if (first === undefined) return unparsed('no-run');
  const run = rows.slice(begin);
  const listed = run.find(({ message }) => message.startsWith('Packages that will be upgraded:'));
  const packages = (listed?.message.split(':')[1] ?? '').split(/\s+/).filter(Boolean).length;
  const isFailed = run.some(
    ({ level, message }) => level === 'ERROR' || message.startsWith('Installing the upgrades failed'),
  );
  const isDone = run.some(({ message }) => message.startsWith('All upgrades installed'));
  const isIdle = run.some(({ message }) => message.startsWith('No packages found that can be upgraded unattended'));
  const outcome = isFailed ? 'failed' : isDone ? 'installed' : isIdle ? 'nothing-to-do' : 'unknown';
  return parsed({ start: first.at, outcome, packages });
}
