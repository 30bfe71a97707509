/** Which server this is, in what state its clock is, and with what rights it was looked at. */
import type { Host } from '../../agent/host/host.ts';
import type { Collector, Draft } from '../collector.ts';
import { unseen } from '../fact.ts';
import { collectLinux } from './linux.ts';
import { summariseHost } from './summary.ts';

export const host: Collector = {
  name: 'host',
  purpose: 'Which server this is: system, kernel, identity, hardware, clock, and the rights held.',
  documents: ['host'],
  budgetSeconds: 60,
  collect: async (machine, digests) => ({
    host: machine.os === 'linux' ? await collectLinux(machine, digests) : await notCovered(machine),
  }),
  summarise: summariseHost,
};

async function notCovered(machine: Host): Promise<Draft<'host'>> {
  const identity = await machine.identity();
  const why = unseen('unsupported', 'platform-not-covered', [identity.source]);
  return {
    hostname: why,
    os: why,
    kernel: why,
    machineId: why,
    smbiosUuid: why,
    sshHostKeys: why,
    hardware: why,
    scope: why,
    lastBoot: why,
    clock: why,
    timeZone: why,
    fips: why,
    privilege: why,
    domainRole: why,
    powershell: why,
  };
}
