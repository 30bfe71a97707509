/** As run-cli.ts, without holding up this process: for commands that speak to a server in it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot, type Ran } from './run-cli.ts';

export async function runAffiant(args: readonly string[], environment: Record<string, string> = {}): Promise<Ran> {
  const { npm_lifecycle_event: _event, INIT_CWD: _cwd, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(projectRoot, 'agent', 'cli', 'affiant.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inherited, ...environment },
    timeout: 120_000,
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString('utf8');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}
