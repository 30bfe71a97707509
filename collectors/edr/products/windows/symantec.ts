/** Symantec Endpoint Protection on Windows, by its registry (public-opstate, and the switch of Auto-Protect). */
import { mapFact } from '../../../fact.ts';
import { type RegistryValues, readFirstValues } from '../../../registry-values.ts';
import { shortText } from '../../key-values.ts';
import { dayOfIso } from '../../moments.ts';
import { reading, type Values } from '../../product.ts';
import type { WindowsProduct } from './windows-product.ts';

const bothViews = (rest: string): readonly string[] => [
  String.raw`HKLM\SOFTWARE\Symantec\Symantec Endpoint Protection${rest}`,
  String.raw`HKLM\SOFTWARE\WOW6432Node\Symantec\Symantec Endpoint Protection${rest}`,
];

export const symantec: WindowsProduct = {
  id: 'symantec',
  vendor: 'Broadcom',
  product: 'Symantec Endpoint Protection',
  traces: {
    services: ['SepMasterService'],
    helperServices: ['SepScanService', 'SepLpsService', 'sisipsservice'],
    drivers: ['SRTSP', 'SymEFASI', 'BHDrvx64', 'SymEvnt', 'SRTSPX'],
    uninstall: /^Symantec Endpoint (?:Protection|Security)/,
  },
  async read({ host }) {
    const product = await readFirstValues(host, bothViews(String.raw`\CurrentVersion`));
    const state = await readFirstValues(host, bothViews(String.raw`\CurrentVersion\public-opstate`));
    const scan = await readFirstValues(host, bothViews(String.raw`\AV\Storages\Filesystem\RealTimeScan`));
    return [
      reading(mapFact(product, productValues), ['version']),
      reading(mapFact(state, stateValues), ['mode', 'signatureUpdatedAt', 'signatureVersion', 'lastScan']),
      reading(mapFact(scan, autoProtectValues), ['realTimeProtection']),
    ];
  },
};

function productValues(values: RegistryValues): Values {
  const version = shortText(values.text('PRODUCTVERSION'));
  return version === undefined ? {} : { version };
}

/** 1 is running; every other number is not known to be. Dates are `2026-01-02`. */
export function stateValues(values: RegistryValues): Values {
  const antivirus = values.number('AVRunningStatus') ?? values.number('ASRunningStatus');
  const day = dayOfIso(values.text('LatestVirusDefsDate') ?? '');
  const revision = shortText(values.text('LatestVirusDefsRevision'));
  const scan = dayOfIso(values.text('LastSuccessfulScanDateTime') ?? '');
  return {
    ...(antivirus !== undefined && {
      mode: { mode: antivirus === 1 ? 'active' : 'disabled', verbatim: `RunningStatus ${antivirus}` },
    }),
    ...(day !== undefined && { signatureUpdatedAt: { moment: day, basis: 'built' } }),
    ...(day !== undefined &&
      'on' in day && { signatureVersion: revision === undefined ? day.on : `${day.on} r${revision}` }),
    ...(scan !== undefined && { lastScan: [{ kind: 'unstated', ran: true, ended: scan }] }),
  };
}

export function autoProtectValues(values: RegistryValues): Values {
  const on = values.number('OnOff');
  return on === 0 || on === 1 ? { realTimeProtection: { enabled: on === 1 } } : {};
}
