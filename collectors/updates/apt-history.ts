/**
 * apt's own log, /var/log/apt/history.log:
 *
 *     Start-Date: 2026-08-01  06:25:59
 *     Commandline: /usr/bin/unattended-upgrade
 *     Upgrade: libssl3:amd64 (3.0.16-1~deb12u1, 3.0.17-1~deb12u2)
 *     End-Date: 2026-08-01  06:26:01
 *
 * Times are local to the server and name no zone. An entry without End-Date was interrupted, or runs now.
 */

import type { PackageChange } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { change } from './history.ts';
import { type LocalTime, parseLocalTime } from './local-time.ts';

export type HistoryEntry = {
  readonly start: LocalTime;
  readonly end?: LocalTime;
  readonly commandLine?: string;
  readonly upgraded: number;
  readonly installed: number;
  readonly removed: number;
};

/** The last entry that changed packages; undefined where the log has none. Fails with `unexpected-date`. */
export function lastHistoryEntry(text: string): Parsed<HistoryEntry | undefined> {
  const stanzas = text.split(/^(?=Start-Date:)/m).filter((stanza) => stanza.startsWith('Start-Date:'));
  for (const stanza of stanzas.toReversed()) {
    const fields = new Map(stanza.split('\n').flatMap(fieldOf));
    if (!changes.some((name) => fields.has(name))) continue;
    const start = parseLocalTime(fields.get('Start-Date') ?? '');
    if (start === undefined) return unparsed('unexpected-date');
    const end = parseLocalTime(fields.get('End-Date') ?? '');
    const commandLine = fields.get('Commandline');
    return parsed({
      start,
      ...(end === undefined ? {} : { end }),
      ...(commandLine === undefined ? {} : { commandLine }),
      upgraded: countPackages(fields.get('Upgrade')),
      installed: countPackages(fields.get('Install')),
      removed: countPackages(fields.get('Remove')) + countPackages(fields.get('Purge')),
    });
  }
  return parsed(undefined);
}

export type AptRun = {
  readonly start: LocalTime;
  readonly commandLine?: string;
  readonly outcome: 'completed' | 'failed' | 'unfinished';
  readonly changes: readonly PackageChange[];
};

/** Every entry that changed packages, oldest first. Fails with `unexpected-date`, and with `unexpected-log` where there is no entry in a text. */
export function parseAptHistory(text: string): Parsed<readonly AptRun[]> {
  const runs: AptRun[] = [];
  const stanzas = text
    .toWellFormed()
    .split(/^(?=Start-Date:)/m)
    .filter((stanza) => stanza.startsWith('Start-Date:'));
  if (stanzas.length === 0 && text.trim() !== '') return unparsed('unexpected-log');
  for (const stanza of stanzas) {
    const fields = new Map(stanza.split('\n').flatMap(fieldOf));
    const found = changes.flatMap((name) => changesIn(name, fields.get(name) ?? ''));
    const start = parseLocalTime(fields.get('Start-Date') ?? '');
    if (start === undefined) return unparsed('unexpected-date');
    if (found.length === 0) continue;
    const commandLine = fields.get('Commandline');
    runs.push({
      start,
      ...(commandLine === undefined ? {} : { commandLine }),
      outcome: fields.has('Error') ? 'failed' : fields.has('End-Date') ? 'completed' : 'unfinished',
      changes: found,
    });
  }
  return parsed(runs);
}

const actions: Readonly<Record<(typeof changes)[number], PackageChange['action']>> = {
  Install: 'installed',
  Reinstall: 'reinstalled',
  Upgrade: 'upgraded',
  Downgrade: 'downgraded',
  Remove: 'removed',
  Purge: 'removed',
};

/** `libssl3:amd64 (3.0.16-1~deb12u1, 3.0.17-1~deb12u2), jq:amd64 (1.6-2, automatic)` */
function changesIn(field: (typeof changes)[number], list: string): PackageChange[] {
  return [...list.matchAll(/([^\s,():]{1,256})(?::([a-z0-9-]{1,32}))? \(([^)]{0,600})\)/g)].map(
    ([, name = '', architecture, versions = '']) => {
      const [first, second] = versions.split(', ').filter((word) => word !== 'automatic');
      const action = actions[field];
      if (action === 'upgraded' || action === 'downgraded')
        return change(action, { name, architecture }, first, second);
      return action === 'removed'
        ? change(action, { name, architecture }, first)
        : change(action, { name, architecture }, undefined, first);
    },
  );
}

const changes = ['Install', 'Reinstall', 'Upgrade', 'Downgrade', 'Remove', 'Purge'] as const;

function fieldOf(line: string): readonly [string, string][] {
  const [, name, value] = /^([A-Z][A-Za-z-]*): ?(.*?)\s*$/.exec(line) ?? [];
  return name === undefined || value === undefined ? [] : [[name, value]];
}

/** Each package is followed by its versions in parentheses, which stand nowhere else. */
function countPackages(list: string | undefined): number {
  return list === undefined ? 0 : list.split(' (').length - 1;
}
