/**
 * Elastic Defend under Elastic Agent: `elastic-agent status --output json`. Whether malware is prevented or
 * only detected is the policy in Fleet; here shows whether the endpoint component is there and healthy.
 */
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { wholeOutput } from '../../updates/whole-text.ts';
import { shortText } from '../key-values.ts';
import { type Product, reading, type Values } from '../product.ts';

export const elastic: Product = {
  id: 'elastic-defend',
  vendor: 'Elastic',
  product: 'Elastic Defend',
  traces: {
    packages: ['elastic-agent'],
    units: ['elastic-agent.service', 'ElasticEndpoint.service'],
    processes: ['elastic-endpoin'],
    helperProcesses: ['elastic-agent'],
    paths: ['/opt/Elastic/Endpoint', '/opt/Elastic/Agent'],
  },
  async read({ host }) {
    const status = wholeOutput(await host.exec('elastic-agent-status'), parseElasticStatus);
    return [reading(status, ['version', 'mode', 'realTimeProtection', 'cloudContact', 'vendorHealth'])];
  },
};

/** The agent's control protocol (elastic-agent control_v2.proto, enum State). */
const states = [
  'STARTING',
  'CONFIGURING',
  'HEALTHY',
  'DEGRADED',
  'FAILED',
  'STOPPING',
  'STOPPED',
  'UPGRADING',
  'ROLLBACK',
];

export function parseElasticStatus(text: string): Parsed<Values> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return unparsed('not-json');
  }
  if (typeof json !== 'object' || json === null) return unparsed('unexpected-json');
  const {
    info,
    state,
    components,
    fleet_state: fleet,
  }: { info?: unknown; state?: unknown; components?: unknown; fleet_state?: unknown } = json;
  const agent = stateOf(state);
  if (agent === undefined || !Array.isArray(components)) return unparsed('unexpected-json');
  const version =
    typeof info === 'object' && info !== null && 'version' in info && typeof info.version === 'string'
      ? shortText(info.version)
      : undefined;
  const endpoint = (components as readonly unknown[]).find(isEndpoint);
  const endpointState = endpoint === undefined ? undefined : stateOf(endpoint.state);
  const connected = stateOf(fleet);
  return parsed({
    ...(version !== undefined && { version }),
    ...(endpoint === undefined && {
      mode: { mode: 'disabled', verbatim: 'no endpoint component' },
      realTimeProtection: { enabled: false },
    }),
    ...(endpointState !== undefined &&
      endpointState !== 'HEALTHY' && { mode: { mode: 'reduced-functionality', verbatim: endpointState } }),
    ...(connected !== undefined && { cloudContact: { connected: connected === 'HEALTHY' } }),
    vendorHealth: {
      healthy: agent === 'HEALTHY' && (endpoint === undefined || endpointState === 'HEALTHY'),
      verbatim: agent,
    },
  });
}

function isEndpoint(component: unknown): component is { readonly state?: unknown } {
  if (typeof component !== 'object' || component === null) return false;
  const { id, name }: { id?: unknown; name?: unknown } = component;
  return [id, name].some((each) => typeof each === 'string' && /^endpoint(?:-|$)/.test(each));
}

function stateOf(value: unknown): string | undefined {
  if (typeof value === 'number') return states[value];
  return typeof value === 'string' && states.includes(value.toUpperCase()) ? value.toUpperCase() : undefined;
}
