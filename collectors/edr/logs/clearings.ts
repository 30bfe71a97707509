/** Traces of somebody stopping or clearing a log: in the audit log itself, and in the records of logins. */
import type { Host } from '../../../agent/host/host.ts';
import type { Fact, LogClearing } from '../../../schemas/generated/types.ts';
import { layoutOf } from '../../admins/login-records.ts';
import { parsePasswd } from '../../admins/passwd.ts';
import { fromAnswer, mapFact, missed, observed, type Parsed, parsed, unparsed, unseen } from '../../fact.ts';
import { encodeText, toText } from '../../text.ts';
import { wholeFile } from '../../updates/whole-text.ts';
import { momentOfRfc3339, momentOfSeconds } from '../moments.ts';

const maxEntries = 1000;
const wtmpBytes = 16 * 1024 * 1024;
/** auid of what no login began: services, and systemd at shutdown (audit_getloginuid(3)). */
const noLogin = '4294967295';

export type AuditStop = { readonly seconds: string; readonly auid?: string };

/** Empty where neither log shows one; absent where there is neither log. */
export async function readClearings(host: Host): Promise<Fact<LogClearing[]>> {
  const found: LogClearing[] = [];
  const sources: string[] = [];
  let looked = false;
  for (const fact of [await auditStops(host), await wtmpHoles(host)]) {
    sources.push(...fact.sources);
    if (fact.status === 'absent') continue;
    if (fact.status !== 'observed') return { ...fact, sources: [...fact.sources] };
    looked = true;
    found.push(...fact.value);
  }
  if (!looked) return unseen('absent', 'no-log-found', sources);
  return observed(found.slice(0, maxEntries), ...sources);
}

/** What the audit daemon wrote of its own end, and the kernel of being switched off; restarts of the machine are among it. */
async function auditStops(host: Host): Promise<Fact<LogClearing[]>> {
  const names = await host.list('/var/log/audit');
  if (names.status !== 'observed') return missed(names);
  if (!names.value.some((name) => name.startsWith('audit.log')))
    return unseen('absent', 'no-log-found', [names.source]);
  const answer = await host.exec('ausearch-daemon');
  if (answer.status === 'absent') return unseen('unsupported', answer.reason, [answer.source, names.source]);
  const stops = fromAnswer(answer, ({ stdout, stderr, truncated, exitCode }) => {
    if (truncated) return unparsed('output-truncated');
    // Exit code 1 is both nothing found and an error (ausearch(8)); only the words tell.
    if (exitCode === 1 && !/<no matches>/.test(`${stdout}${stderr}`)) return unparsed('exit-1', stderr.split('\n')[0]);
    return parseAuditStops(stdout);
  });
  if (stops.status !== 'observed') return stops;
  const accounts = wholeFile(await host.readFile('/etc/passwd'), (text) => parsePasswd(text, '/etc/passwd'));
  const nameOf = new Map(
    accounts.status === 'observed' ? accounts.value.accounts.map(({ uid, name }) => [String(uid), name]) : [],
  );
  return mapFact(stops, (list) =>
    list.slice(-maxEntries).flatMap(({ seconds, auid }): LogClearing[] => {
      const at = momentOfSeconds(seconds);
      if (at === undefined) return [];
      const by = auid === undefined ? {} : { account: nameOf.get(auid) ?? toText(`user id ${auid}`) };
      return [{ log: 'audit', kind: 'stopped', at, ...by }];
    }),
  );
}

/**
 * Raw records (auditd(8), audit_set_enabled(3)):
 *
 *     type=DAEMON_END msg=audit(1616153103.158:2811): op=terminate auid=1000 uid=0 ses=3 pid=411 res=success
 *     type=CONFIG_CHANGE msg=audit(1616153110.002:91): op=set audit_enabled=0 old=1 auid=1000 ses=3 res=1
 */
export function parseAuditStops(text: string): Parsed<readonly AuditStop[]> {
  const stops: AuditStop[] = [];
  for (const line of text.split('\n')) {
    const match =
      /(?:^|\s)type=(DAEMON_END|DAEMON_ABORT|CONFIG_CHANGE) msg=audit\(([0-9]{9,11})\.[0-9]{3}:[0-9]+\):(.*)$/.exec(
        line,
      );
    if (match === null) continue;
    const [, type, seconds = '', rest = ''] = match;
    if (type === 'CONFIG_CHANGE' && !(/\baudit_enabled=0\b/.test(rest) && /\bold=[12]\b/.test(rest))) continue;
    const auid = /\bauid=([0-9]{1,10})\b/.exec(rest)?.[1];
    stops.push({ seconds, ...(auid === undefined || auid === noLogin ? {} : { auid }) });
  }
  return parsed(stops);
}

/**
 * Tools that hide a login overwrite its record in wtmp with zeros: glibc and login programs never write such a
 * record. An empty file is what logrotate leaves and says nothing.
 */
async function wtmpHoles(host: Host): Promise<Fact<LogClearing[]>> {
  const path = '/var/log/wtmp';
  const file = await host.readFile(path, { maxBytes: wtmpBytes });
  const stat = await host.stat(path);
  const identity = await host.identity();
  const architecture = identity.status === 'observed' ? identity.value.architecture : undefined;
  const layout = layoutOf(typeof architecture === 'string' ? architecture : undefined);
  if (file.status !== 'observed') return missed(file);
  if (layout === undefined) return unseen('unsupported', 'layout-not-covered', [file.source]);
  if (stat.status !== 'observed') return missed(stat, file.source);
  const changed = momentOfRfc3339(stat.value.mtime);
  return fromAnswer(file, ({ text, truncated }): Parsed<LogClearing[]> => {
    if (truncated) return unparsed('file-truncated');
    const holes = zeroedRecords(encodeText(text), layout.utmp);
    if (holes === undefined) return unparsed('malformed-record', 'size');
    return parsed(holes === 0 || changed === undefined ? [] : [{ log: 'wtmp', kind: 'cleared', at: changed }]);
  });
}

/** How many whole records hold nothing but zeros; undefined where the size is no whole number of them. */
export function zeroedRecords(bytes: Uint8Array, length: number): number | undefined {
  if (bytes.length % length !== 0) return undefined;
  let holes = 0;
  for (let start = 0; start < bytes.length; start += length)
    if (bytes.subarray(start, start + length).every((byte) => byte === 0)) holes += 1;
  return holes;
}
