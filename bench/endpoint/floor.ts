/**
 * What no endpoint can leave out, in CPU time: each step as the plainest code does it, with nothing of ours around, in
 * processes of their own that are warm and have nothing else to collect. The endpoint's own CPU time a bundle is held
 * against the sum.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { keysFolder, load } from './processes.ts';

export type Floor = { readonly steps: readonly (readonly [string, number])[]; readonly totalMs: number };

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** CPU milliseconds a bundle, by step, of a file of `count` bundles, where `kept` were kept before. */
export async function measureFloor(file: string, count: number, kept: number): Promise<Floor> {
  const told = execFileSync(process.execPath, [here('floor-steps.ts'), file, keysFolder, String(kept)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const alone = JSON.parse(told) as [string, number][];
  const steps = [...alone, ['HTTP', await http(file, count)] as const];
  return { steps, totalMs: steps.reduce((sum, [, ms]) => sum + ms, 0) };
}

async function http(file: string, count: number): Promise<number> {
  const child = spawn(process.execPath, [here('floor-server.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const served = { url: String(line).trim(), child, logFile: '' };
    const spent = async (): Promise<number> => {
      const { user, system } = (await (await fetch(served.url)).json()) as NodeJS.CpuUsage;
      return (user + system) / 1000;
    };
    for (let posted = 0; posted < 6000; posted += count) await load(file, [served]);
    const before = await spent();
    await load(file, [served]);
    return ((await spent()) - before) / count;
  } finally {
    child.kill();
  }
}
