/**
 * The one place where anything is written for a shell: sshd hands every command to the login shell of the
 * account (RFC 4254 section 6.5), so each argument is quoted here, and nowhere else.
 */
import { childEnvironment } from '../environment.ts';

/** Where every distribution has them, /usr merged or not. */
export const remoteTools = {
  id: '/usr/bin/id',
  env: '/usr/bin/env',
  timeout: '/usr/bin/timeout',
  sudo: '/usr/bin/sudo',
  ls: '/bin/ls',
  uname: '/bin/uname',
} as const;

/** How a command becomes root, where it has to: not at all, by sudo without a password, or with one on standard input. */
export type SudoWay = 'none' | 'no-password' | 'password';

/**
 * How a line proves as whom it runs: by id(1), or by the shell's own look at what it is, which starts no program: the
 * effective user id in /proc/self/status (proc_pid_status(5)). Under sudo it is not the shell that is asked.
 */
export type Proof = 'id' | 'shell';

/** Ends the shell where there is no such line: what a program prints is never taken for the proof. */
const shellProof =
  '{ u=; while read -r k r e x; do case $k in Uid:) u=$e; break;; esac; done </proc/self/status; echo ${u:?}; }';

/** One word of a POSIX shell, whatever is in it (XCU 2.2.2). */
export function quoted(argument: string): string {
  if (argument.includes('\0')) throw new RangeError('no program takes a NUL in an argument');
  return `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * The line that runs `argv` and proves first as whom: a mark of this run alone, the effective user id, by
 * id(1) in the very same way or by the shell, and then, in its place, the program. What the account's start files print
 * comes before the mark. The environment is ours, the working folder `/`.
 */
export function provenLine(
  argv: readonly string[],
  mark: string,
  {
    sudo,
    input,
    deadlineSeconds,
    proof: by = 'id',
  }: { sudo: SudoWay; input: 'none' | 'channel'; deadlineSeconds?: number; proof?: Proof },
): string {
  const clean = [
    remoteTools.env,
    '-i',
    ...Object.entries(childEnvironment()).map(([name, value]) => `${name}=${value}`),
  ];
  const asRoot = sudoWords(sudo, mark);
  // The server ends it too, should the connection break. Under sudo its rules do (TIMEOUT=): nobody else may.
  const bounded =
    sudo === 'none' && deadlineSeconds !== undefined
      ? [remoteTools.timeout, '-s', 'KILL', String(deadlineSeconds)]
      : [];
  // sudo takes its password from the channel and leaves the rest of it to the program.
  const from = input === 'none' && sudo !== 'password' ? ' </dev/null' : '';
  const proof =
    by === 'shell' && sudo === 'none' ? shellProof : `${line([...clean, ...asRoot, remoteTools.id, '-u'])}${from}`;
  return `cd / && echo ${mark} && ${proof} && exec ${line([...clean, ...asRoot, ...bounded, ...argv])}${from}`;
}

/** `-k`: a password that is asked for is not remembered on the server. `-u '#0'`: as root or not at all. */
export function sudoWords(sudo: SudoWay, mark: string): readonly string[] {
  if (sudo === 'none') return [];
  const how = sudo === 'password' ? ['-k', '-S', '-p', promptOf(mark)] : ['-n'];
  return [remoteTools.sudo, ...how, '-u', '#0', '--'];
}

/** What sudo writes to standard error when it waits for the password. */
export function promptOf(mark: string): string {
  return `${mark}?`;
}

function line(words: readonly string[]): string {
  return words.map(quoted).join(' ');
}
