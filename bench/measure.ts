/** Times whole programs beside each other in one run: what counts is the ratio, not the second. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Measured = { readonly wallMs: number; readonly cpuMs: number };

/**
 * Runs a command through a tiny parent of its own: the kernel tells the CPU time of ended children
 * only as a sum over all of them (proc_pid_stat(5)).
 */
export function measure(argv: readonly string[], environment: NodeJS.ProcessEnv = process.env): Measured {
  const parent = `
    const { spawnSync } = require('node:child_process');
    const started = process.hrtime.bigint();
    const done = spawnSync(${JSON.stringify(argv[0])}, ${JSON.stringify(argv.slice(1))}, { stdio: ['ignore', 'ignore', 'ignore'] });
    const wall = Number(process.hrtime.bigint() - started) / 1e6;
    const { readFileSync } = require('node:fs');
    // cutime and cstime of proc_pid_stat(5), fields 16 and 17, in clock ticks of 10 ms.
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
    process.stdout.write(JSON.stringify({ status: done.status, wallMs: wall, cpuMs: (Number(fields[13]) + Number(fields[14])) * 10 }));`;
  const run = spawnSync(process.execPath, ['-e', parent], { env: environment, encoding: 'utf8' });
  const read = JSON.parse(run.stdout) as { status: number | null; wallMs: number; cpuMs: number };
  if (read.status !== 0) throw new Error(`${argv.join(' ')} ended with ${read.status}`);
  return { wallMs: read.wallMs, cpuMs: read.cpuMs };
}

/** Alternates the commands, so that a slow moment of the machine hits all of them; medians. */
export function compare(
  commands: Readonly<Record<string, readonly string[]>>,
  rounds: number,
): Record<string, Measured> {
  const runs = new Map<string, Measured[]>();
  for (let round = 0; round < rounds; round += 1)
    for (const [name, argv] of Object.entries(commands)) runs.set(name, [...(runs.get(name) ?? []), measure(argv)]);
  return Object.fromEntries(
    [...runs].map(([name, list]) => [
      name,
      { wallMs: median(list.map((run) => run.wallMs)), cpuMs: median(list.map((run) => run.cpuMs)) },
    ]),
  );
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/**
 * The peak resident memory of one command's own process in MiB, as the kernel counted it (VmHWM), and the most that
 * was seen of it that is no page of a file (RssAnon, proc_pid_status(5)); sampled until it ends.
 */
export async function peakMiB(argv: readonly string[]): Promise<{ readonly total: number; readonly own: number }> {
  const { spawn } = await import('node:child_process');
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { stdio: 'ignore' });
  const status = join('/proc', String(child.pid), 'status');
  let total = 0;
  let own = 0;
  while (child.exitCode === null && child.signalCode === null) {
    if (existsSync(status)) {
      const text = safeRead(status);
      const member = (name: string): number =>
        Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024;
      total = Math.max(total, member('VmHWM'));
      own = Math.max(own, member('RssAnon'));
    }
    await new Promise((done) => {
      setTimeout(done, 10);
    });
  }
  return { total, own };
}

function safeRead(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Whether a program is there at all; a comparison without it is left out aloud. */
export function findProgram(name: string): string | undefined {
  return ['/usr/bin', '/bin', '/usr/sbin', '/usr/local/bin']
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}
