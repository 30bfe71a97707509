/**
 * `wtmpdb last --json --time-format iso` (wtmpdb(8), 0.50 and newer), the newest first:
 *
 *     { "entries": [ { "user": "alice", "tty": "pts/0", "hostname": "192.0.2.7", "login": "2026-01-02T03:04:05+0000",
 *       "logout": "still logged in " } ], "start": "2025-12-01T00:00:00+0000" }
 *
 * It does not escape what it prints, so that a hostile host name makes the whole of it no JSON: a failure.
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';
import type { LoginRecord } from './login-records.ts';

const maxRecords = 100_000;
/** Entries of the machine itself, under the names of wtmp's old pseudo users. */
const machine: ReadonlySet<string> = new Set(['reboot', 'soft-reboot', 's-reboot', 'shutdown', 'runlevel']);

export type Sessions = { readonly logins: readonly LoginRecord[]; readonly since?: number };

/** The newest login of each name, and how far back the database goes. */
export function parseWtmpdb(text: string): Parsed<Sessions> {
  const root = jsonOf(text);
  const entries = isFields(root) ? root['entries'] : undefined;
  if (!isFields(root) || !Array.isArray(entries)) return unparsed('malformed-json');
  if (entries.length > maxRecords) return unparsed('too-many-entries');
  const newest = new Map<string, LoginRecord>();
  for (const entry of entries as readonly unknown[]) {
    const { user, tty = '', hostname = '', login } = isFields(entry) ? entry : {};
    const at = secondsOf(login);
    if (typeof user !== 'string' || user === '' || typeof tty !== 'string' || typeof hostname !== 'string')
      return unparsed('unexpected-shape');
    if (at === undefined) return unparsed('unexpected-time');
    const before = newest.get(user);
    if (machine.has(user) || (before !== undefined && before.at >= at)) continue;
    newest.set(user, { name: user, at, terminal: tty, from: hostname });
  }
  const since = secondsOf(root['start']);
  return parsed({ logins: [...newest.values()], ...(since === undefined ? {} : { since }) });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `2026-01-02T03:04:05+0000`, as strftime's %FT%T%z. */
function secondsOf(value: unknown): number | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)([+-]\d\d)(\d\d)$/.exec(typeof value === 'string' ? value : '');
  const seconds = match === null ? Number.NaN : Date.parse(`${match[1]}${match[2]}:${match[3]}`) / 1000;
  return Number.isSafeInteger(seconds) && seconds >= 0 ? seconds : undefined;
}
