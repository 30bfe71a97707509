/** Invented servers in memory for the collector of threat detection. */

import type { CommandId } from '../../../agent/host/commands.ts';
import { openHost } from '../../../agent/host/door.ts';
import type { Machine } from '../../../agent/host/machine.ts';
import type { Draft } from '../../../collectors/collector.ts';
import { edr } from '../../../collectors/edr/index.ts';
import { watchedUnits } from '../../../collectors/edr/watched-units.ts';
import { digests } from '../each-source-denied.ts';
import { type FakeHost, type FakeMachine, fakeHost } from '../fake-host.ts';

export type Unit = { readonly active?: string; readonly sub?: string; readonly file?: string };

/** What `systemctl show` prints of all watched units; those that are not named do not exist. */
export function systemctlShow(units: Readonly<Record<string, Unit>>): string {
  return watchedUnits
    .map((name) => {
      const unit = units[name];
      const { active = 'active', sub = 'running', file = 'enabled' } = unit ?? {};
      const lines =
        unit === undefined
          ? ['LoadState=not-found', 'ActiveState=inactive', 'SubState=dead', 'UnitFileState=']
          : ['LoadState=loaded', `ActiveState=${active}`, `SubState=${sub}`, `UnitFileState=${file}`];
      return [`Id=${name}`, `Names=${name}`, ...lines].join('\n');
    })
    .join('\n\n')
    .concat('\n');
}

const journal =
  ' -1 4ea9f2c1d0b34c5f8a7e6d5c4b3a2910 Sat 2026-11-21 06:00:01 UTC—Sun 2026-11-22 05:59:59 UTC\n  0 5fb0a3d2e1c45d6f9b8f7e6d5c4b3a21 Sun 2026-11-22 06:00:31 UTC—Mon 2026-11-23 09:00:00 UTC\n';

export type Server = {
  readonly packages?: readonly string[];
  readonly units?: Readonly<Record<string, Unit>>;
  readonly processes?: readonly string[];
  readonly modules?: string;
  readonly commands?: FakeMachine['commands'];
  readonly files?: FakeMachine['files'];
  readonly lists?: FakeMachine['lists'];
  readonly stats?: FakeMachine['stats'];
};

export const tcpHead =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

/** A Debian server with audit and rsyslog in order, and whatever is asked for beside. */
export function server({
  packages = [],
  units = {},
  processes = [],
  modules = '',
  commands = {},
  files = {},
  lists = {},
  stats = {},
}: Server): FakeMachine {
  const names = ['systemd', 'auditd', 'rsyslogd', ...processes];
  return {
    restIsAbsent: true,
    processes: {
      processes: names.map((name, at) => ({ pid: at === 0 ? 1 : 800 + at, name, goneFiles: [] })),
      complete: true,
      namesComplete: true,
    },
    commands: {
      'dpkg-query': ['bash', 'auditd', 'rsyslog', ...packages]
        .map((name) => `${name}\t1.0-1\tamd64\t${name}\t1.0-1\tii \t1747699200\n`)
        .join(''),
      'systemctl-show-protection': systemctlShow({ 'auditd.service': {}, 'rsyslog.service': {}, ...units }),
      'auditctl-status':
        'enabled 1\nfailure 1\npid 801\nrate_limit 0\nbacklog_limit 8192\nlost 0\nbacklog 0\nloginuid_immutable 0 unlocked\n',
      'auditctl-list': '-w /etc/sudoers -p wa -k sudoers\n-a always,exit -F arch=b64 -S execve -F key=exec\n',
      'journalctl-boots': journal,
      'journalctl-rsyslog': '',
      'ausearch-daemon': { stdout: '', stderr: '<no matches>\n', exitCode: 1 },
      ...commands,
    },
    files: {
      '/proc/modules': modules,
      '/sys/kernel/security/lsm': 'lockdown,capability,apparmor,bpf',
      '/etc/audit/auditd.conf':
        'log_file = /var/log/audit/audit.log\nmax_log_file_action = ROTATE\nspace_left_action = SYSLOG\n',
      '/etc/audit/rules.d/audit.rules': '## rules\n-D\n-b 8192\n-w /etc/sudoers -p wa -k sudoers\n',
      '/etc/rsyslog.conf': '$IncludeConfig /etc/rsyslog.d/*.conf\n*.* /var/log/syslog\n',
      '/etc/rsyslog.d/50-siem.conf': '*.* @@siem.example.org:6514\n',
      '/etc/systemd/journald.conf': '[Journal]\nStorage=persistent\nSystemMaxUse=1G\n',
      '/var/log/audit/audit.log': 'type=DAEMON_START msg=audit(1795000000.123:1): op=start\n',
      '/var/log/wtmp': '',
      '/proc/net/tcp': `${tcpHead}   0: 0A00020F:A2C4 01020A0A:1972 01 00000000:00000000 02:00000000 00000000     0        0 20111 2 0 20 4 30 10 -1\n`,
      ...files,
    },
    lists: {
      '/etc/audit/rules.d': ['audit.rules'],
      '/etc/rsyslog.d': ['50-siem.conf'],
      '/var/log/audit': ['audit.log'],
      '/sys/fs/bpf': [],
      ...lists,
    },
    stats: {
      '/var/lib/dpkg/status': { size: 1000 },
      '/run/systemd/system': { type: 'directory' },
      '/var/log/journal': { type: 'directory' },
      '/var/log/wtmp': {},
      ...stats,
    },
    links: {
      '/proc/self/ns/pid': 'pid:[4026531836]',
      '/proc/self/ns/cgroup': 'cgroup:[4026531835]',
      '/proc/self/ns/mnt': 'mnt:[4026531840]',
      '/proc/1/ns/mnt': 'mnt:[4026531840]',
    },
  };
}

export async function collect(machine: FakeMachine | FakeHost): Promise<Draft<'edr'>> {
  const host = 'readFile' in machine ? machine : fakeHost(machine);
  const { edr: draft } = await edr.collect(host, digests);
  if (draft === undefined) throw new Error('the collector gave no document');
  return draft;
}

export async function collectFrom(machine: Machine): Promise<Draft<'edr'>> {
  const { edr: draft } = await edr.collect(openHost(machine).forCollector('edr').host, digests);
  if (draft === undefined) throw new Error('the collector gave no document');
  return draft;
}

/** The time at which these servers are looked at. */
export const now = '2026-11-23T09:00:00Z';
const fresh = String(Date.parse('2026-11-23T06:00:00Z'));

/** What `mdatp health --output json` says; members can be replaced. */
export function mdatpHealth(change: Readonly<Record<string, unknown>> = {}): string {
  const managed = (value: unknown): unknown => ({ displayValue: true, isManaged: false, value });
  return JSON.stringify({
    $type: 'getHealthAllResult',
    appVersion: '101.25082.0003',
    engineVersion: '1.1.25090.2000',
    healthy: true,
    healthIssues: [],
    licensed: true,
    orgId: '0b5c7a6e-1f0d-4b52-9f57-3a6d1d1f3c11',
    passiveModeEnabled: managed(false),
    realTimeProtectionEnabled: managed(true),
    realTimeProtectionAvailable: true,
    realTimeProtectionSubsystem: 'fanotify',
    behaviorMonitoring: managed('enabled'),
    cloudEnabled: managed(true),
    cloudAutomaticSampleSubmissionConsent: managed('safe'),
    conflictingApplications: [],
    definitionsStatus: { $type: 'upToDate' },
    definitionsUpdated: fresh,
    definitionsUpdatedMinutesAgo: 120,
    definitionsVersion: '1.440.120.0',
    productExpiration: '1806000000000',
    tamperProtection: managed('block'),
    troubleshootingMode: false,
    ...change,
  });
}

export const mdatpCommands: Readonly<Partial<Record<CommandId, string>>> = {
  'mdatp-health-json': mdatpHealth(),
  'mdatp-exclusions': '=====================================\nNo exclusions\n=====================================\n',
  'mdatp-threats': '{"$type":"threatList","threats":[]}',
};

export function mdatpServer(commands: FakeMachine['commands'] = {}): FakeMachine {
  return server({
    packages: ['mdatp'],
    units: { 'mdatp.service': {} },
    processes: ['wdavdaemon'],
    commands: { ...mdatpCommands, ...commands },
    stats: { '/opt/microsoft/mdatp': { type: 'directory' }, '/usr/bin/mdatp': {} },
    lists: { '/proc/803/fdinfo': ['0', '5'] },
    files: {
      '/proc/803/fdinfo/0': 'pos:\t0\nflags:\t0100000\nmnt_id:\t24\n',
      '/proc/803/fdinfo/5':
        'pos:\t0\nflags:\t02\nmnt_id:\t13\nfanotify flags:10 event-flags:8000\nfanotify mnt_id:25 mflags:0 mask:30008 ignored_mask:0\n',
    },
  });
}

const seconds = Date.parse('2026-11-23T05:00:00Z') / 1000;
/** Head of a signature file that was built four hours before the servers are looked at. */
export const clamHeader =
  `ClamAV-VDB:23 Nov 2026 05-00 +0000:28200:355485:90:0123456789abcdef0123456789abcdef:sig:builder:${seconds}`.padEnd(
    512,
  );

/** A ClamAV that scans on access, with everything in order. */
export function clamServer(change: Server = {}): FakeMachine {
  return server({
    packages: ['clamav-daemon', 'clamav-freshclam'],
    units: {
      'clamav-daemon.service': {},
      'clamav-clamonacc.service': {},
      'clamav-freshclam.service': {},
      ...change.units,
    },
    processes: change.processes ?? ['clamd', 'clamonacc', 'freshclam'],
    commands: { 'clamdscan-version': 'ClamAV 1.4.3/28200/Mon Nov 23 05:00:00 2026\n', ...change.commands },
    files: {
      '/etc/clamav/clamd.conf':
        'LocalSocket /run/clamav/clamd.ctl\nLogFile /var/log/clamav/clamav.log\nLogTime yes\nOnAccessIncludePath /home\nOnAccessIncludePath /var/www\nOnAccessPrevention yes\nOnAccessExcludeUname clamav\n',
      '/proc/804/fdinfo/3':
        'pos:\t0\nflags:\t02\nmnt_id:\t15\nfanotify flags:4 event-flags:8000\nfanotify ino:2 sdev:fe00001 mflags:0 mask:48010000 ignored_mask:0\n',
      '/var/lib/clamav/daily.cld': clamHeader,
      '/var/log/clamav/clamav.log': 'Mon Nov 23 05:10:00 2026 -> SelfCheck: Database status OK.\n',
      '/var/log/clamav/freshclam.log':
        'Mon Nov 23 05:00:00 2026 -> ClamAV update process started at Mon Nov 23 05:00:00 2026\nMon Nov 23 05:00:01 2026 -> daily.cld database is up-to-date (version: 28200, sigs: 355485, f-level: 90, builder: raynman)\n',
      ...change.files,
    },
    lists: { '/proc/803/fdinfo': [], '/proc/804/fdinfo': ['3'], '/proc/805/fdinfo': [], ...change.lists },
    stats: { '/usr/sbin/clamd': {}, '/usr/bin/clamdscan': {}, ...change.stats },
  });
}

/** Facts that are truly empty where a file of theirs is: no configuration, and a kernel without modules. */
export const trueWhenEmpty = {
  emptyIsTrue: ['edr.auditRulesConfigured', 'edr.logForwarding', 'edr.systemHooks'],
  wholeOnly: ['edr.auditd', 'edr.auditdSettings'],
};
