/**
 * Microsoft Defender for Endpoint, the sensor (service Sense). It reports; what stops malware is the
 * antivirus. Since Server 2019 every server has the service, stopped until somebody onboards it.
 * https://learn.microsoft.com/defender-endpoint/troubleshoot-onboarding
 */

import type { Digests } from '../../../collector.ts';
import { mapFact } from '../../../fact.ts';
import { momentOfFiletime } from '../../../raw-objects.ts';
import { type RegistryValues, readValues } from '../../../registry-values.ts';
import { plainDigest } from '../../plain-digest.ts';
import { reading, type Values } from '../../product.ts';
import type { WindowsProduct } from './windows-product.ts';

const statusKey = String.raw`HKLM\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status`;

export const defenderEndpoint: WindowsProduct = {
  id: 'defender-endpoint-sensor',
  vendor: 'Microsoft',
  product: 'Defender for Endpoint sensor',
  traces: { services: ['Sense'], drivers: [], helperServices: ['MdCoreSvc'] },
  async read({ host, digests }) {
    const status = await readValues(host, statusKey);
    return [
      reading(
        mapFact(status, (values) => sensorValues(values, digests)),
        ['cloudContact', 'tenantDigest'],
      ),
    ];
  },
};

export function sensorValues(values: RegistryValues, digests: Digests): Values {
  const onboarded = values.number('OnboardingState');
  const contact = values.text('LastConnected') ?? values.number('LastConnected');
  const lastContactAt = momentOfFiletime(contact);
  const tenant = values.text('OrgId');
  return {
    ...(onboarded !== undefined && {
      cloudContact: { registered: onboarded === 1, ...(lastContactAt !== undefined && { lastContactAt }) },
    }),
    ...(tenant !== undefined &&
      /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(tenant) && {
        tenantDigest: plainDigest(tenant.toLowerCase(), digests),
      }),
  };
}
