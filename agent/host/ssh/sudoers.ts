/**
 * The rules of sudo for a sweep: every command that needs root, each with its exact arguments. No wildcard: in sudoers
 * one matches blanks and slashes too (sudoers(5)), so that it grants what nobody meant.
 */
import { type CommandSpec, commands } from '../commands.ts';
import { remoteTools } from './command-line.ts';
import { sftpServers } from './greeting.ts';

/** A run over one server takes seconds; whatever is left after this long is ended by sudo itself. */
const sftpSeconds = 900;

export type SudoersOptions = { readonly user: string; readonly password: boolean };

export type Granted = {
  readonly argv: readonly string[];
  /** Seconds, by TIMEOUT= (sudo 1.8.20 and newer). */
  readonly timeout: number;
  readonly reason: string;
};

/** The exact argvs that are granted, in the order of the file. */
export function granted(): readonly Granted[] {
  const entries = Object.entries<CommandSpec>(commands).filter(
    ([, spec]) => spec.privilege === 'root' && onLinux(spec),
  );
  return [
    { argv: [remoteTools.id, '-u'], timeout: 10, reason: 'the proof that a command runs as root' },
    ...sftpServers.map((program) => ({
      argv: [program, '-R'],
      timeout: sftpSeconds,
      reason: 'files, read-only: sftp-server refuses every request that changes one (sftp-server(8))',
    })),
    ...entries
      // What follows the fixed arguments differs from server to server: it cannot stand here.
      .filter(([, { rest }]) => rest === undefined)
      .flatMap(([, { programs, args, timeoutMs = 30_000, reason }]) =>
        programs.map((program) => ({ argv: [program, ...args], timeout: Math.ceil(timeoutMs / 1000) + 5, reason })),
      ),
  ];
}

/** Commands that need root and are not granted, since their arguments differ from server to server. */
export function notGranted(): readonly string[] {
  return Object.entries<CommandSpec>(commands)
    .filter(([, spec]) => spec.privilege === 'root' && spec.rest !== undefined && onLinux(spec))
    .map(([id]) => id);
}

function onLinux({ programs }: CommandSpec): boolean {
  return programs.every((program) => program.startsWith('/'));
}

export function sudoersFile({ user, password }: SudoersOptions): string {
  const tag = password ? '' : 'NOPASSWD: ';
  const name = escapedUser(user);
  const lines = granted().map(({ argv, timeout, reason }, index, all) => {
    const comment = all[index - 1]?.reason === reason ? '' : `# ${reason}\n`;
    return `${comment}${name} ALL = (root) TIMEOUT=${timeout} ${tag}${commandLine(argv)}\n`;
  });
  return `# What affiant sweep may do as root on this server, by the login ${user}. Put it there with:
#     visudo -cf FILE && install -o root -g root -m 0440 FILE /etc/sudoers.d/affiant
# Every line is one program with its exact arguments. Take out what you do not want: it is then reported as denied.
# The SFTP server reads every file of this server, secrets too: guard the login's key as you guard root's.
Defaults:${name} !requiretty, env_reset, !set_home, !always_set_home, env_keep += "HOME", lecture = never, timestamp_timeout = 0

${lines.join('')}`;
}

/** As sudoers(5) reads a command: a backslash before what means something to its grammar or to fnmatch(3), which read one after the other. */
function commandLine([program = '', ...args]: readonly string[]): string {
  // Two quotes: no argument at all. Without them any would do.
  if (args.length === 0) return `${program} ""`;
  return [program, ...args.map(escaped)].join(' ');
}

function escaped(argument: string): string {
  return argument.replace(/[\\,:=#*?[\]! ]/g, (sign) => (sign === '\\' ? String.raw`\\\\` : `\\${sign}`));
}

function escapedUser(user: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,255}\$?$/.test(user)) throw new RangeError('this is no name of a login');
  return user;
}
