/** What is run to ask who logged in when, and where programs with more rights came from; part of the one list in commands.ts. */
import type { CommandSpec } from './commands.ts';

const mib = 1024 * 1024;

export const accountCommands = {
  'dpkg-lists': {
    programs: ['/usr/bin/grep', '/bin/grep'],
    // Whole lines and no patterns; each answer with the name of its list, which ends with a NUL.
    args: ['-rxFaZ', '--include=*.list', '/var/lib/dpkg/info', '-e'],
    rest: /\/[^*?[\]\\\n]{1,255}(?:\n\/[^*?[\]\\\n]{1,255})*/,
    shortRest: true,
    privilege: 'user',
    reason: "which package brought each of those programs, by dpkg's lists; 1 where none is of one (grep(1))",
    exitCodes: [0, 1],
    maxBytes: 4 * mib,
    timeoutMs: 20_000,
  },
  'dpkg-owners': {
    programs: ['/usr/bin/dpkg-query'],
    args: ['-S'],
    rest: /\/[^*?[\]\\\n]{1,255}/,
    privilege: 'user',
    reason: 'the same, where the lists cannot be read; 1 where one is of none (dpkg-query(1))',
    exitCodes: [0, 1],
    timeoutMs: 20_000,
  },
  'rpm-owners': {
    programs: ['/usr/bin/rpm', '/bin/rpm'],
    args: ['-qf', '--qf', '%{NAME}\\n'],
    rest: /\/[^*?[\]\\\n]{1,255}/,
    privilege: 'user',
    reason: 'which package brought each of those programs; it ends with the number of those of none (rpm(8))',
    exitCodes: Array.from({ length: 256 }, (_, code) => code),
    timeoutMs: 30_000,
  },
  lastlog2: {
    programs: ['/usr/bin/lastlog2'],
    args: [],
    privilege: 'root',
    reason: 'the newest login of each account, where its database is there (lastlog2(8))',
    maxBytes: 8 * mib,
    timeoutMs: 10_000,
  },
  'wtmpdb-last': {
    programs: ['/usr/bin/wtmpdb'],
    args: ['last', '--json', '--time-format', 'iso'],
    privilege: 'root',
    reason: 'the newest login of each account, where its database is there (wtmpdb(8))',
    maxBytes: 32 * mib,
    timeoutMs: 20_000,
  },
} as const satisfies Record<string, CommandSpec>;
