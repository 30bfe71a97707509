/** `npm run bench`: the figures of the product beside what they are compared with, measured in one run. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../packaging/build/bundle.ts';
import { buildExecutable } from '../packaging/build/executable.ts';
import { targets } from '../packaging/build/targets.ts';
import { aptCacheAsUsual } from './apt-cache.ts';
import { bigHost } from './big-host.ts';
import { compare, findProgram, peakMiB } from './measure.ts';
import { postedBytes } from './posted-bytes.ts';
import { residentAtRest } from './resident.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const affiant = [process.execPath, join(root, 'agent', 'cli', 'affiant.mjs')];

function goal(name: string, measured: number, limit: number, unit = ''): void {
  const verdict = measured < limit ? 'met' : 'MISSED';
  process.stdout.write(
    `  ${verdict.padEnd(6)}  ${name}: ${measured.toFixed(2)}${unit} (goal: under ${limit}${unit})\n`,
  );
}

function row(name: string, wallMs: number, cpuMs: number): void {
  process.stdout.write(
    `  ${name.padEnd(44)} ${wallMs.toFixed(0).padStart(7)} ms wall ${cpuMs.toFixed(0).padStart(7)} ms CPU\n`,
  );
}

async function collection(state: string): Promise<void> {
  process.stdout.write('\nWhole collection of this machine, medians of 5 rounds, the commands taking turns\n');
  const cleanUp = aptCacheAsUsual();
  try {
    await measured(state);
  } finally {
    cleanUp();
  }
}

/** What an installer brings; from the sources some five hundred files are found, read and linked at every start. */
async function installed(): Promise<string> {
  return buildExecutable(targets[process.arch === 'arm64' ? 'linux-arm64' : 'linux-x64'], await bundle()).file;
}

async function measured(state: string): Promise<void> {
  const sources = [...affiant, 'collect', '--state', state];
  const executable = [await installed(), 'collect', '--state', `${state}-executable`];
  const commands: Record<string, readonly string[]> = {
    'affiant collect, from the sources': sources,
    'affiant collect, the executable': executable,
  };
  const apt = findProgram('apt-get');
  const ansible = findProgram('ansible');
  if (apt !== undefined)
    commands['apt-get -s dist-upgrade'] = [apt, '-s', '-o', 'Debug::NoLocking=true', 'dist-upgrade'];
  else process.stdout.write('  left out: apt-get is not on this machine\n');
  if (ansible !== undefined) commands['ansible localhost -m setup'] = [ansible, 'localhost', '-m', 'setup'];
  else process.stdout.write('  left out: ansible is not on this machine (Debian package ansible-core)\n');
  const results = compare(commands, 5);
  for (const [name, { wallMs, cpuMs }] of Object.entries(results)) row(name, wallMs, cpuMs);
  const solver = results['apt-get -s dist-upgrade'];
  const setup = results['ansible localhost -m setup'];
  for (const [form, argv] of [
    ['from the sources', sources],
    ['the executable', executable],
  ] as const) {
    const own = results[`affiant collect, ${form}`];
    if (own === undefined) throw new Error('the collection was not measured');
    if (solver !== undefined)
      goal(`${form}, wall against apt-get -s dist-upgrade`, own.wallMs / solver.wallMs, 0.6, '×');
    if (setup !== undefined) {
      goal(`${form}, CPU against ansible -m setup`, own.cpuMs / setup.cpuMs, 1, '×');
      process.stdout.write(`          wall against ansible -m setup: ${(own.wallMs / setup.wallMs).toFixed(2)}×\n`);
    }
    readFromDisk(argv[0] ?? '');
    const { total, own: anonymous } = await peakMiB(argv);
    goal(`${form}, peak resident memory of the agent's own process`, total, 100, ' MiB');
    process.stdout.write(`          of which its own, not pages of files: ${anonymous.toFixed(1)} MiB\n`);
  }
}

/**
 * Lets go of what the kernel holds of a program's file (dd(1), iflag=nocache), so that it is read as on a server after
 * its boot. A file that was just written lies in the cache in larger pieces, and of each the kernel maps the whole:
 * 14 MiB more of the same program count as resident.
 */
function readFromDisk(program: string): void {
  spawnSync('sync', [program]);
  spawnSync('dd', [`if=${program}`, 'iflag=nocache', 'count=0', 'status=none']);
}

function startUp(): void {
  process.stdout.write('\nStart-up from source, medians of 15 rounds\n');
  const results = compare(
    { 'affiant --version': [...affiant, '--version'], 'node -e 0': [process.execPath, '-e', '0'] },
    15,
  );
  for (const [name, { wallMs, cpuMs }] of Object.entries(results)) row(name, wallMs, cpuMs);
  const own = results['affiant --version']?.wallMs ?? Number.NaN;
  goal('start-up against node -e 0', own / (results['node -e 0']?.wallMs ?? Number.NaN), 4, '×');
}

async function resident(state: string): Promise<void> {
  process.stdout.write('\nThe resident form between two turns\n');
  const { privateMiB, cpuMs, seconds } = await residentAtRest([...affiant, 'run', '--state', state], 65);
  goal('private memory (Private_Dirty and Private_Clean)', privateMiB, 20, ' MiB');
  goal(`CPU in ${seconds} s, one look at the clock among them`, cpuMs, 65, ' ms');
}

function sizes(folder: string): void {
  process.stdout.write('\nReplayed servers, medians of 5 rounds taking turns\n');
  const { small, big } = bigHost(folder, affiant, 5);
  row('700 packages, 25 accounts', small.wallMs, small.cpuMs);
  row('5,000 packages, 500 accounts', big.wallMs, big.cpuMs);
  goal('5,000 packages and 500 accounts against 700 and 25, wall', big.wallMs / small.wallMs, 3, '×');
  goal('the same, CPU', big.cpuMs / small.cpuMs, 3, '×');
}

async function posting(folder: string): Promise<void> {
  process.stdout.write('\nBytes on the wire, headers included, of this machine recorded and played again\n');
  const { first, unchanged, newMetadata } = await postedBytes(folder);
  process.stdout.write(`          first bundle: ${first} bytes\n`);
  goal('nothing changed', unchanged, 4096, ' bytes');
  goal('a day with new package metadata and 12 more updates', newMetadata, 12_288, ' bytes');
}

const folder = mkdtempSync(join(tmpdir(), 'affiant-bench-'));
try {
  process.stdout.write(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}\n`);
  startUp();
  await collection(join(folder, 'state'));
  await resident(join(folder, 'state'));
  sizes(folder);
  await posting(folder);
} finally {
  rmSync(folder, { recursive: true });
}
