/** The newest login of each account, from lastlog, lastlog2, wtmp and wtmpdb. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, LastLogin, LastLogins, LocalAccount, Text } from '../../schemas/generated/types.ts';
import { fromAnswer, mapFact, observed, type Parsed, unparsed, unseen } from '../fact.ts';
import { encodeText, toText } from '../text.ts';
import { fileFact } from './file-fact.ts';
import { parseLastlogText } from './lastlog-text.ts';
import { type LoginRecord, layoutOf, parseLastlog, parseWtmp, type Wtmp } from './login-records.ts';
import { parseWtmpdb } from './wtmpdb-json.ts';

const lastlogFile = '/var/log/lastlog';
const lastlog2Database = '/var/lib/lastlog/lastlog2.db';
const wtmpFile = '/var/log/wtmp';
/** What takes the place of wtmp where time_t had to grow: Debian 13, SUSE. */
const wtmpdbDatabase = '/var/lib/wtmpdb/wtmp.db';
/** lastlog is sparse and as long as the highest user id wants: this covers ids up to 14,000. */
const lastlogBytes = 4 * 1024 * 1024;
const wtmpBytes = 16 * 1024 * 1024;

type Record = LastLogins['records'][number];
type Read = {
  readonly record: Record;
  readonly logins: readonly LoginRecord[];
  readonly wtmp?: Wtmp;
  readonly upToUid?: number;
};

/**
 * Observed where at least one kind of record could be read and none was denied: a record that we may not
 * read could hold the newer login. Absent where the machine keeps none.
 */
export async function readLastLogins(host: Host, accounts: readonly LocalAccount[]): Promise<Fact<LastLogins>> {
  const facts = [await lastlogs(host), await lastlog2s(host), await wtmps(host), await wtmpdbs(host)];
  const sources = [...new Set(facts.flatMap((fact) => fact.sources))];
  const missed = facts.find(({ status }) => status !== 'observed' && status !== 'absent');
  if (missed !== undefined && missed.status !== 'observed') return { ...missed, sources };
  const reads = facts.flatMap((fact) => (fact.status === 'observed' ? [fact.value] : []));
  if (reads.length === 0) return unseen('absent', 'no-login-records', sources);
  const wtmpSince = reads.find(({ wtmp }) => wtmp?.since !== undefined)?.wtmp?.since;
  const upToUid = reads.find((read) => read.upToUid !== undefined)?.upToUid;
  const value: LastLogins = {
    logins: newestOf(reads, accounts),
    records: reads.map(({ record }) => record),
    ...(wtmpSince === undefined ? {} : { wtmpSince: instant(wtmpSince) }),
    ...(upToUid === undefined ? {} : { lastlogUpToUid: upToUid }),
  };
  return observed(value, ...sources);
}

async function lastlogs(host: Host): Promise<Fact<Read>> {
  const answer = await host.readFile(lastlogFile, { maxBytes: lastlogBytes });
  if (answer.status !== 'observed') return fileFact(answer, () => unparsed('unreachable'));
  const layout = layoutOf(await architecture(host));
  if (layout === undefined) return unseen('unsupported', 'architecture-not-covered', [answer.source]);
  return fromAnswer(answer, ({ text, truncated }): Parsed<Read> => {
    const bytes = encodeText(text);
    if (truncated && bytes.length < layout.lastlog) return unparsed('truncated');
    const records = parseLastlog(bytes, layout);
    if (!records.ok) return records;
    const upToUid = truncated ? { upToUid: Math.floor(bytes.length / layout.lastlog) - 1 } : {};
    return { ok: true, value: { record: 'lastlog', logins: records.value, ...upToUid } };
  });
}

async function lastlog2s(host: Host): Promise<Fact<Read>> {
  const database = await host.stat(lastlog2Database);
  if (database.status !== 'observed') return fromAnswer(database, () => unparsed('unreachable'));
  const answer = await host.exec('lastlog2');
  const fact = fromAnswer(answer, ({ stdout, truncated }) =>
    truncated ? unparsed('output-truncated') : parseLastlogText(stdout),
  );
  // The database is there; that its reader is not says nothing of it.
  if (fact.status === 'absent') return { ...fact, status: 'unsupported' };
  return mapFact(fact, (logins): Read => ({ record: 'lastlog2', logins }));
}

async function wtmps(host: Host): Promise<Fact<Read>> {
  const answer = await host.readFile(wtmpFile, { maxBytes: wtmpBytes });
  if (answer.status !== 'observed') return fileFact(answer, () => unparsed('unreachable'));
  const layout = layoutOf(await architecture(host));
  if (layout === undefined) return unseen('unsupported', 'architecture-not-covered', [answer.source]);
  return mapFact(
    fileFact(answer, (text) => parseWtmp(encodeText(text), layout)),
    (wtmp): Read => ({ record: 'wtmp', logins: wtmp.logins, wtmp }),
  );
}

async function wtmpdbs(host: Host): Promise<Fact<Read>> {
  const database = await host.stat(wtmpdbDatabase);
  if (database.status !== 'observed') return fromAnswer(database, () => unparsed('unreachable'));
  const fact = fromAnswer(await host.exec('wtmpdb-last'), ({ stdout, truncated }) =>
    truncated ? unparsed('output-truncated') : parseWtmpdb(stdout),
  );
  // As with lastlog2.
  if (fact.status === 'absent') return { ...fact, status: 'unsupported' };
  return mapFact(fact, (wtmp): Read => ({ record: 'wtmpdb', logins: wtmp.logins, wtmp }));
}

async function architecture(host: Host): Promise<string | undefined> {
  const identity = await host.identity();
  return identity.status === 'observed' ? identity.value.architecture : undefined;
}

/** By name, which lastlog does not have: the account file gives it, and an id without account stays an id. */
function newestOf(reads: readonly Read[], accounts: readonly LocalAccount[]): LastLogin[] {
  const nameOf = new Map<number, Text>();
  for (const { uid, name } of accounts) if (!nameOf.has(uid)) nameOf.set(uid, name);
  const newest = new Map<string, LastLogin & { seconds: number }>();
  for (const { record, logins } of reads)
    for (const { uid, name, at, terminal, from } of logins) {
      const named = name === undefined ? nameOf.get(uid ?? -1) : toText(name);
      const key = named === undefined ? `#${uid}` : JSON.stringify(named);
      const before = newest.get(key);
      if (before !== undefined && before.seconds >= at) continue;
      newest.set(key, {
        ...(named === undefined ? {} : { name: named }),
        ...(uid === undefined ? {} : { uid }),
        at: instant(at),
        by: record,
        ...(terminal === '' ? {} : { terminal: toText(terminal) }),
        ...(from === '' ? {} : { from: toText(from) }),
        seconds: at,
      });
    }
  return [...newest.values()].map(({ seconds: _seconds, ...login }) => login);
}

function instant(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
