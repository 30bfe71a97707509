/** Runs `affiant sweep` in this process on a hosts file of the lab. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../agent/cli/commands/sweep.ts';
import type { Io } from '../../../agent/cli/io.ts';
import { decodeSweep } from '../../../evidence/sweep.ts';
import type { SweepPredicate, SweptHost } from '../../../schemas/generated/types.ts';
import { valueOf } from '../../evidence/sample.ts';
import { type Lab, rootAccount, type Sshd } from './lab.ts';

export type Ran = {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What the signed summary says; undefined where there is none. */
  readonly summary: SweepPredicate | undefined;
  readonly host: (name: string) => SweptHost | undefined;
};

let count = 0;

/** A folder name that nobody used. */
export function newOut(lab: Lab): string {
  count += 1;
  return join(lab.folder, `out-${count}`);
}

/** Writes the file known_hosts of the lab, and answers its name as a hosts file says it. */
export function knownIn(lab: Lab, lines: readonly string[]): string {
  writeFileSync(join(lab.folder, 'known_hosts'), lines.join(''));
  return 'known_hosts';
}

/** What hosts of a sweep have in common. */
export function loginAt(sshd: Sshd, user = rootAccount): object {
  return { user, keyFile: 'client', port: sshd.port, connectTimeoutSeconds: 30 };
}

export async function sweep(lab: Lab, hosts: object, out: string, ...more: readonly string[]): Promise<Ran> {
  const file = join(lab.folder, 'hosts.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(hosts, undefined, 1));
  let stdout = '';
  let stderr = '';
  const io: Io = {
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
    refused: ({ message, remedy }) => {
      stderr += `${message}\n${remedy ?? ''}\n`;
    },
    path: (given) => given,
    environment: { AFFIANT_STATE: join(lab.folder, 'state') },
    stdout: {},
    stderr: {},
  };
  const code = await run([file, '--out', out, ...more], io);
  const summaryFile = join(out, 'sweep.json');
  const summary = existsSync(summaryFile) ? valueOf(decodeSweep(readFileSync(summaryFile))).predicate : undefined;
  return { code, out: stdout, err: stderr, summary, host: (name) => summary?.hosts.find((each) => each.name === name) };
}
