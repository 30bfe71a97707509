/** How far back the journal and the audit log reach, and what limits them. */
import type { Answer, CommandOutput, Host } from '../../../agent/host/host.ts';
import type { Fact, LogRetention, Moment } from '../../../schemas/generated/types.ts';
import { fromAnswer, mapFact, missed, observed, type Parsed, parsed, unparsed, unseen } from '../../fact.ts';
import { wholeFile } from '../../updates/whole-text.ts';
import { momentOfRfc3339, momentOfSeconds } from '../moments.ts';

/** The journal's row where it could be read, and that of the audit log; neither is left out in silence. */
export async function readRetention(host: Host): Promise<Fact<LogRetention[]>> {
  const rows: LogRetention[] = [];
  const sources: string[] = [];
  const journal = await journalRow(host);
  const audit = await auditRow(host);
  for (const fact of [journal, audit]) {
    // A log that does not exist has no row; one that could not be read leaves the whole open.
    if (fact.status !== 'observed' && fact.status !== 'absent') return fact;
    sources.push(...fact.sources);
    if (fact.status === 'observed') rows.push(fact.value);
  }
  return rows.length > 0 ? observed(rows, ...sources) : unseen('absent', 'no-log-found', sources);
}

async function journalRow(host: Host): Promise<Fact<LogRetention>> {
  const oldest = boots(await host.exec('journalctl-boots'));
  if (oldest.status !== 'observed') return oldest;
  const kept = await host.stat('/var/log/journal');
  const conf = wholeFile(await host.readFile('/etc/systemd/journald.conf'), parseJournaldConf);
  const storage = conf.status === 'observed' ? conf.value.storage : undefined;
  const folder = kept.status === 'observed' ? true : kept.status === 'absent' ? false : undefined;
  const persistent = storage === 'volatile' || storage === 'none' ? false : folder;
  const maximum = conf.status === 'observed' ? conf.value.maximumBytes : undefined;
  return mapFact(oldest, (oldestEntryAt) => ({
    log: 'journal',
    oldestEntryAt,
    ...(persistent !== undefined && { persistent }),
    ...(maximum !== undefined && { maximumBytes: maximum }),
    ...(storage === 'none' && { enabled: false }),
  }));
}

/** journalctl tells who sees only part of it by a hint; that part's oldest entry is not the log's. */
function boots(answer: Answer<CommandOutput>): Fact<Moment> {
  if (answer.status === 'absent') return missed(answer);
  if (
    answer.status === 'observed' &&
    answer.value.stdout.trim() === '' &&
    /^No journal files were found/m.test(answer.value.stderr)
  )
    return unseen('absent', 'no-journal', [answer.source]);
  if (answer.status === 'observed' && /not seeing messages from other users/.test(answer.value.stderr))
    return unseen('denied', 'journal-partly-hidden', [answer.source]);
  return fromAnswer(answer, ({ stdout, truncated }) => (truncated ? unparsed('output-truncated') : parseBoots(stdout)));
}

/** `-1 4ea9… Sat 2026-11-21 06:00:01 UTC—Sun 2026-11-22 …`, oldest boot first; newer ones print columns under a heading. */
export function parseBoots(text: string): Parsed<Moment> {
  const match =
    /^[ \t]*-?[0-9]{1,6} [0-9a-f]{32} +[A-Z][a-z]{2} ([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2}) UTC/m.exec(
      text,
    );
  if (match === null) return unparsed('unexpected-output');
  const moment = momentOfRfc3339(`${match[1]}T${match[2]}Z`);
  return moment === undefined ? unparsed('unexpected-output') : parsed(moment);
}

type Journald = { readonly storage?: string; readonly maximumBytes?: number };

/** journald.conf(5): `Storage=`, `SystemMaxUse=1G`. */
export function parseJournaldConf(text: string): Parsed<Journald> {
  const storage = /^[ \t]*Storage\s*=\s*(volatile|persistent|auto|none)\s*$/m.exec(text)?.[1];
  const size = /^[ \t]*SystemMaxUse\s*=\s*([0-9]{1,12})([KMGT]?)\s*$/m.exec(text);
  const maximumBytes =
    size === null
      ? undefined
      : Number(size[1]) * 1024 ** 'KMGT'.padStart(5).indexOf(size[2] === '' ? ' ' : (size[2] ?? ' '));
  return parsed({
    ...(storage !== undefined && { storage }),
    ...(maximumBytes !== undefined && Number.isSafeInteger(maximumBytes) && { maximumBytes }),
  });
}

/** The first record of the oldest file: audit.log.4 is older than audit.log.1, and both than audit.log. */
async function auditRow(host: Host): Promise<Fact<LogRetention>> {
  const names = await host.list('/var/log/audit');
  if (names.status !== 'observed') return missed(names);
  const numbers = names.value
    .map((name) => /^audit\.log(?:\.([0-9]{1,4}))?$/.exec(name))
    .filter((match) => match !== null);
  if (numbers.length === 0) return unseen('absent', 'no-log-found', [names.source]);
  const oldest = numbers.toSorted((left, right) => Number(right[1] ?? 0) - Number(left[1] ?? 0))[0]?.[0] ?? 'audit.log';
  const file = await host.readFile(`/var/log/audit/${oldest}`, { maxBytes: 4096, volatile: true });
  return fromAnswer(file, ({ text }) => {
    const seconds = /\bmsg=audit\(([0-9]{9,11})\.[0-9]{3}:/.exec(text)?.[1];
    const moment = seconds === undefined ? undefined : momentOfSeconds(seconds);
    return moment === undefined
      ? unparsed('no-date')
      : parsed({ log: 'audit', oldestEntryAt: moment, persistent: true });
  });
}
