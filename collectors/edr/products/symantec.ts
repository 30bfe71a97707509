/** Symantec Endpoint Protection and Data Center Security: the kernel driver's own /proc/sisap/status. */
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { wholeFile } from '../../updates/whole-text.ts';
import { type Product, reading, type Values } from '../product.ts';

export const symantec: Product = {
  id: 'symantec',
  vendor: 'Broadcom',
  product: 'Symantec Endpoint Protection',
  traces: {
    packages: ['sdcss', 'sdcss-kmod', 'sdcss-sepagent', 'sav'],
    units: ['sisamddaemon.service'],
    helperUnits: ['sisidsdaemon.service', 'sisipsdaemon.service', 'cafagent.service'],
    processes: ['sisamddaemon'],
    helperProcesses: ['sisidsdaemon', 'sisipsdaemon', 'cafservicemain'],
    paths: ['/opt/Symantec', '/usr/lib/symantec'],
    modules: ['sisap', 'sisevt', 'sisfim', 'symev'],
  },
  async read({ host }) {
    const status = wholeFile(await host.readFile('/proc/sisap/status', { volatile: true }), parseSisapStatus);
    // Without the driver there is no such file, and no protection on access either.
    if (status.status === 'absent') return [];
    return [reading(status, ['mode', 'realTimeProtection'])];
  },
};

/** `mode=ENA`: the driver guards; `DIS`: it lets everything through. */
export function parseSisapStatus(text: string): Parsed<Values> {
  const mode = /(?:^|[\s,;])mode\s*=\s*(ENA|DIS)[A-Z]*\b/i.exec(text)?.[1]?.toUpperCase();
  if (mode === undefined) return unparsed('unexpected-output');
  const enabled = mode === 'ENA';
  return parsed({
    mode: { mode: enabled ? 'active' : 'disabled', verbatim: `mode=${mode}` },
    realTimeProtection: { enabled },
  });
}
