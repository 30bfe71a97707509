/**
 * Every program that `affiant prove` may start, beside the list of the collectors: these do something,
 * however little. Asked for by name; `affiant commands` shows them too.
 */
import type { Invocation } from '../host/machine.ts';

export type ProofProgram = {
  readonly programs: readonly string[];
  readonly reason: string;
  readonly privilege: 'user' | 'root';
  /** What stands in the list for people; the real arguments are built below. */
  readonly line: string;
  readonly timeoutMs: number;
};

export const proofPrograms = {
  clamdscan: {
    programs: ['/usr/bin/clamdscan', '/usr/local/bin/clamdscan'],
    line: '--fdpass --no-summary --stdout [--config-file=FILE] FILE',
    privilege: 'user',
    reason: 'only by `affiant prove`: has clamd look at our own test file (clamdscan(1))',
    timeoutMs: 120_000,
  },
  'auditctl-status': {
    programs: ['/usr/sbin/auditctl', '/sbin/auditctl'],
    line: '-s',
    privilege: 'root',
    reason: 'only by `affiant prove`: whether somebody listens to the audit system (auditctl(8))',
    timeoutMs: 10_000,
  },
  'auditctl-message': {
    programs: ['/usr/sbin/auditctl', '/sbin/auditctl'],
    line: '-m affiant-canary-NONCE',
    privilege: 'root',
    reason: 'only by `affiant prove`: writes one message of our own into the audit log; no rule changes (auditctl(8))',
    timeoutMs: 10_000,
  },
  'ausearch-user': {
    programs: ['/usr/sbin/ausearch', '/sbin/ausearch'],
    line: '--input-logs -m USER -ts recent',
    privilege: 'root',
    reason: 'only by `affiant prove`: looks for that message (ausearch(8))',
    timeoutMs: 30_000,
  },
  'amsi-sample': {
    programs: [String.raw`%System32%\WindowsPowerShell\v1.0\powershell.exe`],
    line: '-NoLogo -NoProfile -NonInteractive -Command (a script that holds the AMSI test sample and does nothing)',
    privilege: 'user',
    reason: 'only by `affiant prove --only amsi`: whether the engine behind AMSI refuses the documented sample',
    timeoutMs: 60_000,
  },
  eventcreate: {
    programs: [String.raw`%System32%\eventcreate.exe`],
    line: '/L APPLICATION /T INFORMATION /ID 1 /SO Affiant /D affiant-canary-NONCE',
    privilege: 'root',
    reason: 'only by `affiant prove --only eventlog`: writes one event of our own into the log Application',
    timeoutMs: 20_000,
  },
  'wevtutil-canary': {
    programs: [String.raw`%System32%\wevtutil.exe`],
    line: 'qe Application /q:*[System[Provider[@Name="Affiant"]]] /c:16 /rd:true /f:xml',
    privilege: 'user',
    reason: 'only by `affiant prove --only eventlog`: looks for that event',
    timeoutMs: 30_000,
  },
  'wevtutil-defender': {
    programs: [String.raw`%System32%\wevtutil.exe`],
    line: 'qe "Microsoft-Windows-Windows Defender/Operational" /q:*[System[(EventID=1116 or EventID=1117)]] /c:32 /rd:true /f:xml',
    privilege: 'user',
    reason: 'only by `affiant prove --only eicar`: whether Defender recorded our own test file as found',
    timeoutMs: 30_000,
  },
  'defender-resources': {
    programs: [String.raw`%System32%\WindowsPowerShell\v1.0\powershell.exe`],
    line: '-NoLogo -NoProfile -NonInteractive -Command (prints what MSFT_MpThreatDetection says was found)',
    privilege: 'user',
    reason: 'only by `affiant prove --only eicar`: the same by Defender itself, where the event log does not say it',
    timeoutMs: 60_000,
  },
} as const satisfies Record<string, ProofProgram>;

export type ProofProgramId = keyof typeof proofPrograms;

/** What to run: the arguments are put together here and nowhere else. Throws RangeError on anything but plain values. */
export type ProofCommand =
  | { readonly id: 'clamdscan'; readonly file: string; readonly config?: string }
  | { readonly id: 'auditctl-status' }
  | { readonly id: 'auditctl-message'; readonly nonce: string }
  | { readonly id: 'ausearch-user' }
  | { readonly id: 'amsi-sample' }
  | { readonly id: 'eventcreate'; readonly nonce: string }
  | { readonly id: 'wevtutil-canary' }
  | { readonly id: 'wevtutil-defender' }
  | { readonly id: 'defender-resources' };

export function invocationOf(command: ProofCommand): Invocation & { readonly timeoutMs: number } {
  const { programs, timeoutMs } = proofPrograms[command.id];
  return { programs, args: argumentsOf(command), timeoutMs };
}

function argumentsOf(command: ProofCommand): string[] {
  switch (command.id) {
    case 'clamdscan':
      return [
        '--fdpass',
        '--no-summary',
        '--stdout',
        ...(command.config === undefined ? [] : [`--config-file=${plainPath(command.config)}`]),
        plainPath(command.file),
      ];
    case 'auditctl-status':
      return ['-s'];
    case 'auditctl-message':
      return ['-m', canaryOf(command.nonce)];
    case 'ausearch-user':
      return ['--input-logs', '-m', 'USER', '-ts', 'recent'];
    case 'amsi-sample':
      return ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', amsiScript];
    case 'eventcreate':
      return ['/L', 'APPLICATION', '/T', 'INFORMATION', '/ID', '1', '/SO', 'Affiant', '/D', canaryOf(command.nonce)];
    case 'wevtutil-canary':
      return ['qe', 'Application', '/q:*[System[Provider[@Name="Affiant"]]]', '/c:16', '/rd:true', '/f:xml'];
    case 'wevtutil-defender':
      return ['qe', defenderLog, '/q:*[System[(EventID=1116 or EventID=1117)]]', '/c:32', '/rd:true', '/f:xml'];
    case 'defender-resources':
      return ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', resourcesScript];
  }
}

/** The sample in two halves, so that nothing takes this file, or the command line, for what it tests. */
const amsiScript = [
  "$sample = 'AMSI Test Sample: 7e72c3ce-861b-' + '4339-8740-0ac1484c1386'",
  "try { $null = & ([scriptblock]::Create([char]39 + $sample + [char]39)); 'affiant-ran' } catch { [string]$_.FullyQualifiedErrorId }",
].join('; ');

const defenderLog = 'Microsoft-Windows-Windows Defender/Operational';
const resourcesScript =
  'Get-CimInstance -Namespace root/Microsoft/Windows/Defender -ClassName MSFT_MpThreatDetection -ErrorAction Stop | ForEach-Object { $_.Resources }';

function canaryOf(nonce: string): string {
  if (!/^[0-9a-f]{32}$/.test(nonce)) throw new RangeError('a nonce is 32 hexadecimal digits');
  return `affiant-canary-${nonce}`;
}

function plainPath(path: string): string {
  if (!path.startsWith('/') || path.includes('\0') || !path.isWellFormed())
    throw new RangeError('not an absolute path');
  return path;
}
