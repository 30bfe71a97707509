/** What joins the bundles of one Windows installation. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import type { Digests } from '../collector.ts';
import { fromAnswer, mapFact, unparsed } from '../fact.ts';
import { registryText } from '../registry-key.ts';
import { machineIdLabel } from './identity-keys.ts';
import { parseMachineId } from './machine-id.ts';

/** MachineGuid is made by setup and stays for the life of an installation; like machine-id, only a derived value leaves. */
export async function readMachineGuid(host: Host, digests: Digests): Promise<Fact<string>> {
  const answer = await host.registry(String.raw`HKLM\SOFTWARE\Microsoft\Cryptography`);
  const id = fromAnswer(answer, (key) => {
    const guid = registryText(key, 'MachineGuid');
    return guid === undefined ? unparsed('no-machine-guid') : parseMachineId(guid.replaceAll(/[{}-]/g, ''));
  });
  if (id.status !== 'observed') return id;
  return mapFact(id, (bytes) => digests.derive(bytes, machineIdLabel).slice(0, 32));
}
