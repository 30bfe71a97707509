/** Which Windows server this is, in what state, and with what rights it was looked at. */
import type { Host } from '../../agent/host/host.ts';
import type { ClockState, DomainRole, Fact, OperatingSystem, Scope } from '../../schemas/generated/types.ts';
import type { Digests, Draft } from '../collector.ts';
import { fromAnswer, missed, observed, parsed, unparsed, unseen } from '../fact.ts';
import { rawText } from '../raw-json.ts';
import { registryNumber, registryText } from '../registry-key.ts';
import { toText } from '../text.ts';
import { hostnameOf, identityPart, kernelOf, privilegeOf } from './identity-facts.ts';
import { readSshHostKeys } from './identity-keys.ts';
import { parsePowerShell } from './powershell-view.ts';
import { hardwareOf, parseSmbiosUuid } from './smbios.ts';
import { parseDomainRole, partText, readParts, type SystemPart } from './system-facts.ts';
import { readMachineGuid } from './windows-identity.ts';

const control = String.raw`HKLM\SYSTEM\CurrentControlSet\Control`;
const currentVersion = String.raw`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion`;

export async function collectWindows(host: Host, digests: Digests): Promise<Draft<'host'>> {
  const [identity, facts, machineId, os, scope, clock, timeZone, fips, session] = await Promise.all([
    host.identity(),
    host.query('system-facts'),
    readMachineGuid(host, digests),
    readOs(host),
    readScope(host),
    readClock(host),
    readTimeZone(host),
    readFips(host),
    host.query('session'),
  ]);
  const part = readParts(facts);
  return {
    hostname: fromAnswer(identityPart(identity, 'hostname'), hostnameOf),
    os,
    kernel: fromAnswer(identityPart(identity, 'kernelRelease', 'kernelVersion', 'architecture'), kernelOf),
    machineId,
    smbiosUuid: fromAnswer(part('product'), (product) => parseSmbiosUuid(rawText(product['uuid']) ?? '')),
    sshHostKeys: await readSshHostKeys(host, digests, String.raw`C:\ProgramData\ssh`),
    hardware: hardware(part('machine'), part('firmware')),
    scope,
    lastBoot: fromAnswer(part('os'), (told) => {
      const at = partText(told, 'lastBoot');
      // It moves with each correction of the clock, so it is cut to the minute.
      return at === undefined
        ? unparsed('no-boot-time')
        : parsed({ at: `${at.slice(0, 16)}:00Z`, precision: 'minute' as const });
    }),
    clock,
    timeZone,
    fips,
    privilege: fromAnswer(identityPart(identity, 'user', 'elevated', 'capabilities'), privilegeOf),
    domainRole: domainRole(part('machine')),
    powershell: fromAnswer(session, parsePowerShell),
  };
}

function hardware(machine: SystemPart, firmware: SystemPart): Draft<'host'>['hardware'] {
  if (machine.status !== 'observed') return missed(machine);
  const told = machine.value;
  const bios = firmware.status === 'observed' ? firmware.value : {};
  return observed(
    hardwareOf({
      manufacturer: rawText(told['manufacturer']),
      model: rawText(told['model']),
      firmwareVendor: rawText(bios['manufacturer']),
      firmwareVersion: rawText(bios['version']),
      firmwareDate: rawText(bios['released']),
    }),
    machine.source,
  );
}

function domainRole(machine: SystemPart): Fact<DomainRole> {
  return fromAnswer(machine, parseDomainRole);
}

/** The registry, and not the name for people: that one stays behind after an upgrade in place. */
async function readOs(host: Host): Promise<Fact<OperatingSystem>> {
  const key = await host.registry(currentVersion);
  return fromAnswer(key, (values) => {
    const build = registryText(values, 'CurrentBuildNumber');
    const type = registryText(values, 'InstallationType');
    if (build === undefined || !/^\d{4,6}$/.test(build)) return unparsed('no-build');
    const ubr = registryNumber(values, 'UBR');
    const product = registryText(values, 'ProductName');
    const release = registryText(values, 'DisplayVersion') ?? registryText(values, 'ReleaseId');
    return parsed({
      family: 'windows' as const,
      id: type?.startsWith('Server') === true ? 'windows-server' : 'windows',
      versionId: `10.0.${build}`,
      ...(ubr === undefined ? {} : { pointRelease: `${build}.${ubr}` }),
      ...(release === undefined ? {} : { codename: release.slice(0, 128) }),
      ...(product === undefined ? {} : { prettyName: toText(product) }),
    });
  });
}

/** A container of Windows has the value ContainerType; on a machine it is not there. */
async function readScope(host: Host): Promise<Fact<Scope>> {
  return fromAnswer(await host.registry(control), (key) => {
    const isContainer = registryNumber(key, 'ContainerType') !== undefined;
    return parsed<Scope>(
      isContainer ? { kind: 'container', markers: ['ContainerType'] } : { kind: 'machine', markers: [] },
    );
  });
}

/**
 * The time service tells its state in words of the server's language alone (w32tm /query). So only what
 * it is set to is known: with NoSync it keeps no time.
 */
async function readClock(host: Host): Promise<Fact<ClockState>> {
  const answer = await host.registry(String.raw`HKLM\SYSTEM\CurrentControlSet\Services\W32Time\Parameters`);
  if (answer.status !== 'observed') return missed(answer);
  return registryText(answer.value, 'Type')?.toLowerCase() === 'nosync'
    ? observed({ synchronised: false, keeper: 'w32time' as const }, answer.source)
    : unseen('unsupported', 'time-state-not-exposed', [answer.source]);
}

async function readTimeZone(host: Host): Promise<Fact<string>> {
  return fromAnswer(await host.registry(`${control}\\TimeZoneInformation`), (key) => {
    const name = registryText(key, 'TimeZoneKeyName');
    return name === undefined ? unparsed('zone-not-named') : parsed(name.split('\0', 1)[0]?.slice(0, 128) ?? '');
  });
}

async function readFips(host: Host): Promise<Fact<boolean>> {
  const answer = await host.registry(`${control}\\Lsa\\FipsAlgorithmPolicy`);
  return fromAnswer(answer, (key) => {
    const enabled = registryNumber(key, 'Enabled');
    return enabled === undefined ? unparsed('no-answer') : parsed(enabled === 1);
  });
}
