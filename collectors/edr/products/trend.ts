/** Trend Micro Deep Security and Vision One Server & Workload Protection: `dsa_query -c GetAgentStatus`, `GetComponentInfo`. */
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { wholeOutput } from '../../updates/whole-text.ts';
import { keyValues, shortText, switchOf } from '../key-values.ts';
import { momentOfSeconds } from '../moments.ts';
import { type Product, reading, type Values } from '../product.ts';

export const trend: Product = {
  id: 'trend-deep-security',
  vendor: 'Trend Micro',
  product: 'Deep Security Agent',
  traces: {
    packages: ['ds-agent', 'ds_agent'],
    units: ['ds_agent.service'],
    processes: ['ds_agent', 'ds_am'],
    paths: ['/opt/ds_agent'],
    modules: ['dsa_filter', 'dsa_filter_hook', 'gsch', 'redirfs', 'bmhook', 'tmhook'],
  },
  async read({ host }) {
    const status = wholeOutput(await host.exec('dsa-query-status'), parseAgentStatus);
    const components = wholeOutput(await host.exec('dsa-query-components'), parseComponentInfo);
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

/** The colour is its own word for its health; the manager's address shows that it is activated. */
export function parseAgentStatus(text: string): Parsed<Values> {
  const values = keyValues(text);
  const state = shortText(values.get('agentstatus.agentstate'));
  const manager = values.get('agentstatus.dsmurl');
  if (state === undefined) return unparsed('unexpected-output');
  return parsed({
    vendorHealth: { ...(/^(?:green|red|yellow)$/.test(state) && { healthy: state === 'green' }), verbatim: state },
    ...(manager !== undefined && { cloudContact: { registered: manager !== '' } }),
  });
}

/**
 * `Component.AM.mode: on`: the anti-malware engine. A driver or engine that is offline cannot look at files
 * as they are opened, whatever the mode says (kernels that are not supported).
 */
export function parseComponentInfo(text: string): Parsed<Values> {
  const values = keyValues(text);
  const mode = values.get('component.am.mode');
  if (mode === undefined) return unparsed('unexpected-output');
  const on = switchOf(mode);
  const offline = [values.get('component.am.driveroffline'), values.get('component.am.engineoffline')].map(switchOf);
  const capable = switchOf(values.get('component.am.cap.realtime'));
  // The number is that of a schedule or its state; only "false" and "0" are known to say that there is none.
  const scan = values.get('component.am.scan.realtime');
  const version = shortText(values.get('component.core.version') ?? values.get('component.am.version'));
  const pattern = shortText(
    values.get('component.am.version.pattern.vsapi') ?? values.get('component.am.version.pattern'),
  );
  const expires = momentOfSeconds(values.get('component.am.licenseexpiry') ?? '');
  const working = offline.includes(true) ? false : offline[0];
  return parsed({
    ...(version !== undefined && { version }),
    ...(on !== undefined && { mode: { mode: on ? 'active' : 'disabled', verbatim: mode } }),
    ...(on !== undefined &&
      scan !== undefined && {
        realTimeProtection: {
          enabled: on && capable !== false && switchOf(scan) !== false,
          ...(working !== undefined && { available: working }),
        },
      }),
    ...(pattern !== undefined && { signatureVersion: pattern }),
    ...(expires !== undefined && { licence: { state: 'licensed', expires } }),
  });
}
