/** Trellix (McAfee) Endpoint Security on Windows, by its registry. */
import { mapFact } from '../../../fact.ts';
import { type RegistryValues, readFirstValues } from '../../../registry-values.ts';
import { shortText } from '../../key-values.ts';
import { dayOfIso } from '../../moments.ts';
import { reading, type Values } from '../../product.ts';
import type { WindowsProduct } from './windows-product.ts';

const bothViews = (rest: string): readonly string[] => [
  String.raw`HKLM\SOFTWARE\McAfee${rest}`,
  String.raw`HKLM\SOFTWARE\WOW6432Node\McAfee${rest}`,
];

export const trellix: WindowsProduct = {
  id: 'trellix-ens',
  vendor: 'Trellix',
  product: 'Endpoint Security',
  traces: {
    services: ['mfetp', 'McShield'],
    helperServices: ['mfemms', 'mfevtp', 'mfefire', 'masvc', 'macmnsvc'],
    drivers: ['mfehidk', 'mfeavfk', 'mfeaack', 'mfewfpk'],
    uninstall: /^(?:McAfee|Trellix) Endpoint Security/,
  },
  async read({ host }) {
    const product = await readFirstValues(host, bothViews(String.raw`\Endpoint\AV`));
    const scanner = await readFirstValues(host, bothViews(String.raw`\AVSolution\MCSHIELDGLOBAL\GLOBAL`));
    const content = await readFirstValues(host, bothViews(String.raw`\AVSolution\DS\DS`));
    return [
      reading(mapFact(product, productValues), ['version']),
      reading(mapFact(scanner, onAccessValues), ['realTimeProtection']),
      reading(mapFact(content, contentValues), ['signatureVersion', 'signatureUpdatedAt', 'engineVersion']),
    ];
  },
};

function productValues(values: RegistryValues): Values {
  const version = shortText(values.text('ProductVersion'));
  return version === undefined ? {} : { version };
}

/** `enableoas` is the on-access scanner's own switch. */
export function onAccessValues(values: RegistryValues): Values {
  const enabled = values.number('enableoas');
  return enabled === 0 || enabled === 1
    ? { realTimeProtection: { enabled: enabled === 1, onAccess: enabled === 1 } }
    : {};
}

/** szContentCreationDate is text; only a form whose order cannot be mistaken is a date. */
export function contentValues(values: RegistryValues): Values {
  const major = values.number('dwContentMajorVersion');
  const minor = values.number('dwContentMinorVersion');
  const engineMajor = values.number('dwEngineMajorVersion');
  const engineMinor = values.number('dwEngineMinorVersion');
  const moment = dayOfIso((values.text('szContentCreationDate') ?? '').replaceAll('/', '-'));
  return {
    ...(major !== undefined &&
      major > 0 && { signatureVersion: minor === undefined ? String(major) : `${major}.${minor}` }),
    ...(engineMajor !== undefined && {
      engineVersion: `${engineMajor}${engineMinor === undefined ? '' : `.${engineMinor}`}`,
    }),
    ...(moment !== undefined && { signatureUpdatedAt: { moment, basis: 'built' } }),
  };
}
