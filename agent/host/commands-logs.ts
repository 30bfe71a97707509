/** What is run to ask the audit system, and what keeps and forwards logs; part of the one list in commands.ts. */
import type { CommandSpec } from './commands.ts';

const mib = 1024 * 1024;

export const logCommands = {
  'auditctl-status': {
    programs: ['/usr/sbin/auditctl', '/sbin/auditctl', '/usr/bin/auditctl'],
    args: ['-s'],
    privilege: 'root',
    reason: 'state of the audit system in the kernel (auditctl(8))',
    volatile: true,
    timeoutMs: 20_000,
  },
  'auditctl-list': {
    programs: ['/usr/sbin/auditctl', '/sbin/auditctl', '/usr/bin/auditctl'],
    args: ['-l'],
    privilege: 'root',
    reason: 'the audit rules that the kernel holds (auditctl(8))',
    maxBytes: 4 * mib,
    timeoutMs: 20_000,
  },
  'journalctl-rsyslog': {
    programs: ['/usr/bin/journalctl', '/bin/journalctl'],
    args: ['--no-pager', '--quiet', '--utc', '-o', 'short-unix', '-n', '400', '-t', 'rsyslogd'],
    privilege: 'root',
    reason: 'what rsyslog said last of sending logs away, only where it is told to (journalctl(1))',
    volatile: true,
    timeoutMs: 20_000,
  },
  'syslog-ng-stats': {
    programs: ['/usr/sbin/syslog-ng-ctl', '/usr/bin/syslog-ng-ctl'],
    args: ['stats'],
    privilege: 'root',
    reason: 'what waits for each destination of syslog-ng and what was dropped (syslog-ng-ctl(1))',
    volatile: true,
    maxBytes: 8 * mib,
    timeoutMs: 15_000,
  },
  'ausearch-daemon': {
    programs: ['/usr/sbin/ausearch', '/sbin/ausearch', '/usr/bin/ausearch'],
    args: ['--input-logs', '--raw', '-m', 'DAEMON_END,DAEMON_ABORT,CONFIG_CHANGE'],
    privilege: 'root',
    reason: 'when the audit daemon ended or the audit system was switched off (ausearch(8))',
    exitCodes: [0, 1],
    volatile: true,
    maxBytes: 16 * mib,
    timeoutMs: 30_000,
  },
  'journalctl-boots': {
    programs: ['/usr/bin/journalctl', '/bin/journalctl'],
    args: ['--list-boots', '--no-pager', '--utc'],
    privilege: 'root',
    reason: 'how far back the journal reaches (journalctl(1))',
    volatile: true,
    timeoutMs: 20_000,
  },
} as const satisfies Record<string, CommandSpec>;
