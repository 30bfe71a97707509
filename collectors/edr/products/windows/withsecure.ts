/** WithSecure (F-Secure) on Windows, by the registry of its updates. */
import type { Fact } from '../../../../schemas/generated/types.ts';
import { observed } from '../../../fact.ts';
import { readSubkeys, readValues } from '../../../registry-values.ts';
import { shortText } from '../../key-values.ts';
import type { WindowsProduct, WindowsTools } from './windows-product.ts';

const updateKeys = [
  String.raw`HKLM\SOFTWARE\F-Secure\Ultralight\Updates\aquarius`,
  String.raw`HKLM\SOFTWARE\WOW6432Node\F-Secure\Ultralight\Updates\aquarius`,
];

export const withsecure: WindowsProduct = {
  id: 'withsecure',
  vendor: 'WithSecure',
  product: 'Elements and Server Security',
  traces: {
    services: ['fshoster', 'fsulhoster'],
    helperServices: ['fsulnethoster', 'fsulprothoster', 'FSMA'],
    drivers: ['fsulgk', 'F-Secure Gatekeeper'],
    uninstall: /^(?:WithSecure|F-Secure) /,
  },
  async read({ host }) {
    return [{ signatureVersion: await readVersion(host) }];
  },
};

async function readVersion(host: WindowsTools['host']): Promise<Fact<string>> {
  let none: Fact<string> | undefined;
  for (const key of updateKeys) {
    const names = await readSubkeys(host, key);
    if (names.status !== 'observed') {
      none ??= names;
      continue;
    }
    for (const name of names.value.slice(0, 8)) {
      const values = await readValues(host, `${key}\\${name}`);
      const version =
        values.status === 'observed' ? shortText(values.value.text('file_set_visible_version')) : undefined;
      if (version !== undefined) return observed(version, ...values.sources);
      if (values.status !== 'observed') none ??= values;
    }
  }
  return none ?? { status: 'absent', reason: 'no-such-key', sources: [] };
}
