/**
 * SentinelOne: `sentinelctl`. `management status` prints the site key beside what we want: the command is
 * marked secret, and only named lines of it are looked at.
 */
import { type Parsed, parsed, unparsed, unseen } from '../../fact.ts';
import { wholeOutput } from '../../updates/whole-text.ts';
import { columnValues, keyValues, shortText, switchOf } from '../key-values.ts';
import { type Product, reading, type Values } from '../product.ts';

export const sentinelone: Product = {
  id: 'sentinelone',
  vendor: 'SentinelOne',
  product: 'Singularity',
  traces: {
    packages: ['sentinelagent', 'SentinelAgent'],
    units: ['sentinelone.service'],
    processes: ['s1-agent', 's1-scanner', 's1-orchestrator'],
    paths: ['/opt/sentinelone'],
  },
  async read({ host }) {
    const version = wholeOutput(await host.exec('sentinelctl-version'), parseSentinelVersion);
    const engines = wholeOutput(await host.exec('sentinelctl-engines'), parseSentinelEngines);
    const control = wholeOutput(await host.exec('sentinelctl-control'), parseSentinelControl);
    const management = wholeOutput(await host.exec('sentinelctl-management'), parseSentinelManagement);
    const none = unseen('not-applicable', 'no-signatures', version.sources);
    return [
      reading(version, ['version']),
      reading(control, ['mode']),
      reading(engines, ['realTimeProtection', 'behaviourMonitoring', 'engineVersion']),
      reading(management, ['tamperProtection', 'cloudContact']),
      { signatureUpdatedAt: none, signatureVersion: none },
    ];
  },
};

export function parseSentinelVersion(text: string): Parsed<Values> {
  const version = shortText(keyValues(text).get('agent version'));
  return version === undefined ? unparsed('unexpected-output') : parsed({ version });
}

/** `DFI engine   Enabled`: the static engine looks at files as they are written, the dynamic one at what programs do. */
export function parseSentinelEngines(text: string): Parsed<Values> {
  const columns = columnValues(text);
  const files = switchOf(columns.get('dfi engine'));
  const behaviour = switchOf(columns.get('dynamic engine'));
  const engineVersion = shortText(columns.get('dfi library version'));
  if (files === undefined && behaviour === undefined) return unparsed('unexpected-output');
  return parsed({
    ...(files !== undefined && { realTimeProtection: { enabled: files } }),
    ...(behaviour !== undefined && { behaviourMonitoring: behaviour }),
    ...(engineVersion !== undefined && { engineVersion }),
  });
}

/**
 * `Agent state   Enabled`, and its processes. Whether an enabled agent protects or only detects is the
 * policy of its console, so that `Enabled` is no mode; `Disabled` is one.
 */
export function parseSentinelControl(text: string): Parsed<Values> {
  const state = columnValues(text).get('agent state');
  const enabled = switchOf(state);
  if (state === undefined || enabled === undefined) return unparsed('unexpected-output');
  return parsed(enabled ? {} : { mode: { mode: 'disabled', verbatim: state } });
}

/** Takes two lines by name; the rest, the site key among it, is not kept anywhere. */
export function parseSentinelManagement(text: string): Parsed<Values> {
  const columns = columnValues(text);
  const connected = switchOf(columns.get('connectivity'));
  const tamper = switchOf(columns.get('anti tamper') ?? columns.get('anti-tamper'));
  if (connected === undefined && tamper === undefined) return unparsed('unexpected-output');
  return parsed({
    ...(tamper !== undefined && { tamperProtection: { state: tamper ? 'on' : 'off' } }),
    ...(connected !== undefined && { cloudContact: { connected } }),
  });
}

/** The processes that `control status` lists. */
export function sentinelProcesses(text: string): readonly string[] {
  const names: string[] = [];
  for (const match of text.matchAll(/^[\s#]*([a-z][a-z-]{2,31}) +[0-9]{1,10}\s*$/gm)) names.push(match[1] ?? '');
  return names;
}
