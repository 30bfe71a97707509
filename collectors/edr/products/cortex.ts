/** Cortex XDR (Traps): `cytool runtime query`, `info`, `info query`. Passwords are never given to it. */
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { wholeOutput } from '../../updates/whole-text.ts';
import { keyValues, shortText } from '../key-values.ts';
import { type Product, reading, type Values } from '../product.ts';

export const cortex: Product = {
  id: 'cortex-xdr',
  vendor: 'Palo Alto Networks',
  product: 'Cortex XDR',
  traces: {
    packages: ['cortex-agent', 'traps'],
    units: ['traps_pmd.service'],
    processes: ['pmd'],
    helperProcesses: ['clad', 'dypd', 'dypdng', 'spmd', 'lted', 'pyxd'],
    paths: ['/opt/traps'],
  },
  async read({ host }) {
    const runtime = wholeOutput(await host.exec('cytool-runtime'), parseCortexRuntime);
    const info = wholeOutput(await host.exec('cytool-info'), parseCortexInfo);
    const content = wholeOutput(await host.exec('cytool-info-query'), parseCortexContent);
    return [reading(runtime, ['running']), reading(info, ['version']), reading(content, ['signatureVersion'])];
  },
};

export type CortexProcess = { readonly name: string; readonly status: string };

/** Columns Name, PID, User, Status, Command; names may hold a blank, and what follows the status is cut off. */
export function cortexProcesses(text: string): readonly CortexProcess[] {
  const processes: CortexProcess[] = [];
  for (const match of text.matchAll(
    /^[ \t]*(\S[^\n\t]{0,63}?)\s+(?:[0-9]{1,10}|-|N\/A)\s+\S+\s+(Running|Loaded|Stopped|Not running|Disabled|Unloaded)\b/gim,
  )) {
    const [, name = '', status = ''] = match;
    processes.push({ name, status });
  }
  return processes;
}

export function parseCortexRuntime(text: string): Parsed<Values> {
  const processes = cortexProcesses(text);
  const main = processes.find(({ name }) => name === 'pmd');
  if (main === undefined) return unparsed('unexpected-output');
  return parsed({ running: main.status.toLowerCase() === 'running' });
}

/** `Cortex XDR (R) supervisor tool 8.2.1.120305`. */
export function parseCortexInfo(text: string): Parsed<Values> {
  const version = /supervisor tool ([0-9]{1,6}(?:\.[0-9]{1,8}){1,4})/.exec(text)?.[1];
  return version === undefined ? unparsed('unexpected-output') : parsed({ version });
}

/** `Content Version: 1270-120305`: a number of the vendor's that names no date. */
export function parseCortexContent(text: string): Parsed<Values> {
  const version = shortText(keyValues(text).get('content version'));
  return version === undefined ? unparsed('unexpected-output') : parsed({ signatureVersion: version });
}
