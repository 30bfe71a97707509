/**
 * The real path of an audit: `affiant findings` as a process of its own over a folder of signed packs, with every
 * pack new, with every pack known to the cache, and with one new day. The folder holds a sample of the fleet, since
 * signing 400,000 packs takes longer than reading them; figures for the whole are told from it, and say so.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addDays, type Day } from '../audit/days.ts';
import { settledAfterMs } from '../audit/file-identity.ts';
import { logVerifierFromKey } from '../evidence/checkpoint.ts';
import { verificationKeyOf } from '../evidence/signing-key.ts';
import { fixture, fixtureNames } from '../tools/case/fixtures.ts';
import { packsOf, seriesKeys } from '../tools/case/series.ts';
import { signatureFloor } from './signature-floor.ts';

const first: Day = '2020-08-01';
const program = fileURLToPath(new URL('../agent/cli/affiant.mjs', import.meta.url));

type Spent = { readonly cpuMs: number; readonly wallMs: number; readonly peakMiB: number };

/** The process itself says at its end what it took (getrusage(2)). */
const tell = `data:text/javascript,${encodeURIComponent(
  `process.on('exit', () => { const { userCPUTime: u, systemCPUTime: s, maxRSS: m } = process.resourceUsage(); process.stderr.write('\\nSPENT ' + JSON.stringify({ cpuMs: (u + s) / 1000, peakMiB: m / 1024 })); });`,
)}`;

function affiant(args: readonly string[]): Spent & { readonly bytes: number } {
  const began = performance.now();
  const run = spawnSync(process.execPath, ['--import', tell, program, ...args], { maxBuffer: 2 ** 30 });
  const spent = /\nSPENT (.*)$/.exec(run.stderr.toString('utf8'))?.[1];
  if (spent === undefined || ![0, 1, 3].includes(run.status ?? -1)) throw new Error(run.stderr.toString('utf8'));
  const wallMs = performance.now() - began;
  return { ...(JSON.parse(spent) as Spent), wallMs, bytes: run.stdout.length };
}

export type FolderFigures = {
  readonly packs: number;
  readonly plain: Spent;
  readonly fresh: Spent;
  /** As `fresh`, by one thread, which holds more at a time than one of several. */
  readonly alone: Spent;
  readonly known: Spent;
  readonly newDay: Spent;
  readonly floor: ReturnType<typeof signatureFloor>;
};

/** So many servers, and days of each. */
export function measureFolder(servers: number, days: number): FolderFigures {
  const folder = mkdtempSync(join(tmpdir(), 'affiant-bench-audit-'));
  try {
    const keys = seriesKeys();
    const last = addDays(first, days - 1);
    const lastPacks: [string, Uint8Array][] = [];
    let packs = 0;
    for (let server = 0; server < servers; server += 1) {
      const life = fixture(fixtureNames[server % fixtureNames.length] ?? 'good');
      const place = join(folder, 'packs', String(server));
      mkdirSync(place, { recursive: true });
      for (const pack of packsOf({ ...life, name: `server ${server}`, from: first, to: last }, keys)) {
        const file = join(place, pack.name.replaceAll('/', '-'));
        if (pack.day === last) lastPacks.push([file, pack.bytes]);
        else writeFileSync(file, pack.bytes);
        packs += 1;
      }
    }
    writeFileSync(join(folder, 'server.pem'), keys.signer.publicKeyPem);
    writeFileSync(join(folder, 'log.vkey'), `${keys.log.verifierKey}\n`);
    const args = ['findings', '--packs', join(folder, 'packs'), '--key', join(folder, 'server.pem')];
    args.push(
      '--log-key',
      join(folder, 'log.vkey'),
      '--at',
      last,
      '--cache',
      join(folder, 'cache'),
      '--format',
      'json',
    );
    const written = Date.now();
    const plain = affiant(args.filter((_, at) => at !== args.indexOf('--cache') && at !== args.indexOf('--cache') + 1));
    const fresh = affiant(args);
    const alone = affiant([...args.with(args.indexOf('--cache') + 1, join(folder, 'alone')), '--threads', '1']);
    // By the next evening a file is known by its times (decision 094); one that is younger is hashed once more.
    const young = settledAfterMs - (Date.now() - written);
    if (young > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, young);
    affiant(args);
    const known = affiant(args);
    for (const [file, bytes] of lastPacks) writeFileSync(file, bytes);
    const newDay = affiant(args);
    const log = logVerifierFromKey(keys.log.verifierKey);
    if (!log.ok) throw new Error(log.refusal.message);
    const floor = signatureFloor(join(folder, 'packs'), verificationKeyOf(keys.signer), log.value);
    return { packs, plain, fresh, alone, known, newDay, floor };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function judged(goal: boolean): string {
  return goal ? 'met' : 'MISSED';
}

if (import.meta.main) {
  const servers = Number(process.argv[2] ?? 24);
  const days = Number(process.argv[3] ?? 400);
  const all = { servers: 1000, days: 400 };
  // What a fleet costs lies in the second half of the sample: the first one pays for engines that have yet to learn.
  const half = measureFolder(Math.ceil(servers / 2), days);
  const sample = measureFolder(servers, days);
  const { packs } = sample;
  const rest = (all.servers * all.days - packs) / (packs - half.packs);
  const line = (what: string, of: (figures: FolderFigures) => Spent, goalMs: number): void => {
    const { cpuMs, wallMs, peakMiB } = of(sample);
    const more = cpuMs - of(half).cpuMs;
    const told = wallMs + (wallMs - of(half).wallMs) * rest;
    process.stdout.write(
      `  ${what.padEnd(44)} ${(cpuMs / 1000).toFixed(2).padStart(8)} s CPU, ${(wallMs / 1000).toFixed(2)} s wall, ${(more / (packs - half.packs)).toFixed(3)} ms CPU a pack, peak ${peakMiB.toFixed(0)} MiB; told for ${all.servers} × ${all.days}: ${(told / 1000).toFixed(0)} s wall, goal ${goalMs / 1000} s ${judged(told < goalMs)}\n`,
    );
  };
  line('from scratch, every pack verified', ({ plain }) => plain, 60_000);
  line('the same, filling a cache', ({ fresh }) => fresh, 60_000);
  line('filling a cache, by one thread', ({ alone }) => alone, 60_000);
  line('one new day: its packs verified, all folded', ({ newDay }) => newDay, 1000);
  line('nothing new', ({ known }) => known, 1000);
  const { statementMs, checkpointMs } = sample.floor;
  const wholeFloor = (eachMs: number): string =>
    `${((eachMs * all.servers * all.days) / availableParallelism() / 1000).toFixed(0)} s`;
  process.stdout.write(
    `  floor, signatures alone: ${statementMs.toFixed(3)} ms CPU the server's, ${checkpointMs.toFixed(3)} ms a checkpoint's; for ${all.servers} × ${all.days} on ${availableParallelism()} processors ${wholeFloor(statementMs + checkpointMs)} where each pack has a checkpoint of its own, as here, ${wholeFloor(statementMs)} where they share them\n`,
  );
  const { plain, fresh, alone, newDay, known } = sample;
  const peakMiB = Math.max(...[plain, fresh, alone, newDay, known].map((each) => each.peakMiB));
  process.stdout.write(`  memory under 400 MiB over the sample: ${judged(peakMiB < 400)}\n`);
}
