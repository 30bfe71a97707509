/**
 * Every command that may ever be run on a server. `affiant commands` prints this list for the
 * people who own it; nothing else can be started. No shell, no verb that writes.
 */

import { encodeText } from '../../collectors/text.ts';
import { sha256Hex } from '../../evidence/digest.ts';
import { accountCommands } from './commands-accounts.ts';
import { aptCommands } from './commands-apt.ts';
import { edrCommands } from './commands-edr.ts';
import { windowsEdrCommands } from './commands-edr-windows.ts';
import { loginCommands } from './commands-login.ts';
import { logCommands } from './commands-logs.ts';
import { packageCommands } from './commands-packages.ts';
import { privilegeCommands } from './commands-privilege.ts';
import { locatorOf } from './locator.ts';
import { type QuerySpec, queries } from './queries.ts';

export type CommandSpec = {
  /** Absolute paths, the first that exists and can be trusted is run. */
  readonly programs: readonly string[];
  /** The fixed arguments; `rest` says what may follow them. */
  readonly args: readonly string[];
  /** What stands in a locator for fixed arguments that are too many to repeat in every fact. */
  readonly shortArgs?: string;
  /** Pattern that every dynamic argument must match as a whole; without it there are none. It can never begin with `-`. */
  readonly rest?: RegExp;
  /** The dynamic arguments are too many to repeat in every fact: a locator has their number and their digest. */
  readonly shortRest?: true;
  /** The dynamic arguments are the values of these options: the first follows the first of them, and so on. */
  readonly flags?: readonly string[];
  /** What it needs to give a full answer. */
  readonly privilege: 'user' | 'root';
  /** Why we run it, for the list. */
  readonly reason: string;
  /** Exit codes with a usable answer; 0 where nothing is said. */
  readonly exitCodes?: readonly number[];
  /** The output can carry a secret: neither digest nor size is kept, a recording stores nothing of it. */
  readonly secret?: true;
  /** The output differs at every run: neither digest nor size is kept. */
  readonly volatile?: true;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
};

export const commands = {
  'timedatectl-ntp': {
    programs: ['/usr/bin/timedatectl'],
    args: ['show', '-p', 'NTPSynchronized', '-p', 'NTP'],
    privilege: 'user',
    reason: 'whether the clock is kept (timedatectl(1))',
    timeoutMs: 10_000,
  },
  'chronyc-tracking': {
    programs: ['/usr/bin/chronyc'],
    args: ['-n', '-c', 'tracking'],
    privilege: 'user',
    reason: 'whether the clock is kept, where chrony keeps it (chronyc(1))',
    volatile: true,
    timeoutMs: 10_000,
  },
  ...aptCommands,
  ...packageCommands,
  ...loginCommands,
  ...privilegeCommands,
  ...accountCommands,
  ...edrCommands,
  ...windowsEdrCommands,
  ...logCommands,
} as const satisfies Record<string, CommandSpec>;

export type CommandId = keyof typeof commands;

/** The locator of a run of this command. */
export function commandLocator(id: CommandId, rest: readonly string[]): string {
  const spec: CommandSpec = commands[id];
  const args = spec.shortArgs === undefined ? spec.args : [spec.shortArgs];
  const words = spec.shortRest === true && rest.length > 0 ? [shortened(rest)] : flagged(spec, rest);
  return locatorOf('command', [baseName(spec.programs[0] ?? id), ...args, ...words].join(' '));
}

/** `(918 arguments #1f0a…)`: other arguments have another name. */
function shortened(rest: readonly string[]): string {
  return `(${rest.length === 1 ? '1 argument' : `${rest.length} arguments`} #${sha256Hex(encodeText(rest.join('\0'))).slice(0, 32)})`;
}

/** `git` of `/usr/bin/git`. */
function baseName(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1);
}

/**
 * The arguments of a run: the fixed ones, then `rest`. Throws RangeError where `rest` is not what the
 * list allows, since only our own mistake can ask for it: collectors check what comes from a server first.
 */
export function argumentsOf(id: CommandId, rest: readonly string[]): readonly string[] {
  const spec: CommandSpec = commands[id];
  for (const argument of rest) {
    const allowed = spec.rest !== undefined && new RegExp(`^(?:${spec.rest.source})$`, spec.rest.flags).test(argument);
    // Not the argument itself: it may come from a hostile file name.
    if (!allowed || argument.startsWith('-') || argument.includes('\0') || !argument.isWellFormed())
      throw new RangeError(`the list of commands does not allow this argument of ${id}`);
  }
  return [...spec.args, ...flagged(spec, rest)];
}

function flagged({ flags = [] }: CommandSpec, rest: readonly string[]): readonly string[] {
  return rest.flatMap((argument, at) => (flags[at] === undefined ? [argument] : [flags[at], argument]));
}

/** One line of the list of everything that we may start. */
export type ListedCommand = {
  readonly id: string;
  /** As a person would type it. */
  readonly line: string;
  readonly privilege: 'user' | 'root' | 'administrator';
  readonly reason: string;
  /** Whether its output can carry a secret. */
  readonly secret: boolean;
};

/** The PowerShell queries, as one process runs them one after the other (queries.ts). */
function listQueries(): ListedCommand[] {
  return Object.entries<QuerySpec>(queries).map(([name, { file, privilege, reason, secret }]) => ({
    id: `query-${name}`,
    line: `%SystemRoot%\\System32\\WindowsPowerShell\\v1.0\\powershell.exe -NoLogo -NoProfile -NonInteractive -OutputFormat Text -Command - < ${file}`,
    privilege,
    reason,
    secret: secret === true,
  }));
}

/** What else is started on Windows: to end a process that hangs, and where PowerShell is not there. */
const windowsPrograms: readonly ListedCommand[] = [
  {
    id: 'cmd',
    line: String.raw`%SystemRoot%\System32\cmd.exe /d /s /c ""PROGRAM.cmd" ARGUMENTS"`,
    privilege: 'user',
    reason: 'to run those programs of this list that are batch files, with the arguments that stand there',
    secret: false,
  },
  {
    id: 'echo-system-folder',
    line: 'echo MARK %SystemRoot% $env:SystemRoot $SYSTEMROOT',
    privilege: 'user',
    reason: "over SSH alone: which shell the login has and where Windows lies, in the shell's own words",
    secret: false,
  },
  {
    id: 'reg-query',
    line: String.raw`%SystemRoot%\System32\reg.exe query KEY`,
    privilege: 'user',
    reason: 'one registry key, where PowerShell is not there or forbidden',
    secret: false,
  },
  {
    id: 'icacls',
    line: String.raw`%SystemRoot%\System32\icacls.exe FOLDER /inheritance:r /grant:r …`,
    privilege: 'user',
    reason: 'to let nobody else into a folder of our own that was just made; the one command that writes',
    secret: false,
  },
  {
    id: 'taskkill',
    line: String.raw`%SystemRoot%\System32\taskkill.exe /T /F /PID N`,
    privilege: 'user',
    reason: 'to end a program that we started and that hangs, with what it started',
    secret: false,
  },
];

/** systeminformation's own shell lines: not ours to choose, so they are shown as what they are. */
const systemChild: ListedCommand = {
  id: 'system',
  line: 'node system-child.ts (starts: dmidecode -t system, dmidecode -t bios, cat /sys/devices/virtual/dmi/id/*, ls /dev/disk/by-id/, dmesg)',
  privilege: 'root',
  reason: 'maker, model and firmware of the machine, by the package systeminformation in a process of its own',
  secret: false,
};

/** The whole list, ordered by id, for `affiant commands` and the customer. */
export function listCommands(): readonly ListedCommand[] {
  const entries = Object.entries<CommandSpec>(commands).map(([id, spec]): ListedCommand => {
    const { privilege, reason } = spec;
    const words = [spec.programs.join(' or '), ...spec.args.map(quoted)];
    if (spec.rest !== undefined)
      words.push(`${(spec.flags ?? []).map((flag) => `${flag} `).join('… ')}[${spec.rest.source}]…`);
    return { id, line: words.join(' '), privilege, reason, secret: spec.secret === true };
  });
  return [...entries, ...listQueries(), ...windowsPrograms, systemChild].toSorted((left, right) =>
    left.id < right.id ? -1 : 1,
  );
}

/** As a POSIX shell takes it; only for people, nothing is ever given to a shell. */
function quoted(argument: string): string {
  return /^[\w./:=,@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
