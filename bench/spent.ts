/** The program as a process of its own, and what it took: it says so itself at its end (getrusage(2)). */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../agent/cli/affiant.mjs', import.meta.url));
const tell = `data:text/javascript,${encodeURIComponent(
  `process.on('exit', () => { const { userCPUTime: u, systemCPUTime: s, maxRSS: m } = process.resourceUsage(); process.stderr.write('\\nSPENT ' + JSON.stringify({ cpuMs: (u + s) / 1000, peakMiB: m / 1024 })); });`,
)}`;

export type Spent = { readonly cpuMs: number; readonly peakMiB: number };

/** Throws where it ends by a fault or a signal; a finding or a refusal of a pack is no fault. */
export function spentBy(args: readonly string[]): Spent {
  const run = spawnSync(process.execPath, ['--import', tell, program, ...args], { maxBuffer: 2 ** 30 });
  const told = run.stderr.toString('utf8');
  const spent = /\nSPENT (.*)$/.exec(told)?.[1];
  if (spent === undefined || (run.status !== 0 && run.status !== 1 && run.status !== 3)) throw new Error(told);
  return JSON.parse(spent) as Spent;
}
