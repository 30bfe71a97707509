/** `affiant serve` in a process of its own, with a configuration in a folder that goes away. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Config } from '../../schemas/generated/types.ts';
import { projectRoot } from '../agent/cli/run-cli.ts';
import type { Agent } from './agent.ts';

export type LogLine = Readonly<Record<string, unknown>> & { readonly event: string };

export type ServeProcess = {
  readonly folder: string;
  readonly url: URL;
  readonly child: ChildProcess;
  /** Every line of standard error so far, which must each be one JSON object. */
  lines(): LogLine[];
  /** The first line of that event, also a later one. */
  heard(event: string, matches?: (line: LogLine) => boolean): Promise<LogLine>;
  /** SIGTERM; the exit code. */
  end(): Promise<number | null>;
  remove(): void;
};

export async function startServing(
  agents: readonly Agent[],
  serve: NonNullable<Config['serve']> = {},
  folder = mkdtempSync(join(tmpdir(), 'affiant-serve-')),
): Promise<ServeProcess> {
  const keys = agents.map(({ signer }, index) => {
    const file = join(folder, `${index}.pem`);
    writeFileSync(file, signer.publicKeyPem);
    return file;
  });
  mkdirSync(join(folder, 'state'), { recursive: true, mode: 0o700 });
  const file = join(folder, 'affiant.yaml');
  writeFileSync(file, stringify({ serve: { listen: '127.0.0.1:0', trustKeyFiles: keys, ...serve } }), { mode: 0o600 });
  const main = join(projectRoot, 'agent', 'cli', 'affiant.mjs');
  const child = spawn(process.execPath, [main, 'serve', '--config', file, '--state', join(folder, 'state')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let err = '';
  const waiting: (() => void)[] = [];
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString('utf8');
    for (const wake of waiting.splice(0)) wake();
  });
  const exited = once(child, 'exit');
  const lines = (): LogLine[] =>
    err
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine);
  const died = exited.then(([code]) => assert.fail(`serve ended at its start with ${String(code)}: ${err}`));
  const [line] = (await Promise.race([once(child.stdout, 'data'), died])) as [Buffer];
  died.catch(() => {});
  return {
    folder,
    url: new URL(line.toString().trim()),
    child,
    lines,
    async heard(event, matches = () => true) {
      for (;;) {
        const found = lines().find((one) => one.event === event && matches(one));
        if (found !== undefined) return found;
        await Promise.race([
          new Promise<void>((wake) => waiting.push(wake)),
          exited.then(() => assert.fail(`serve ended without ${event}: ${err}`)),
          new Promise((_, reject) => {
            setTimeout(() => reject(new Error(`no ${event} came: ${err}`)), 15_000).unref();
          }),
        ]);
      }
    },
    async end() {
      child.kill('SIGTERM');
      const [code] = (await exited) as [number | null];
      return code;
    },
    remove() {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
