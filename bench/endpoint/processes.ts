/** The processes of the measurement, endpoints and load, in a folder that goes away. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeSender, type Sender } from './bundles.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const program = here('../../agent/cli/affiant.mjs');
export const folder = mkdtempSync(join(tmpdir(), 'affiant-bench-endpoint-'));
export const senders = Array.from({ length: 32 }, makeSender);
/** Public keys by their ids. */
export const keysFolder = join(folder, 'keys');
mkdirSync(keysFolder);
const keyFiles = senders.map(({ signer }) => {
  const file = join(keysFolder, `${signer.keyId}.pem`);
  writeFileSync(file, signer.publicKeyPem);
  return file;
});

export type Served = { readonly url: string; readonly child: ChildProcess; readonly logFile: string };
export type Load = {
  readonly answers: Record<string, number>;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
  /** By how much the load's own event loop was late, at the 99th percentile, above the millisecond that it is asked every. */
  readonly lateMs: number;
};

/** AFFIANT_BENCH_PROFILE=FOLDER leaves a CPU profile of each endpoint there. */
const profileFolder = process.env['AFFIANT_BENCH_PROFILE'];
const profiled = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];

/**
 * `affiant serve` as an operator runs it: its log goes to a file, its metrics count, its watch looks; `more` are further
 * settings of `serve:`. Endpoints of one name share a state folder. The quotas are out of the way, since the figure is
 * what the machine can.
 */
export async function serve(name: string, more: object = {}): Promise<Served> {
  const state = join(folder, name);
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const file = join(state, `config-${started}.yaml`);
  const logName = `log-${started}`;
  const logFile = join(state, logName);
  const log = openSync(logFile, 'w');
  started += 1;
  const quota = { bundlesPerHour: 1_000_000, bytesPerHour: Number.MAX_SAFE_INTEGER };
  const settings = { listen: '127.0.0.1:0', origin: 'log.affiant.example', trustKeyFiles: keyFiles, quota, ...more };
  writeFileSync(file, JSON.stringify({ serve: settings }));
  const child = spawn(process.execPath, [...profiled, program, 'serve', '--state', state, '--config', file], {
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  children.add(child);
  const { stdout } = child;
  if (stdout === null) throw new Error('the endpoint has no output');
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`affiant serve ended with ${String(code)}: ${readFileSync(logFile, 'utf8')}`);
  });
  const [line] = (await Promise.race([once(stdout, 'data'), died])) as [Buffer];
  // It will be killed.
  died.catch(() => {});
  return { url: String(line).trim(), child, logFile };
}

let started = 0;
const children = new Set<ChildProcess>();

export async function stop({ child }: Served): Promise<void> {
  const gone = once(child, 'exit');
  child.kill(profileFolder === undefined ? 'SIGKILL' : 'SIGTERM');
  await gone;
}

/** proc_pid_stat(5): utime and stime in ticks of 10 ms, of the process with all its threads. */
export function cpuSeconds({ child }: Served): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export function rssMiB({ child }: Served): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

export function write(name: string, bundles: readonly { key: string; wire: Uint8Array }[]): string {
  const file = join(folder, name);
  writeFileSync(
    file,
    bundles.map(({ key, wire }) => JSON.stringify({ key, wire: Buffer.from(wire).toString('base64') })).join('\n'),
  );
  return file;
}

export function make(count: number, of: (sender: Sender) => Uint8Array): { key: string; wire: Uint8Array }[] {
  return Array.from({ length: count }, (_, index) => {
    const sender = senders[index % senders.length] ?? makeSender();
    return { key: sender.signer.keyId, wire: of(sender) };
  });
}

export async function load(
  file: string,
  served: readonly Served[],
  { concurrency = 32, fresh = false, rate = 0, ca = '-' } = {},
): Promise<Load> {
  const child = spawn(
    process.execPath,
    [here('load.ts'), file, String(concurrency), fresh ? '1' : '0', String(rate), ca, ...served.map(({ url }) => url)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'exit');
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Load;
}

/** Ends what still runs and removes the folder. */
export function clear(): void {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

/** proc_stat(5): the processors' ticks of 10 ms in work and altogether, of the whole machine. */
export function machineTicks(): { readonly busy: number; readonly all: number } {
  const ticks = readFileSync('/proc/stat', 'utf8').split('\n')[0]?.split(/\s+/).slice(1, 9).map(Number) ?? [];
  const all = ticks.reduce((sum, value) => sum + value, 0);
  // The fourth and fifth are idle, and waiting for the disk.
  return { busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0), all };
}
