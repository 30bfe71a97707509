/** Trellix (McAfee) Endpoint Security for Linux Threat Prevention: `mfetpcli`, in versions before 10.6 `isecav`. */
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { wholeOutput } from '../../updates/whole-text.ts';
import { keyValues, shortText } from '../key-values.ts';
import { dayOfIso } from '../moments.ts';
import { type Product, reading, type Values } from '../product.ts';

export const trellix: Product = {
  id: 'trellix-ens',
  vendor: 'Trellix',
  product: 'Endpoint Security for Linux',
  traces: {
    packages: ['McAfeeTP', 'mcafeetp', 'ISecTP'],
    units: ['mfetpd.service', 'isectpd.service'],
    processes: ['mfetpd', 'isectpd'],
    paths: ['/opt/McAfee/ens', '/opt/isec/ens'],
    modules: ['mfe_aac_100713203', 'mfe_fileaccess'],
  },
  async read({ host }) {
    const version = wholeOutput(await host.exec('mfetpcli-version'), parseTrellixVersion);
    const onAccess = wholeOutput(await host.exec('mfetpcli-on-access'), parseOnAccess);
    const access = wholeOutput(await host.exec('mfetpcli-access-protection'), parseAccessProtection);
    return [
      reading(version, ['version', 'engineVersion', 'signatureVersion', 'signatureUpdatedAt']),
      reading(onAccess, ['mode', 'realTimeProtection', 'cloudProtection']),
      reading(access, ['tamperProtection']),
    ];
  },
};

/** `DAT Version : 4567.0` and `DAT Date : 2025-10-18`; names differ a little between versions. */
export function parseTrellixVersion(text: string): Parsed<Values> {
  const values = keyValues(text);
  const find = (pattern: RegExp): string | undefined => {
    for (const [name, value] of values) if (pattern.test(name)) return shortText(value);
    return undefined;
  };
  const version = find(/^(?:product )?version$/);
  const engine = find(/engine version$/);
  const data = find(/(?:dat|content|amcore).*version$/);
  const moment = dayOf(find(/(?:dat|content|amcore).*(?:date|time)$/) ?? '');
  if (version === undefined) return unparsed('unexpected-output');
  return parsed({
    version,
    ...(engine !== undefined && { engineVersion: engine }),
    ...(data !== undefined && { signatureVersion: data }),
    ...(moment !== undefined && { signatureUpdatedAt: { moment, basis: 'built' } }),
  });
}

/** Year first, or a month's name: an order of day and month that could be read two ways is not a date. */
function dayOf(text: string): ReturnType<typeof dayOfIso> {
  const match = /^([0-9]{1,2})[ -]([A-Z][a-z]{2})[ -]([0-9]{4})\b/.exec(text);
  if (match === null) return dayOfIso(text.replaceAll('/', '-'));
  const month = 'JanFebMarAprMayJunJulAugSepOctNovDec'.indexOf(match[2] ?? '-') / 3 + 1;
  return dayOfIso(`${match[3]}-${String(month).padStart(2, '0')}-${(match[1] ?? '').padStart(2, '0')}`);
}

/**
 * `On-Access Scan: Enabled and Noncompliant`: enabled in the settings while its processes or hooks are not there
 * (vendor article KB89803), which is switched on and not available.
 */
export function parseOnAccess(text: string): Parsed<Values> {
  const values = keyValues(text);
  const found = [...values].find(([name]) => /^on[- ]access scan(?:ning)?$/.test(name))?.[1];
  const state = /^(enabled|disabled|on|off)\b/i.exec(found ?? '')?.[1]?.toLowerCase();
  if (found === undefined || state === undefined) return unparsed('unexpected-output');
  const enabled = state === 'enabled' || state === 'on';
  const noncompliant = /non-?compliant/i.test(found);
  const gti = [...values].find(([name]) => /\bgti\b/.test(name))?.[1];
  const asks =
    gti === undefined
      ? undefined
      : /^(?:enabled|on)\b/i.test(gti)
        ? true
        : /^(?:disabled|off)\b/i.test(gti)
          ? false
          : undefined;
  return parsed({
    mode: { mode: enabled ? 'active' : 'disabled', verbatim: found.slice(0, 128).toWellFormed() },
    realTimeProtection: { enabled, ...(enabled && { available: !noncompliant }) },
    ...(asks !== undefined && { cloudProtection: { enabled: asks } }),
  });
}

export function parseAccessProtection(text: string): Parsed<Values> {
  const found = [...keyValues(text)].find(([name]) => name.startsWith('access protection'))?.[1];
  const state = /^(enabled|disabled|on|off)\b/i.exec(found ?? '')?.[1]?.toLowerCase();
  if (state === undefined) return unparsed('unexpected-output');
  return parsed({ tamperProtection: { state: state === 'enabled' || state === 'on' ? 'on' : 'off', verbatim: state } });
}
