/** What a server is told apart by, for a run that does not collect the host document. */
import type { Host } from '../../agent/host/host.ts';
import type { Digests, Draft } from '../collector.ts';
import { fromAnswer } from '../fact.ts';
import { rawText } from '../raw-json.ts';
import { readMachineId, readSshHostKeys } from './identity-keys.ts';
import { parseSmbiosUuid } from './smbios.ts';
import { readParts } from './system-facts.ts';
import { readMachineGuid } from './windows-identity.ts';

export type TargetIdentity = Pick<Draft<'host'>, 'machineId' | 'smbiosUuid' | 'sshHostKeys'>;

/** The same facts as in the host document. */
export async function readTargetIdentity(host: Host, digests: Digests): Promise<TargetIdentity> {
  if (host.os === 'windows') {
    const product = readParts(await host.query('system-facts'))('product');
    return {
      machineId: await readMachineGuid(host, digests),
      smbiosUuid: fromAnswer(product, ({ uuid }) => parseSmbiosUuid(rawText(uuid) ?? '')),
      sshHostKeys: await readSshHostKeys(host, digests, String.raw`C:\ProgramData\ssh`),
    };
  }
  return {
    machineId: await readMachineId(host, digests),
    smbiosUuid: fromAnswer(await host.readFile('/sys/class/dmi/id/product_uuid'), ({ text }) => parseSmbiosUuid(text)),
    sshHostKeys: await readSshHostKeys(host, digests),
  };
}
