/**
 * CrowdStrike Falcon on Windows. Whether it works in full (reduced functionality mode) shows in its console
 * alone: service and driver both run in that mode. Of the sensor's settings only that it is registered, and
 * with whom, stands in the registry.
 */
import type { Digests } from '../../../collector.ts';
import { mapFact, unseen } from '../../../fact.ts';
import { type RegistryValues, readValues } from '../../../registry-values.ts';
import { plainDigest } from '../../plain-digest.ts';
import { notExposed, reading, type Values } from '../../product.ts';
import type { WindowsProduct } from './windows-product.ts';

export const falcon: WindowsProduct = {
  id: 'crowdstrike-falcon',
  vendor: 'CrowdStrike',
  product: 'Falcon',
  traces: {
    services: ['CSFalconService'],
    drivers: ['CSAgent', 'CSBoot', 'CSDeviceControl'],
    uninstall: /^CrowdStrike (?:Windows Sensor|Sensor Platform)/,
  },
  async read({ host, digests }) {
    const sim = await readValues(host, String.raw`HKLM\SYSTEM\CurrentControlSet\Services\CSAgent\Sim`);
    const noSignatures = unseen('not-applicable', 'no-signatures', sim.sources);
    return [
      {
        ...reading(
          mapFact(sim, (values) => simValues(values, digests)),
          ['cloudContact', 'tenantDigest'],
        ),
        mode: unseen('unsupported', notExposed, sim.sources, 'reduced functionality mode does not show on Windows'),
        signatureUpdatedAt: noSignatures,
        signatureVersion: noSignatures,
      },
    ];
  },
};

/** AG is the agent's id, CU the customer's, each of 16 bytes. */
export function simValues(values: RegistryValues, digests: Digests): Values {
  const agent = hex(values.bytes('AG'));
  const customer = hex(values.bytes('CU'));
  return {
    cloudContact: { registered: agent !== undefined && !/^0+$/.test(agent) },
    ...(customer !== undefined && customer.length === 32 && { tenantDigest: plainDigest(customer, digests) }),
  };
}

function hex(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined || bytes.length === 0
    ? undefined
    : Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
