/** Which Linux server this is, and in what state. */
import type { Host } from '../../agent/host/host.ts';
import type { Boot, ClockState, Fact, OperatingSystem } from '../../schemas/generated/types.ts';
import type { Digests, Draft } from '../collector.ts';
import { fromAnswer, missed, observed, parsed, unparsed, unseen } from '../fact.ts';
import { parseChronyTracking, parseTimedatectl } from './clock-state.ts';
import { readScope } from './container-clues.ts';
import { readFirmware } from './hardware.ts';
import { hostnameOf, identityPart, kernelOf, privilegeOf } from './identity-facts.ts';
import { readMachineId, readSshHostKeys } from './identity-keys.ts';
import { parseOsRelease } from './os-release.ts';
import { bootIdOf, parseBootTime } from './proc-stat.ts';
import { readTimeZone } from './time-zone.ts';

export async function collectLinux(host: Host, digests: Digests): Promise<Draft<'host'>> {
  const identity = await host.identity();
  const notOnLinux = unseen('not-applicable', 'linux', [identity.source]);
  return {
    hostname: fromAnswer(identityPart(identity, 'hostname'), hostnameOf),
    os: await readOs(host),
    kernel: fromAnswer(identityPart(identity, 'kernelRelease', 'kernelVersion', 'architecture'), kernelOf),
    machineId: await readMachineId(host, digests),
    ...(await readFirmware(host)),
    sshHostKeys: await readSshHostKeys(host, digests),
    scope: await readScope(host),
    lastBoot: await readLastBoot(host),
    clock: await readClock(host),
    timeZone: await readTimeZone(host),
    fips: await readFips(host),
    privilege: fromAnswer(identityPart(identity, 'user', 'elevated', 'capabilities'), privilegeOf),
    domainRole: notOnLinux,
    powershell: notOnLinux,
  };
}

/** The first file that exists (os-release(5)); Debian keeps its point release in a file of its own. */
async function readOs(host: Host): Promise<Fact<OperatingSystem>> {
  const first = await host.readFile('/etc/os-release');
  const answer = first.status === 'absent' ? await host.readFile('/usr/lib/os-release') : first;
  const os = fromAnswer(answer, ({ text, truncated }) => (truncated ? unparsed('truncated') : parseOsRelease(text)));
  // Derivatives ship the file too, with the version of the Debian that they come from.
  if (os.status !== 'observed' || os.value.id !== 'debian') return os;
  const debian = await host.readFile('/etc/debian_version');
  const release = debian.status === 'observed' ? debian.value.text.trim() : '';
  const value = /^[\x21-\x7e]{1,128}$/.test(release) ? { ...os.value, pointRelease: release } : os.value;
  return observed(value, ...os.sources, debian.source);
}

async function readLastBoot(host: Host): Promise<Fact<Boot>> {
  const stat = await host.readFile('/proc/stat', { volatile: true });
  const boot = fromAnswer(stat, ({ text }) => parseBootTime(text));
  if (boot.status !== 'observed') return boot;
  const random = await host.readFile('/proc/sys/kernel/random/boot_id');
  const bootId = random.status === 'observed' ? bootIdOf(random.value.text) : undefined;
  return observed(bootId === undefined ? boot.value : { ...boot.value, bootId }, ...boot.sources, random.source);
}

/**
 * chrony knows its own state; timedatectl shows the kernel's flag, which chrony sets only with `rtcsync`
 * (chrony.conf(5)). So chrony comes first, and where they differ both are kept.
 */
async function readClock(host: Host): Promise<Fact<ClockState>> {
  const chronyAnswer = await host.exec('chronyc-tracking');
  const systemdAnswer = await host.exec('timedatectl-ntp');
  const chrony = fromAnswer(chronyAnswer, ({ stdout }) => parseChronyTracking(stdout));
  const systemd = fromAnswer(systemdAnswer, ({ stdout }) => parseTimedatectl(stdout));
  const sources = [...new Set([...chrony.sources, ...systemd.sources])];
  if (chrony.status === 'observed') {
    const fact = { status: 'observed' as const, value: chrony.value, sources };
    if (systemd.status !== 'observed' || systemd.value.synchronised === chrony.value.synchronised) return fact;
    const answers = [
      { source: chronyAnswer.source, answer: chrony.value },
      { source: systemdAnswer.source, answer: systemd.value },
    ];
    return { ...fact, answers };
  }
  if (systemd.status === 'observed') return observed(systemd.value, ...systemd.sources, ...chrony.sources);
  if (chrony.status === 'absent' && systemd.status === 'absent')
    return unseen('unsupported', 'no-time-keeper-seen', sources);
  const why = systemd.status === 'absent' ? chrony : systemd;
  return { ...why, sources: [...new Set([...why.sources, ...sources])] };
}

/** A kernel without FIPS support has no such file (Documentation/admin-guide/sysctl/crypto.rst). */
async function readFips(host: Host): Promise<Fact<boolean>> {
  const answer = await host.readFile('/proc/sys/crypto/fips_enabled');
  if (answer.status === 'absent') return missed({ ...answer, reason: 'no-fips-support' });
  return fromAnswer(answer, ({ text }) =>
    /^[01]\s*$/.test(text) ? parsed(text.startsWith('1')) : unparsed('no-answer'),
  );
}
