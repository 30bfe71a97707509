/** What a server is told apart by, for a run that does not collect the host document. */
import type { Host } from '../../agent/host/host.ts';
import type { Digests, Draft } from '../collector.ts';
import { fromAnswer } from '../fact.ts';
import { readMachineId, readSshHostKeys } from './identity-keys.ts';
import { parseSmbiosUuid } from './smbios.ts';

export type TargetIdentity = Pick<Draft<'host'>, 'machineId' | 'smbiosUuid' | 'sshHostKeys'>;

/** The same facts as in the host document, of a Linux server. */
export async function readTargetIdentity(host: Host, digests: Digests): Promise<TargetIdentity> {
  return {
    machineId: await readMachineId(host, digests),
    smbiosUuid: fromAnswer(await host.readFile('/sys/class/dmi/id/product_uuid'), ({ text }) => parseSmbiosUuid(text)),
    sshHostKeys: await readSshHostKeys(host, digests),
  };
}
