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
import { type Parsed, parsed, unparsed } from '../fact.ts';
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

const changes = ['Install', 'Reinstall', 'Upgrade', 'Downgrade', 'Remove', 'Purge'] as const;

function fieldOf(line: string): readonly [string, string][] {
  const [, name, value] = /^([A-Z][A-Za-z-]*): ?(.*?)\s*$/.exec(line) ?? [];
  return name === undefined || value === undefined ? [] : [[name, value]];
}

/** Each package is followed by its versions in parentheses, which stand nowhere else. */
function countPackages(list: string | undefined): number {
  return list === undefined ? 0 : list.split(' (').length - 1;
}
