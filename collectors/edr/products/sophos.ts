/**
 * Sophos: Protection for Linux shows here only that it runs, its state is in Central. The old Anti-Virus 9
 * answers `savdstatus` (no longer maintained by its maker since 2023).
 */
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { wholeOutput } from '../../updates/whole-text.ts';
import { keyValues, shortText } from '../key-values.ts';
import { dayOfIso } from '../moments.ts';
import { type Product, reading, type Values } from '../product.ts';

export const sophosProtection: Product = {
  id: 'sophos-protection',
  vendor: 'Sophos',
  product: 'Protection for Linux',
  traces: {
    packages: [],
    units: ['sophos-spl.service'],
    processes: ['sophos_threat_d', 'sophos_watchdog'],
    helperProcesses: ['soapd', 'mcsrouter'],
    paths: ['/opt/sophos-spl'],
  },
};

export const sophosAntivirus: Product = {
  id: 'sophos-antivirus',
  vendor: 'Sophos',
  product: 'Anti-Virus for Linux',
  traces: {
    packages: [],
    units: ['sav-protect.service'],
    processes: ['savd', 'savscand'],
    paths: ['/opt/sophos-av'],
    modules: ['talpa_syscallhook', 'talpa_vfshook'],
  },
  async read({ host }) {
    const status = wholeOutput(await host.exec('savdstatus'), parseSavdstatus);
    const version = wholeOutput(await host.exec('savdstatus-version'), parseSavdVersion);
    return [
      reading(status, ['mode', 'realTimeProtection']),
      reading(version, ['version', 'engineVersion', 'signatureVersion', 'signatureUpdatedAt']),
    ];
  },
};

/** `Sophos Anti-Virus is active and on-access scanning is running`. */
export function parseSavdstatus(text: string): Parsed<Values> {
  const line = text
    .split('\n')
    .find((each) => each.includes('Sophos Anti-Virus is'))
    ?.trim();
  const active = /^Sophos Anti-Virus is (active|inactive|not active)\b/.exec(line ?? '')?.[1];
  if (line === undefined || active === undefined) return unparsed('unexpected-output');
  const onAccess = /\bon-access scanning is (running|not running|disabled)\b/.exec(line)?.[1];
  return parsed({
    mode: { mode: active === 'active' ? 'active' : 'disabled', verbatim: line.slice(0, 200) },
    ...(onAccess !== undefined && { realTimeProtection: { enabled: onAccess === 'running' } }),
  });
}

const englishMonths = 'january february march april may june july august september october november december'.split(
  ' ',
);

/** `savdstatus --version`: `Threat data release = 12 March 2021 00:00:00`. */
export function parseSavdVersion(text: string): Parsed<Values> {
  const values = keyValues(text, '=');
  const version = shortText(values.get('sophos anti-virus'));
  const engine = shortText(values.get('threat detection engine'));
  const data = shortText(values.get('threat data'));
  const release = values.get('threat data release') ?? '';
  const match = /^(?:[A-Z][a-z]{2} )?([0-9]{1,2}) ([A-Za-z]{3,9}) ([0-9]{4})\b/.exec(release);
  const month = englishMonths.findIndex((name) => name.startsWith((match?.[2] ?? '-').toLowerCase())) + 1;
  const moment =
    match === null || month === 0
      ? undefined
      : dayOfIso(`${match[3]}-${String(month).padStart(2, '0')}-${(match[1] ?? '').padStart(2, '0')}`);
  if (version === undefined && engine === undefined && data === undefined) return unparsed('unexpected-output');
  return parsed({
    ...(version !== undefined && { version }),
    ...(engine !== undefined && { engineVersion: engine }),
    ...(data !== undefined && { signatureVersion: data }),
    ...(moment !== undefined && { signatureUpdatedAt: { moment, basis: 'built' } }),
  });
}
