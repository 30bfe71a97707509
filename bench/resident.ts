/** What the resident form holds and burns while it waits for its turn. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

export type Resident = { readonly privateMiB: number; readonly cpuMs: number; readonly seconds: number };

/** `command` with a state folder in which the last run is fresh, so that it sleeps at once. */
export async function residentAtRest(command: readonly string[], seconds: number): Promise<Resident> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: 'ignore' });
  const of = (file: string): string => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  try {
    for (let tries = 0; !of('cmdline').startsWith('affiant-sleeps') && tries < 300; tries += 1) await wait(100);
    // Private_Clean counts a file's pages that nobody else maps at the moment, too (proc_pid_smaps(5)).
    const kib = [...of('smaps_rollup').matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm)].map(([, each]) =>
      Number(each),
    );
    const before = cpuTicks(of('stat'));
    await wait(seconds * 1000);
    return {
      privateMiB: kib.reduce((sum, each) => sum + each, 0) / 1024,
      cpuMs: (cpuTicks(of('stat')) - before) * 10,
      seconds,
    };
  } finally {
    child.kill('SIGTERM');
  }
}

/** User and system time with that of ended children, fields 14 to 17 of proc_pid_stat(5), in ticks of 10 ms. */
function cpuTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
}
