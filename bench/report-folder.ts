/**
 * What a report, a plan and an export over a fleet hold: `npm run bench:report`. Peak memory of a process of its own
 * over a folder of signed packs, of so many servers and of four times as many; entries that a cache has are let go, so
 * what grows is what is said of each server, not its bundles.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addDays, type Day } from '../audit/days.ts';
import { fixture, fixtureNames } from '../tools/case/fixtures.ts';
import { packsOf, seriesKeys } from '../tools/case/series.ts';
import { spentBy } from './spent.ts';

const first: Day = '2020-08-01';
const days = 40;
const small = 15;
const plan = join(import.meta.dirname, '../docs/examples/odpa-msg-plan.yaml');

const folder = mkdtempSync(join(tmpdir(), 'affiant-bench-report-'));
try {
  const keys = seriesKeys();
  const last = addDays(first, days - 1);
  writeFileSync(join(folder, 'server.pem'), keys.signer.publicKeyPem);
  const written = (servers: number): string => {
    const packs = join(folder, String(servers));
    for (let server = 0; server < servers; server += 1) {
      const life = fixture(fixtureNames[server % fixtureNames.length] ?? 'good');
      const place = join(packs, String(server));
      mkdirSync(place, { recursive: true });
      for (const pack of packsOf({ ...life, name: `server ${server}`, from: first, to: last }, keys))
        writeFileSync(join(place, pack.name), pack.bytes);
    }
    return packs;
  };
  const folders = [small, 4 * small].map((servers) => ({ servers, packs: written(servers) }));
  const cases: Readonly<Record<string, readonly string[]>> = {
    'report, a page a server': ['report', '--out', join(folder, 'pages/')],
    'plan check': ['plan', 'check', '--plan', plan],
    'export ocsf': ['export', 'ocsf', '--out', join(folder, 'ocsf.ndjson')],
  };
  mkdirSync(join(folder, 'pages'));
  const given = (packs: string): string[] => ['--packs', packs, '--key', join(folder, 'server.pem'), '--at', last];
  // What fills a cache verifies every pack, and is no measure of what reads it.
  for (const { servers, packs } of folders)
    spentBy(['history', ...given(packs), '--cache', join(folder, `cache-${servers}`)]);
  for (const [what, words] of Object.entries(cases))
    for (const cached of [false, true]) {
      const peaks = folders.map(({ servers, packs }) => {
        const cache = cached ? ['--cache', join(folder, `cache-${servers}`)] : [];
        return { packs: servers * days, ...spentBy([...words, ...given(packs), ...cache]) };
      });
      const text = peaks.map(
        ({ packs, peakMiB, cpuMs }) =>
          `${packs} packs ${peakMiB.toFixed(0)} MiB, ${(cpuMs / 1000).toFixed(1)} s of processor`,
      );
      process.stdout.write(`${`${what}${cached ? ', with a cache' : ''}`.padEnd(40)} ${text.join('; ')}\n`);
    }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
