/** What a command may do with the terminal, and where the user stands. */
import { writeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Refusal } from '../../evidence/result.ts';
import { forTerminal } from './render/escape.ts';

export type Io = {
  /** Writes to standard output: the command's own result, nothing else. */
  readonly out: (text: string) => void;
  /** Writes to standard error: progress, warnings, errors. */
  readonly err: (text: string) => void;
  /** Says why something was refused, and what helps. */
  readonly refused: (refusal: Refusal) => void;
  /** A path as the user meant it. */
  readonly path: (given: string) => string;
  readonly environment: NodeJS.ProcessEnv;
  readonly stdout: { isTTY?: boolean; columns?: number };
  readonly stderr: { isTTY?: boolean; columns?: number };
};

/** npm runs scripts in the project's folder; INIT_CWD says where the user was. */
function standsAt(environment: NodeJS.ProcessEnv): string {
  const asked = environment['INIT_CWD'];
  return environment['npm_lifecycle_event'] !== undefined && asked !== undefined ? asked : process.cwd();
}

function write(descriptor: 1 | 2, text: string): void {
  // Synchronous, so that nothing is lost when the process ends right after; a full pipe says EAGAIN.
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

export function processIo(): Io {
  const at = standsAt(process.env);
  const err = (text: string): void => write(2, text);
  return {
    out: (text) => write(1, text),
    err,
    refused: (refusal) => {
      const pointer =
        refusal.pointer === undefined || refusal.pointer === '' ? '' : ` (at ${forTerminal(refusal.pointer)})`;
      err(`affiant: ${forTerminal(refusal.message)}${pointer}\n`);
      if (refusal.remedy !== undefined) err(`  remedy: ${forTerminal(refusal.remedy)}\n`);
    },
    path: (given) => resolve(at, given),
    environment: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
  };
}
