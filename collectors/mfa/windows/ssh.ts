/** OpenSSH for Windows (learn.microsoft.com, OpenSSH Server configuration): a service and a file of its own. */
import type { Host } from '../../../agent/host/host.ts';
import type { Fact, SshServer } from '../../../schemas/generated/types.ts';
import type { WindowsService } from '../../edr/windows-view.ts';
import { mapFact, observed, unseen } from '../../fact.ts';
import { toText } from '../../text.ts';
import { directiveFact, readSshdConfig } from '../sshd-files.ts';

/** Where the service reads it; %ProgramData% of another drive than C: is not looked at, and then not found. */
const configFile = String.raw`C:\ProgramData\ssh\sshd_config`;
/** Services of other SSH servers: Bitvise, Cygwin and Copssh, freeSSHd, Tectia, VanDyke, SolarWinds. */
const others = [
  'bvsshserver',
  'cygsshd',
  'copsshd',
  'openssh server',
  'freesshdservice',
  'sshtectiaserver',
  'vshell',
  'sftpserver',
];

export async function readWindowsSsh(
  host: Host,
  services: Fact<ReadonlyMap<string, WindowsService>>,
): Promise<Fact<SshServer[]>> {
  if (services.status !== 'observed') return services;
  if (others.some((name) => services.value.has(name)))
    return unseen('unsupported', 'other-ssh-server', services.sources);
  const service = services.value.get('sshd');
  if (service === undefined) return unseen('absent', 'no-ssh-service', services.sources);
  const read = readsAnotherFile(service.path)
    ? unseen('unsupported', 'other-configuration', services.sources)
    : await readSshdConfig(host, configFile, null);
  // sshd of Windows makes the file at its first start: without one it has not run, and nothing is known of how it would.
  const written = read.status === 'absent' ? { ...read, status: 'failed' as const, reason: 'no-configuration' } : read;
  const unread = (reason: string): SshServer['version'] => unseen('unsupported', reason, services.sources);
  return observed(
    [
      {
        id: 'sshd',
        implementation: 'openssh',
        program: toText(service.path ?? 'sshd.exe'),
        configFile: toText(configFile),
        version: unread('not-covered'),
        running: observed(service.running, ...services.sources),
        listens: unseen('unsupported', 'not-covered', services.sources),
        directives: mapFact(written, (all) => all.map(directiveFact)),
        connectionClasses: unseen('unsupported', 'not-covered', services.sources),
        classesLeftOut: 0,
      },
    ],
    ...services.sources,
  );
}

/** `sshd.exe -f FILE`, or `-o NAME=VALUE`, which goes before every file (sshd(8)). */
function readsAnotherFile(commandLine: string | undefined): boolean {
  return /sshd(?:\.exe)?"?[ \t].*?-[a-zA-Z46]*[fo]/i.test(commandLine ?? '');
}
