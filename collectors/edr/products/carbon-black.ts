/** Carbon Black Cloud: `repcli status`. Its policy is the console's; what shows here is bypass, version and contact. */
import { type Parsed, parsed, unparsed, unseen } from '../../fact.ts';
import { toText } from '../../text.ts';
import { wholeOutput } from '../../updates/whole-text.ts';
import { keyValues, shortText } from '../key-values.ts';
import { type Product, reading, type Values } from '../product.ts';

export const carbonBlack: Product = {
  id: 'carbon-black-cloud',
  vendor: 'Broadcom',
  product: 'Carbon Black Cloud',
  traces: {
    packages: ['cb-psc-sensor'],
    units: ['cbagentd.service'],
    helperUnits: ['cbdaemon.service'],
    processes: ['cbagentd'],
    paths: ['/opt/carbonblack/psc'],
    modules: ['event_collector', 'cbsensor'],
  },
  async read({ host }) {
    const status = wholeOutput(await host.exec('repcli-status'), parseRepcli);
    const none = unseen('not-applicable', 'no-signatures', status.sources);
    return [reading(status, ['version', 'mode', 'cloudContact']), { signatureUpdatedAt: none, signatureVersion: none }];
  },
};

/** A sensor in bypass does nothing. An enabled one may still only watch: that is its policy, so it is no mode here. */
export function parseRepcli(text: string): Parsed<Values> {
  const values = keyValues(text);
  const version = shortText(values.get('sensor version') ?? values.get('version'));
  const state = values.get('sensor state') ?? values.get('state') ?? values.get('status');
  const bypass = values.get('bypass') ?? values.get('bypass mode');
  const registration = values.get('registered') ?? values.get('registration');
  if (version === undefined && state === undefined) return unparsed('unexpected-output');
  const inBypass = /bypass|disabled|quiescent/i.test(state ?? '') || /^(?:yes|on|true|enabled)\b/i.test(bypass ?? '');
  const registered = registration === undefined ? undefined : /^(?:yes|true|registered)\b/i.test(registration);
  return parsed({
    ...(version !== undefined && { version }),
    ...(inBypass && { mode: { mode: 'disabled', verbatim: toText((state ?? bypass ?? '').slice(0, 128)) } }),
    ...(registered !== undefined && { cloudContact: { registered } }),
  });
}
