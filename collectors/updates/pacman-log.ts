/**
 * pacman's log, /var/log/pacman.log:
 *
 *     [2026-11-20T06:25:59+0000] [PACMAN] Running 'pacman -Syu'
 *     [2026-11-20T06:26:10+0000] [ALPM] transaction started
 *     [2026-11-20T06:26:11+0000] [ALPM] upgraded openssl (3.3.1-1 -> 3.3.2-1)
 *     [2026-11-20T06:26:12+0000] [ALPM] transaction completed
 */
import type { PackageChange } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { change, type Found } from './history.ts';
import { instantOf } from './instant.ts';

const row = /^\[(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?([+-]\d{2}:?\d{2})?\] \[([A-Z-]+)\] (.*)$/;

/** Transactions, oldest first. Lines of pacman before 5.2, whose times name no zone, are passed over. Fails with `unexpected-log`. */
export function parsePacmanLog(text: string): Parsed<readonly Found[]> {
  const found: { at: string; commandLine: string | undefined; done: boolean; changes: PackageChange[] }[] = [];
  let lines = 0;
  let commandLine: string | undefined;
  for (const line of text.toWellFormed().split('\n')) {
    const [, date, minute, second = ':00', zone, source, message = ''] = row.exec(line) ?? [];
    if (date === undefined) continue;
    lines += 1;
    if (zone === undefined) continue;
    const epoch = Date.parse(`${date}T${minute}${second}${zone.replace(/(\d{2}):?(\d{2})$/, '$1:$2')}`);
    if (Number.isNaN(epoch)) continue;
    if (source === 'PACMAN') commandLine = /^Running '(.*)'$/.exec(message)?.[1] ?? commandLine;
    if (source !== 'ALPM') continue;
    const open = found.at(-1);
    if (message === 'transaction started') found.push({ at: instantOf(epoch), commandLine, done: false, changes: [] });
    else if (open !== undefined && message === 'transaction completed') open.done = true;
    else if (open !== undefined && !open.done) open.changes.push(...changeIn(message));
  }
  if (lines === 0 && text.trim() !== '') return unparsed('unexpected-log');
  return parsed(
    found.map(({ at, commandLine: line, done, changes }) => ({
      at,
      basis: 'log',
      commandLine: line,
      outcome: done ? 'completed' : 'unfinished',
      changes,
    })),
  );
}

function changeIn(message: string): PackageChange[] {
  const [, word, name, first = '', second] =
    /^(installed|upgraded|downgraded|reinstalled|removed) (\S{1,256}) \((\S{1,256})(?: -> (\S{1,256}))?\)$/.exec(
      message,
    ) ?? [];
  if (name === undefined || word === undefined) return [];
  switch (word) {
    case 'installed':
    case 'reinstalled':
      return [change(word, { name }, undefined, first)];
    case 'removed':
      return [change('removed', { name }, first)];
    case 'upgraded':
    case 'downgraded':
      return [change(word, { name }, first, second)];
    default:
      return [];
  }
}
