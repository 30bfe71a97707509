/** Bitdefender Endpoint Security Tools for Linux: `bduitool get ps`. */
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { wholeOutput } from '../../updates/whole-text.ts';
import { keyValues, shortText, switchOf } from '../key-values.ts';
import { momentOfGmtOffset } from '../moments.ts';
import { type Product, reading, type Values } from '../product.ts';

export const bitdefender: Product = {
  id: 'bitdefender',
  vendor: 'Bitdefender',
  product: 'Endpoint Security Tools',
  traces: {
    packages: ['bitdefender-security-tools'],
    units: ['bdsec.service'],
    processes: ['bdsecd'],
    helperProcesses: ['auctld', 'epagd'],
    paths: ['/opt/bitdefender-security-tools'],
  },
  async read({ host }) {
    const status = wholeOutput(await host.exec('bduitool-status'), parseBduitool);
    return [
      reading(status, [
        'version',
        'engineVersion',
        'mode',
        'realTimeProtection',
        'signatureUpdatedAt',
        'signatureVersion',
      ]),
    ];
  },
};

/**
 * `Antimalware status: On`: the module, of which scanning on access is one part with a switch of its own
 * in the console. So `Off` says that there is no real-time protection, and `On` does not say that there is.
 */
export function parseBduitool(text: string): Parsed<Values> {
  const values = keyValues(text.replaceAll(/^[ \t]+-[ \t]*/gm, ''));
  const version = shortText(values.get('product version'));
  const engine = shortText(values.get('engines version'));
  const antimalware = values.get('antimalware status');
  const on = switchOf(antimalware);
  const moment = momentOfGmtOffset(values.get('last security content update') ?? '');
  if (version === undefined) return unparsed('unexpected-output');
  return parsed({
    version,
    ...(engine !== undefined && { engineVersion: engine, signatureVersion: engine }),
    ...(on !== undefined && {
      mode: { mode: on ? 'active' : 'disabled', verbatim: `Antimalware status: ${on ? 'On' : 'Off'}` },
    }),
    ...(on === false && { realTimeProtection: { enabled: false } }),
    ...(moment !== undefined && { signatureUpdatedAt: { moment, basis: 'installed' } }),
  });
}
