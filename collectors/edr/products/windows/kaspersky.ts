/** Kaspersky Endpoint Security for Windows, by its registry. Its command line asks for passwords and is not run. */
import type { Fact } from '../../../../schemas/generated/types.ts';
import { mapFact, observed } from '../../../fact.ts';
import { type RegistryValues, readSubkeys, readValues } from '../../../registry-values.ts';
import { momentOfSeconds } from '../../moments.ts';
import { reading, type Values } from '../../product.ts';
import type { WindowsProduct, WindowsTools } from './windows-product.ts';

const protectedKey = String.raw`HKLM\SOFTWARE\WOW6432Node\KasperskyLab\protected`;

export const kaspersky: WindowsProduct = {
  id: 'kaspersky',
  vendor: 'Kaspersky',
  product: 'Endpoint Security',
  traces: {
    services: [/^AVP(?:[0-9.]+|\.KES.*)?$/i, /^kavfs$/i],
    helperServices: ['klnagent', 'kavfsgt'],
    drivers: ['klif', 'klhk', 'klflt', 'kneps', 'klupd_klif_arkmon'],
    uninstall: /^Kaspersky (?:Endpoint Security|Security)/,
  },
  async read({ host }) {
    const data = await readData(host);
    return [reading(mapFact(data, updateValues), ['signatureUpdatedAt', 'signatureUpdate'])];
  },
};

/** The first product below `protected` that has a Data key. */
async function readData(host: WindowsTools['host']): Promise<Fact<RegistryValues>> {
  const names = await readSubkeys(host, protectedKey);
  if (names.status !== 'observed') return names;
  let none: Fact<RegistryValues> = { status: 'absent', reason: 'no-such-key', sources: names.sources };
  for (const name of names.value.slice(0, 8)) {
    const data = await readValues(host, `${protectedKey}\\${name}\\Data`);
    if (data.status === 'observed') return observed(data.value, ...data.sources);
    if (none.status === 'absent') none = data;
  }
  return none;
}

/** Seconds since 1970; 0xFFFFFFFF is none. */
export function updateValues(values: RegistryValues): Values {
  const success = values.number('LastSuccessfulUpdate');
  const moment = success === undefined || success === 4_294_967_295 ? undefined : momentOfSeconds(String(success));
  return moment === undefined
    ? {}
    : { signatureUpdatedAt: { moment, basis: 'installed' }, signatureUpdate: { lastSuccess: moment } };
}
