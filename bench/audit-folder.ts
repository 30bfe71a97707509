/**
 * The real path of an audit: `affiant findings` as a process of its own over a folder of signed packs, with every
 * pack new, with every pack known to the cache, and with one new day. The folder holds a sample of the fleet, since
 * signing 400,000 packs takes longer than reading them; figures for the whole are told from it, and say so.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addDays, type Day } from '../audit/days.ts';
import { fixture, fixtureNames } from '../tools/case/fixtures.ts';
import { packsOf, seriesKeys } from '../tools/case/series.ts';

const first: Day = '2020-08-01';
const program = fileURLToPath(new URL('../agent/cli/affiant.mjs', import.meta.url));

type Spent = { readonly cpuMs: number; readonly peakMiB: number };

/** The process itself says at its end what it took (getrusage(2)). */
const tell = `data:text/javascript,${encodeURIComponent(
  `process.on('exit', () => { const { userCPUTime: u, systemCPUTime: s, maxRSS: m } = process.resourceUsage(); process.stderr.write('\\nSPENT ' + JSON.stringify({ cpuMs: (u + s) / 1000, peakMiB: m / 1024 })); });`,
)}`;

function affiant(args: readonly string[]): Spent & { readonly bytes: number } {
  const run = spawnSync(process.execPath, ['--import', tell, program, ...args], { maxBuffer: 2 ** 30 });
  const spent = /\nSPENT (.*)$/.exec(run.stderr.toString('utf8'))?.[1];
  if (spent === undefined || (run.status !== 0 && run.status !== 1)) throw new Error(run.stderr.toString('utf8'));
  return { ...(JSON.parse(spent) as Spent), bytes: run.stdout.length };
}

export type FolderFigures = {
  readonly packs: number;
  readonly fresh: Spent;
  readonly known: Spent;
  readonly newDay: Spent;
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
    const fresh = affiant(args);
    for (const [file, bytes] of lastPacks) writeFileSync(file, bytes);
    const newDay = affiant(args);
    const known = affiant(args);
    return { packs, fresh, known, newDay };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function judged(goal: boolean): string {
  return goal ? 'met' : 'MISSED';
}

if (import.meta.main) {
  const servers = Number(process.argv[2] ?? 20);
  const days = Number(process.argv[3] ?? 400);
  const all = { servers: 1000, days: 400 };
  const least = measureFolder(1, 2);
  const sample = measureFolder(servers, days);
  const { packs } = sample;
  const factor = (all.servers * all.days - least.packs) / (packs - least.packs);
  const line = (what: string, of: (figures: FolderFigures) => Spent, goalMs: number): void => {
    const { cpuMs, peakMiB } = of(sample);
    const more = cpuMs - of(least).cpuMs;
    const told = of(least).cpuMs + more * factor;
    process.stdout.write(
      `  ${what.padEnd(44)} ${(cpuMs / 1000).toFixed(2).padStart(8)} s CPU, ${(more / (packs - least.packs)).toFixed(3)} ms a pack, peak ${peakMiB.toFixed(0)} MiB; told for ${all.servers} × ${all.days}: ${(told / 1000).toFixed(0)} s, goal ${goalMs / 1000} s ${judged(told < goalMs)}\n`,
    );
  };
  process.stdout.write(
    `affiant findings --cache over a sample, its packs signed here: ${servers} servers × ${days} days, ${packs} packs\n`,
  );
  line('from scratch, every pack verified', ({ fresh }) => fresh, 60_000);
  line('one new day: its packs verified, all folded', ({ newDay }) => newDay, 1000);
  line('nothing new', ({ known }) => known, 1000);
  process.stdout.write(
    `  memory under 400 MiB over the sample: ${judged(Math.max(...[sample.fresh, sample.newDay, sample.known].map(({ peakMiB }) => peakMiB)) < 400)}\n`,
  );
}
