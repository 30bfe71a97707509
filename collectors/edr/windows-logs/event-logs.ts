/** The event logs: how far back they reach, what limits them, and who cleared them. */
import type { LogClearing, LogRetention } from '../../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { flagOf, integerOf, momentOf, type Raw, rowsOf, textOf } from '../../raw-objects.ts';
import { toText } from '../../text.ts';

/** EventLogMode, as number or by its name, which is not translated. */
const modes: Readonly<Record<string, NonNullable<LogRetention['whenFull']>>> = {
  '0': 'overwrite',
  circular: 'overwrite',
  '1': 'archive',
  autobackup: 'archive',
  '2': 'stop',
  retain: 'stop',
};

/**
 * One row a log: LogName, IsEnabled, LogMode, MaximumSizeInBytes, RecordCount and OldestTime, which is null
 * for a log that holds nothing or may not be read. A log without Security in the answer is a cut answer.
 */
export function parseEventLogs(value: unknown): Parsed<LogRetention[]> {
  const rows = rowsOf(value);
  if (!rows.ok) return rows;
  const logs: LogRetention[] = [];
  for (const row of rows.value) {
    const log = logOf(row);
    if (log === undefined) return unparsed('log-without-name');
    logs.push(log);
  }
  return logs.some(({ log }) => log === 'Security') ? parsed(logs.slice(0, 256)) : unparsed('no-security-log');
}

function logOf(row: Raw): LogRetention | undefined {
  const name = textOf(row['LogName']);
  if (name === undefined) return undefined;
  const enabled = flagOf(row['IsEnabled']);
  const bytes = integerOf(row['MaximumSizeInBytes']);
  const oldest = momentOf(row['OldestTime']);
  const mode = String(row['LogMode']).toLowerCase();
  const whenFull = Object.hasOwn(modes, mode) ? modes[mode] : undefined;
  return {
    log: toText(name),
    persistent: true,
    ...(oldest !== undefined && { oldestEntryAt: oldest }),
    ...(enabled !== undefined && { enabled }),
    ...(bytes !== undefined && bytes >= 0 && { maximumBytes: bytes }),
    ...(whenFull !== undefined && { whenFull }),
  };
}

/** Event 1102 of Security and 104 of System: the log that the event names was cleared. */
export function parseClearings(value: unknown): Parsed<LogClearing[]> {
  const rows = rowsOf(value);
  if (!rows.ok) return rows;
  const list: LogClearing[] = [];
  for (const row of rows.value) {
    const id = integerOf(row['Id']);
    const at = momentOf(row['TimeCreated']);
    if (id === undefined || at === undefined) return unparsed('event-without-date');
    const log = textOf(row['Channel']) ?? (id === 1102 ? 'Security' : textOf(row['LogName']));
    const domain = textOf(row['SubjectDomainName']);
    const user = textOf(row['SubjectUserName']);
    list.push({
      log: toText(log ?? 'unknown'),
      kind: 'cleared',
      at,
      eventId: id,
      ...(user !== undefined && { account: toText(domain === undefined ? user : `${domain}\\${user}`) }),
    });
  }
  const newestFirst = list.toSorted((left, right) => (whenOf(left) < whenOf(right) ? 1 : -1));
  return list.length > 1000 ? unparsed('too-many-entries') : parsed(newestFirst);
}

function whenOf({ at }: LogClearing): string {
  return 'at' in at ? at.at : at.on;
}
