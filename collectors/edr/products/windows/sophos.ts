/**
 * Sophos Central on Windows: the health service writes its own state into the registry. 1 is good, 2 not
 * quite, 3 bad; of single services 0 runs and 1 does not.
 */
import { mapFact } from '../../../fact.ts';
import { type RegistryValues, readFirstValues, readValues } from '../../../registry-values.ts';
import { reading, type Values } from '../../product.ts';
import type { WindowsProduct } from './windows-product.ts';

const healthKeys = [
  String.raw`HKLM\SOFTWARE\WOW6432Node\Sophos\Health\Status`,
  String.raw`HKLM\SOFTWARE\Sophos\Health\Status`,
];
const tamperKey = String.raw`HKLM\SYSTEM\CurrentControlSet\Services\Sophos Endpoint Defense\TamperProtection\Config`;

export const sophos: WindowsProduct = {
  id: 'sophos-protection',
  vendor: 'Sophos',
  product: 'Intercept X',
  traces: {
    services: ['Sophos Endpoint Defense Service', 'SAVService', 'Sophos System Protection Service'],
    helperServices: [
      'Sophos Health Service',
      'Sophos MCS Agent',
      'Sophos MCS Client',
      'hmpalertsvc',
      'SntpService',
      'Sophos File Scanner Service',
    ],
    drivers: ['Sophos Endpoint Defense', 'SAVOnAccess', 'hmpalert'],
    uninstall: /^Sophos (?:Endpoint|Server|Intercept|Anti-Virus)/,
  },
  async read({ host }) {
    const health = await readFirstValues(host, healthKeys);
    const tamper = await readValues(host, tamperKey);
    return [
      reading(mapFact(health, healthValues), ['vendorHealth', 'isolation']),
      reading(mapFact(tamper, tamperValues), ['tamperProtection']),
    ];
  },
};

/** An issue for each state that is not good, and for each service that it says does not run. */
export function healthValues(values: RegistryValues): Values {
  const states = ['health', 'service', 'threat'].flatMap((name) => {
    const state = values.number(name);
    return state === undefined ? [] : [[name, state] as const];
  });
  const stopped = values.names
    .filter((name) => /^service\./i.test(name) && values.number(name) === 1)
    .map((name) => `${name} stopped`.slice(0, 256));
  const admin = values.number('admin');
  if (states.length === 0) return {};
  const bad = states.filter(([, state]) => state !== 1).map(([name, state]) => `${name} ${state}`);
  const overall = states.find(([name]) => name === 'health')?.[1];
  return {
    vendorHealth: {
      ...(overall !== undefined && { healthy: overall === 1 && stopped.length === 0, verbatim: String(overall) }),
      issues: [...bad, ...stopped].slice(0, 128),
    },
    ...(admin !== undefined && { isolation: admin === 3 }),
  };
}

export function tamperValues(values: RegistryValues): Values {
  const enabled = values.number('SEDEnabled');
  return enabled === 0 || enabled === 1
    ? { tamperProtection: { state: enabled === 1 ? 'on' : 'off', verbatim: `SEDEnabled ${enabled}` } }
    : {};
}
