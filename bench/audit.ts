/**
 * `npm run bench:audit`: findings over a fleet from nothing, and for one new day. Verification is measured on a
 * sample of real packs and told for the whole; histories and findings run at full size, server by server.
 */
import { createHash } from 'node:crypto';
import { auditHost } from '../audit/audit-host.ts';
import { auditMemory } from '../audit/context.ts';
import { addDays, type Day } from '../audit/days.ts';
import { histories } from '../audit/history.ts';
import type { HistoryEntry } from '../audit/history-model.ts';
import { observe, observeMemory } from '../audit/observe.ts';
import { choosePolicies, loadPolicies } from '../audit/policy/policy-set.ts';
import { entryOf, readMemory } from '../audit/read-packs.ts';
import { catalogues } from '../catalogue/list.ts';
import { logVerifierFromKey } from '../evidence/checkpoint.ts';
import { verificationKeyOf } from '../evidence/signing-key.ts';
import type { Inventory } from '../schemas/generated/types.ts';
import { fixture, fixtureNames } from '../tools/case/fixtures.ts';
import { packsOf, runEnd, seriesKeys } from '../tools/case/series.ts';

const servers = Number(process.argv[2] ?? 1000);
const days = Number(process.argv[3] ?? 400);
const sample = 600;
const first: Day = '2020-08-01';

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function say(what: string, ms: number, more = ''): void {
  process.stdout.write(`  ${what.padEnd(58)} ${(ms / 1000).toFixed(2).padStart(8)} s CPU ${more}\n`);
}

const loaded = loadPolicies(undefined);
if (!loaded.ok) throw new Error(loaded.refusal.message);
const chosen = choosePolicies(loaded.value, undefined);
if (!chosen.ok) throw new Error(chosen.refusal.message);
const policies = chosen.value;

/** A server's life as bundles: documents change as they do on a real one, signatures and detections daily. */
function* lives(): Generator<HistoryEntry[]> {
  const memory = observeMemory();
  const series = fixtureNames.map((name) => fixture(name));
  const observed = new Map<string, HistoryEntry['seen']>();
  for (let server = 0; server < servers; server += 1) {
    const life = series[server % series.length];
    if (life === undefined) continue;
    const target = createHash('sha256').update(`bench ${server}`).digest('hex').slice(0, 32);
    const entries: HistoryEntry[] = [];
    for (let at = 0, day = first; at < days; at += 1, day = addDays(day, 1)) {
      const drafts = life.draftsOn(day);
      if (drafts === undefined) continue;
      const key = `${life.name} ${day}`;
      const documents = new Map(
        Object.entries(drafts).map(([name, document]: [string, object]) => [
          name,
          { digest: `${name} ${key}`, document },
        ]),
      );
      const seen = observed.get(key) ?? observe(documents, runEnd(day), memory);
      observed.set(key, seen);
      const previous = entries.at(-1)?.bundle;
      entries.push({
        bundle: createHash('sha256').update(`${target} ${day}`).digest('hex'),
        file: `${target}/${day}.pack.json`,
        claimedAt: runEnd(day),
        day,
        mode: 'task',
        keyId: target,
        targetId: target,
        chain: { id: target, sequence: entries.length, ...(previous !== undefined && { previous }) },
        clock: { state: 'synchronised' },
        collectors: [],
        incidents: [],
        receipt: 'verified',
        logIndex: server * days + at,
        documents: { updates: 'a', edr: key },
        seen,
      });
    }
    yield entries;
  }
}

const inventory: Inventory = {
  format: 'affiant-inventory/1',
  date: '2020-07-01',
  servers: [{ name: 'mail1', exposure: 'internet' }],
};

function verification(): number {
  const keys = seriesKeys();
  const key = verificationKeyOf(keys.signer);
  const log = logVerifierFromKey(keys.log.verifierKey);
  if (!log.ok) throw new Error(log.refusal.message);
  const packs = [...packsOf({ ...fixture('good'), to: addDays('2020-07-01', sample - 1) }, keys)];
  const memory = readMemory();
  const trust = { key: (id: string) => (id === key.keyId ? key : undefined), logKey: log.value };
  const began = cpuMs();
  let bytes = 0;
  for (const pack of packs) {
    const read = entryOf(pack.bytes, pack.name, trust, memory);
    if (!read.ok) throw new Error(read.refused.message);
    bytes += pack.bytes.length;
  }
  const each = (cpuMs() - began) / packs.length;
  process.stdout.write(
    `Verifying: ${packs.length} packs of ${(bytes / packs.length / 1024).toFixed(1)} KiB, signature, documents, receipt: ${each.toFixed(2)} ms CPU each\n`,
  );
  return each;
}

const perPack = verification();
const memory = auditMemory();
const last = addDays(first, days - 1);
let spent = 0;
let joined = 0;
let findings = 0;
let bundles = 0;
let peak = 0;
let slowest = 0;
for (const entries of lives()) {
  const began = cpuMs();
  const [history] = histories(entries, last);
  const between = cpuMs();
  if (history === undefined) continue;
  const audit = auditHost(history, { catalogues, policies, attestations: [], inventory, at: last, memory });
  const ended = cpuMs();
  joined += between - began;
  spent += ended - began;
  slowest = Math.max(slowest, ended - began);
  findings += audit.findings.length;
  bundles += audit.bundles;
  peak = Math.max(peak, process.memoryUsage().rss);
}
process.stdout.write(
  `\n${servers} servers, ${bundles} bundles, ${policies.clocks.length} clocks: ${findings} findings\n`,
);
say(
  'findings from verified bundles (goal: under 60 s)',
  spent,
  `of which joining and ordering ${(joined / 1000).toFixed(2)} s; ${(spent / servers).toFixed(1)} ms a server, the slowest ${slowest.toFixed(0)} ms`,
);
say('with every pack verified anew, told from the sample', spent + perPack * bundles, 'on one core');
say('one new day: its packs verified', perPack * servers);
process.stdout.write(`  peak resident memory ${(peak / 1024 / 1024).toFixed(0)} MiB (goal: under 400 MiB)\n`);
