/**
 * `npm run bench:package`: what the packages weigh, how quickly the executable answers beside a bare Node, and what a
 * whole collection by it costs beside the same by Node from the sources. Ratios of one run.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { bundle } from '../packaging/build/bundle.ts';
import { buildExecutable } from '../packaging/build/executable.ts';
import { buildInstaller, installersFor, packageOptions } from '../packaging/build/installers.ts';
import { targets } from '../packaging/build/targets.ts';
import { compare } from './measure.ts';

const megabytes = (file: string): string => `${(statSync(file).size / 1e6).toFixed(1)} MB`;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const parts = await bundle();
const here = process.arch === 'arm64' ? targets['linux-arm64'] : targets['linux-x64'];
const { file } = buildExecutable(here, parts);
say(`executable ${here.name}: ${megabytes(file)}`);
for (const target of [here, targets['win-x64']]) {
  const executable = buildExecutable(target, parts);
  for (const kind of installersFor(executable)) {
    const installer = buildInstaller(kind, executable, parts, packageOptions());
    say(`${basename(installer)}: ${megabytes(installer)}${kind === 'deb' ? ' (limit 32 MB)' : ''}`);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'affiant-bench-'));
try {
  const main = join(import.meta.dirname, '../agent/cli/affiant.mjs');
  const state = (name: string): string[] => ['--state', join(folder, name)];
  const start = compare(
    {
      bare: [process.execPath, '-e', '0'],
      executable: [file, '--version'],
      sources: [process.execPath, main, '--version'],
    },
    15,
  );
  const collection = compare(
    {
      sources: [process.execPath, main, 'collect', ...state('sources')],
      executable: [file, 'collect', ...state('executable')],
    },
    7,
  );
  const ratio = (one: number, other: number): string => (one / other).toFixed(2);
  for (const [name, { wallMs, cpuMs }] of Object.entries(start))
    say(`start, ${name}: ${wallMs.toFixed(0)} ms wall, ${cpuMs.toFixed(0)} ms CPU`);
  const [version, bare] = [start['executable'], start['bare']];
  say(
    `--version by the executable / a bare Node: ${ratio(version?.wallMs ?? 0, bare?.wallMs ?? 1)} wall, ${ratio(version?.cpuMs ?? 0, bare?.cpuMs ?? 1)} CPU (goal: 50 ms wall, of which a bare Node takes ${(bare?.wallMs ?? 0).toFixed(0)} here)`,
  );
  for (const [name, { wallMs, cpuMs }] of Object.entries(collection))
    say(`collection, ${name}: ${wallMs.toFixed(0)} ms wall, ${cpuMs.toFixed(0)} ms CPU`);
  const [mine, theirs] = [collection['executable'], collection['sources']];
  say(
    `collection by the executable / by Node: ${ratio(mine?.wallMs ?? 0, theirs?.wallMs ?? 1)} wall, ${ratio(mine?.cpuMs ?? 0, theirs?.cpuMs ?? 1)} CPU (limit 1.15)`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
