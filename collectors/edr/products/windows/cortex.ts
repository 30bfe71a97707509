/** Cortex XDR (Traps) on Windows: `cytool.exe`. A supervisor's password is never given to it. */
import { type Parsed, parsed, unparsed } from '../../../fact.ts';
import { wholeOutput } from '../../../updates/whole-text.ts';
import { reading, type Values } from '../../product.ts';
import { parseCortexContent } from '../cortex.ts';
import type { WindowsProduct } from './windows-product.ts';

export const cortex: WindowsProduct = {
  id: 'cortex-xdr',
  vendor: 'Palo Alto Networks',
  product: 'Cortex XDR',
  traces: {
    services: ['cyserver', 'CyveraService'],
    helperServices: ['twdservice', 'tlaservice', 'telam_svc'],
    drivers: ['cyvrfsfd', 'cyverak', 'cyvrmtgn', 'tedrdrv', 'tdevflt'],
    uninstall: /^Cortex XDR|^Traps [0-9]/,
  },
  async read({ host }) {
    const runtime = wholeOutput(await host.exec('cytool-windows-runtime'), parseWindowsRuntime);
    const content = wholeOutput(await host.exec('cytool-windows-info'), parseCortexContent);
    return [reading(runtime, ['vendorHealth']), reading(content, ['signatureVersion'])];
  },
};

/** `cyserver   Running`, one service or driver a line; a line of which the state is no English word that we know is none. */
export function parseWindowsRuntime(text: string): Parsed<Values> {
  const parts = [
    ...text.matchAll(
      /^[ \t]*([A-Za-z][A-Za-z0-9_]{1,31})\s+(?:[A-Za-z-]+\s+)?(Running|Stopped|Disabled|Loaded|Unloaded)\b/gim,
    ),
  ].map(([, name = '', state = '']) => ({ name, running: /^(?:running|loaded)$/i.test(state) }));
  if (!parts.some(({ name }) => /^(?:cyserver|cyveraservice)$/i.test(name))) return unparsed('unexpected-output');
  const stopped = parts.filter(({ running }) => !running).map(({ name }) => `${name} does not run`);
  return parsed({ vendorHealth: { healthy: stopped.length === 0, issues: stopped.slice(0, 128) } });
}
