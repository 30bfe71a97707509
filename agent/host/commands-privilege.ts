/** What tells who may become root: rules of sudo, groups, programs that carry rights, jobs that root runs. */
import type { CommandSpec } from './commands.ts';

const mib = 1024 * 1024;

/** Where distributions and administrators put programs; libraries' folders are left out, a walk of them takes minutes. */
const programFolders = [
  '/usr/bin',
  '/usr/sbin',
  '/bin',
  '/sbin',
  '/usr/local',
  '/usr/libexec',
  '/usr/lib/openssh',
  '/usr/lib/dbus-1.0',
  '/usr/lib/polkit-1',
  '/usr/lib/snapd',
  '/opt',
] as const;

/** What root runs without being asked. */
const jobFolders = [
  '/etc/crontab',
  '/etc/cron.d',
  '/etc/cron.hourly',
  '/etc/cron.daily',
  '/etc/cron.weekly',
  '/etc/cron.monthly',
  '/etc/systemd/system',
  '/usr/local/lib/systemd',
  '/usr/lib/systemd/system',
  '/etc/init.d',
  '/etc/rc.local',
  '/etc/profile.d',
] as const;

export const privilegeCommands = {
  'cvtsudoers-json': {
    programs: ['/usr/bin/cvtsudoers'],
    args: ['-f', 'json', '/etc/sudoers'],
    privilege: 'root',
    reason: "sudo's own reading of its rules, held against ours (cvtsudoers(1))",
    maxBytes: 16 * mib,
    timeoutMs: 15_000,
  },
  'sudo-list': {
    programs: ['/usr/bin/sudo'],
    args: ['-n', '-l', '-U'],
    rest: /[A-Za-z0-9_][A-Za-z0-9_.@\\ -]{0,255}/,
    privilege: 'root',
    reason: 'what sudo grants an account, asked only where its rules come from a directory too (sudo(8))',
    exitCodes: [0, 1],
    timeoutMs: 10_000,
  },
  'getent-group': {
    programs: ['/usr/bin/getent'],
    args: ['group'],
    rest: /[A-Za-z0-9_][A-Za-z0-9_.@\\ -]{0,255}/,
    privilege: 'user',
    reason: 'members of one group of note, asked only where a directory is configured (getent(1))',
    exitCodes: [0, 2],
    maxBytes: 4 * mib,
    timeoutMs: 5_000,
  },
  'realm-list': {
    programs: ['/usr/sbin/realm', '/usr/bin/realm'],
    args: ['list'],
    privilege: 'user',
    reason: 'the domain that this server has joined, where sssd is configured (realm(8))',
    timeoutMs: 10_000,
  },
  getcap: {
    programs: ['/usr/sbin/getcap', '/sbin/getcap', '/usr/bin/getcap'],
    args: ['-r', ...programFolders],
    privilege: 'user',
    reason: 'programs that carry capabilities (getcap(8))',
    exitCodes: [0, 1],
    maxBytes: 4 * mib,
    timeoutMs: 60_000,
  },
  'find-set-id': {
    programs: ['/usr/bin/find'],
    args: [...programFolders, '-xdev', '-type', 'f', '-perm', '/6000', '-printf', String.raw`%m\t%U\t%G\t%y\t%p\0`],
    privilege: 'user',
    reason: 'programs that run as their owner or group (find(1))',
    exitCodes: [0, 1],
    maxBytes: 4 * mib,
    timeoutMs: 60_000,
  },
  'find-writable-jobs': {
    programs: ['/usr/bin/find'],
    args: [
      ...jobFolders,
      '-xdev',
      '!',
      '-type',
      'l',
      '(',
      '-perm',
      '/0022',
      '-o',
      '!',
      '-uid',
      '0',
      ')',
      '-printf',
      String.raw`%m\t%U\t%G\t%y\t%p\0`,
    ],
    privilege: 'root',
    reason: 'cron tables, units and start scripts that others than root own or may write to (find(1))',
    exitCodes: [0, 1],
    maxBytes: 4 * mib,
    timeoutMs: 30_000,
  },
} as const satisfies Record<string, CommandSpec>;
