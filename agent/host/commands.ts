/**
 * Every command that may ever be run on a server. `affiant commands` prints this list for the
 * people who own it; nothing else can be started. No shell, no verb that writes.
 */
import { locatorOf } from './locator.ts';

export type CommandSpec = {
  /** Absolute paths, the first that exists and can be trusted is run. */
  readonly programs: readonly string[];
  /** The fixed arguments; `rest` says what may follow them. */
  readonly args: readonly string[];
  /** Pattern that every dynamic argument must match as a whole; without it there are none. It can never begin with `-`. */
  readonly rest?: RegExp;
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

const mib = 1024 * 1024;

export const commands = {
  'dpkg-query': {
    programs: ['/usr/bin/dpkg-query'],
    args: [
      '-W',
      '-f=${binary:Package}\\t${Version}\\t${Architecture}\\t${source:Package}\\t${source:Version}\\t${db:Status-Abbrev}\\t${db-fsys:Last-Modified}\\n',
    ],
    privilege: 'user',
    reason: 'installed packages, held and half-installed ones (dpkg-query(1))',
    maxBytes: 32 * mib,
    timeoutMs: 30_000,
  },
  'apt-list-upgradable': {
    programs: ['/usr/bin/apt'],
    // Without a place for its caches apt writes none, even as root.
    args: ['list', '--upgradable', '-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache='],
    privilege: 'user',
    reason: "apt's own answer to what it would upgrade, without its slower solver (apt(8))",
    maxBytes: 16 * mib,
    timeoutMs: 60_000,
  },
  'apt-config-dump': {
    programs: ['/usr/bin/apt-config'],
    args: ['dump'],
    privilege: 'user',
    reason: 'settings of automatic updates (apt-config(8))',
    maxBytes: 4 * mib,
    timeoutMs: 15_000,
  },
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
  'dpkg-architecture': {
    programs: ['/usr/bin/dpkg'],
    args: ['--print-architecture'],
    privilege: 'user',
    reason: 'the native architecture of packages (dpkg(1))',
    timeoutMs: 10_000,
  },
} as const satisfies Record<string, CommandSpec>;

export type CommandId = keyof typeof commands;

/** The locator of a run of this command. */
export function commandLocator(id: CommandId, rest: readonly string[]): string {
  const spec: CommandSpec = commands[id];
  return locatorOf('command', [baseName(spec.programs[0] ?? id), ...spec.args, ...rest].join(' '));
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
  return [...spec.args, ...rest];
}

/** One line of the list of everything that we may start. */
export type ListedCommand = {
  readonly id: string;
  /** As a person would type it. */
  readonly line: string;
  readonly privilege: 'user' | 'root';
  readonly reason: string;
  /** Whether its output can carry a secret. */
  readonly secret: boolean;
};

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
    if (spec.rest !== undefined) words.push(`[${spec.rest.source}]…`);
    return { id, line: words.join(' '), privilege, reason, secret: spec.secret === true };
  });
  return [...entries, systemChild].toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

/** As a POSIX shell takes it; only for people, nothing is ever given to a shell. */
function quoted(argument: string): string {
  return /^[\w./:=,@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
