/** Cisco Secure Endpoint: `ampcli status`, `ampcli about`. */
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { toText } from '../../text.ts';
import { wholeOutput } from '../../updates/whole-text.ts';
import { keyValues, shortText } from '../key-values.ts';
import { type Product, reading, type Values } from '../product.ts';

export const cisco: Product = {
  id: 'cisco-secure-endpoint',
  vendor: 'Cisco',
  product: 'Secure Endpoint',
  traces: {
    packages: ['ciscoampconnector', 'cisco-amp'],
    units: ['cisco-amp.service'],
    processes: ['ampdaemon'],
    helperProcesses: ['ampscansvc', 'ampmon'],
    paths: ['/opt/cisco/amp'],
    modules: ['ampnetworkflow', 'ampfsm', 'ampavflt'],
  },
  async read({ host }) {
    const status = wholeOutput(await host.exec('ampcli-status'), parseAmpStatus);
    const about = wholeOutput(await host.exec('ampcli-about'), parseAmpAbout);
    return [reading(status, ['mode', 'cloudContact', 'policy', 'vendorHealth']), reading(about, ['version'])];
  },
};

/** `Mode: Normal` beside `Degraded` and `Disabled`; faults are its own list of what does not work. */
export function parseAmpStatus(text: string): Parsed<Values> {
  const values = keyValues(text);
  const status = shortText(values.get('status'));
  const mode = shortText(values.get('mode'));
  if (status === undefined || mode === undefined) return unparsed('unexpected-output');
  const modes: Readonly<Record<string, 'active' | 'reduced-functionality' | 'disabled'>> = {
    normal: 'active',
    degraded: 'reduced-functionality',
    disabled: 'disabled',
  };
  const known = Object.hasOwn(modes, mode.toLowerCase()) ? modes[mode.toLowerCase()] : undefined;
  const policy = values.get('policy')?.replace(/ \(#[0-9]+\)$/, '');
  const faults = values.get('faults');
  return parsed({
    ...(known !== undefined && { mode: { mode: known, verbatim: mode } }),
    cloudContact: { connected: /^connected\b/i.test(status) },
    ...(policy !== undefined && policy !== '' && { policy: { name: toText(policy.slice(0, 256)) } }),
    ...(faults !== undefined && {
      vendorHealth: {
        healthy: /^(?:none|no faults|)$/i.test(faults),
        ...(!/^(?:none|no faults|)$/i.test(faults) && { issues: [toText(faults.slice(0, 256))] }),
      },
    }),
  });
}

export function parseAmpAbout(text: string): Parsed<Values> {
  const version = /\bv?([0-9]{1,4}(?:\.[0-9]{1,6}){2,4})\b/.exec(text)?.[1];
  return version === undefined ? unparsed('unexpected-output') : parsed({ version });
}
