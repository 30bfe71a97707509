/** Runs the command line as a user would: a process of its own, no terminal. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const main = join(projectRoot, 'agent', 'cli', 'affiant.mjs');

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

export function affiant(args: readonly string[], environment: Record<string, string> = {}): Ran {
  const { npm_lifecycle_event: _event, INIT_CWD: _cwd, ...inherited } = process.env;
  const ran = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env: { ...inherited, ...environment },
    maxBuffer: 64 * 1024 * 1024,
    timeout: 120_000,
  });
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}
