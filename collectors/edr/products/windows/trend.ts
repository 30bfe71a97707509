/** Trend Micro on Windows: Apex One by its registry, Deep Security and Vision One by `dsa_query.cmd`, as on Linux. */
import { mapFact } from '../../../fact.ts';
import { type RegistryValues, readFirstValues } from '../../../registry-values.ts';
import { wholeOutput } from '../../../updates/whole-text.ts';
import { shortText } from '../../key-values.ts';
import { dayOfIso } from '../../moments.ts';
import { reading, type Values } from '../../product.ts';
import { parseAgentStatus, parseComponentInfo } from '../trend.ts';
import type { WindowsProduct } from './windows-product.ts';

const bothViews = (rest: string): readonly string[] => [
  String.raw`HKLM\SOFTWARE\WOW6432Node\TrendMicro\PC-cillinNTCorp\CurrentVersion${rest}`,
  String.raw`HKLM\SOFTWARE\TrendMicro\PC-cillinNTCorp\CurrentVersion${rest}`,
];

export const apexOne: WindowsProduct = {
  id: 'trend-apex-one',
  vendor: 'Trend Micro',
  product: 'Apex One Security Agent',
  traces: {
    services: ['ntrtscan'],
    helperServices: ['tmlisten', 'TMBMServer', 'TmCCSF', 'TmPfw'],
    drivers: ['TmPreFilter', 'TmFilter', 'tmcomm', 'tmactmon', 'TMUMH'],
    uninstall: /^Trend Micro (?:Apex One|OfficeScan|Worry-Free)/,
  },
  async read({ host }) {
    const misc = await readFirstValues(host, bothViews(String.raw`\Misc.`));
    const realTime = await readFirstValues(host, bothViews(String.raw`\Real Time Scan Configuration`));
    return [
      reading(mapFact(misc, apexValues), ['version', 'engineVersion', 'signatureVersion', 'signatureUpdatedAt']),
      reading(mapFact(realTime, apexRealTime), ['realTimeProtection']),
    ];
  },
};

/** A pattern number such as 1791500 is 17.915.00. */
export function apexValues(values: RegistryValues): Values {
  const version = shortText(values.text('TmListen_Ver'));
  const engine = shortText(values.text('VsAPINT-Ver'));
  const pattern = values.number('InternalNonCrcPatternVer') || values.number('InternalPatternVer');
  const written = values.text('NonCrcPatternDate') ?? values.text('PatternDate');
  const moment = written === undefined ? undefined : dayOfIso(written);
  return {
    ...(version !== undefined && { version }),
    ...(engine !== undefined && { engineVersion: engine }),
    ...(pattern !== undefined && pattern >= 100_000 && { signatureVersion: patternText(pattern) }),
    ...(moment !== undefined && { signatureUpdatedAt: { moment, basis: 'built' } }),
  };
}

function patternText(pattern: number): string {
  const digits = (value: number, count: number): string => String(value).padStart(count, '0');
  return `${Math.floor(pattern / 100_000)}.${digits(Math.floor((pattern % 100_000) / 100), 3)}.${digits(pattern % 100, 2)}`;
}

export function apexRealTime(values: RegistryValues): Values {
  const enable = values.number('Enable');
  return enable === 0 || enable === 1 ? { realTimeProtection: { enabled: enable === 1 } } : {};
}

export const deepSecurity: WindowsProduct = {
  id: 'trend-deep-security',
  vendor: 'Trend Micro',
  product: 'Deep Security Agent',
  traces: {
    services: ['ds_agent'],
    helperServices: ['Amsp', 'ds_monitor', 'ds_notifier'],
    drivers: ['tbimdsa', 'TMUMH'],
    uninstall: /^Trend Micro (?:Deep Security Agent|Cloud One)/,
  },
  async read({ host }) {
    const status = wholeOutput(await host.exec('dsa-query-windows-status'), parseAgentStatus);
    const components = wholeOutput(await host.exec('dsa-query-windows-components'), parseComponentInfo);
    return [
      reading(status, ['cloudContact', 'vendorHealth']),
      reading(components, [
        'version',
        'mode',
        'realTimeProtection',
        'behaviourMonitoring',
        'signatureVersion',
        'licence',
      ]),
    ];
  },
};
