/** What is told to send Windows' events away: event forwarding (WEF) and the usual agents. Told is not delivered. */
import type { Host } from '../../../agent/host/host.ts';
import type { Fact, ForwardingTarget, LogForwarder } from '../../../schemas/generated/types.ts';
import { observed, type Parsed, parsed, unparsed, unseen } from '../../fact.ts';
import { type RegistryValues, readValues } from '../../registry-values.ts';
import { toText } from '../../text.ts';
import { wholeFile } from '../../updates/whole-text.ts';
import { parseOssecConf, parseSplunkOutputs } from '../logs/other-forwarders.ts';
import { portOf } from '../logs/target.ts';
import { parseWazuhState } from '../products/wazuh.ts';
import type { WindowsService, WindowsView } from '../windows-view.ts';

const subscriptionKey = String.raw`HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\EventForwarding\SubscriptionManager`;

type Agent = {
  readonly kind: LogForwarder['kind'];
  readonly services: readonly string[];
  readonly file?: string;
  readonly secret?: true;
  readonly parse?: (text: string, definedIn: string) => Parsed<ForwardingTarget[]>;
  readonly delivering?: (host: Host) => Promise<LogForwarder['delivering']>;
};

const agents: readonly Agent[] = [
  { kind: 'azure-monitor-agent', services: ['AzureMonitorAgent', 'AMAExtHealthMonitor'] },
  { kind: 'system-center-agent', services: ['HealthService'] },
  {
    kind: 'splunk-forwarder',
    services: ['SplunkForwarder'],
    file: String.raw`C:\Program Files\SplunkUniversalForwarder\etc\system\local\outputs.conf`,
    // It can carry the password of its key.
    secret: true,
    parse: parseSplunkOutputs,
  },
  {
    kind: 'nxlog',
    services: ['nxlog'],
    file: String.raw`C:\Program Files\nxlog\conf\nxlog.conf`,
    secret: true,
    parse: parseNxlog,
  },
  { kind: 'winlogbeat', services: ['winlogbeat'] },
  { kind: 'filebeat', services: ['filebeat'] },
  { kind: 'elastic-agent', services: ['Elastic Agent'] },
  { kind: 'fluent-bit', services: ['fluent-bit'] },
  { kind: 'vector', services: ['vector'] },
  {
    kind: 'wazuh-agent',
    services: ['WazuhSvc', 'OssecSvc'],
    file: String.raw`C:\Program Files (x86)\ossec-agent\ossec.conf`,
    parse: parseOssecConf,
    delivering: wazuhState,
  },
];

/** Empty only where the services and the subscriptions could be looked at. */
export async function readWindowsForwarding(host: Host, view: WindowsView): Promise<Fact<LogForwarder[]>> {
  const { services } = view;
  const subscription = await readValues(host, subscriptionKey);
  if (services.status !== 'observed') return services;
  if (subscription.status !== 'observed' && subscription.status !== 'absent') return subscription;
  const list: LogForwarder[] = [];
  const sources = [...services.sources, ...subscription.sources];
  if (subscription.status === 'observed') {
    const entry = subscriptionOf(subscription.value, subscription.sources, services);
    if (entry !== undefined) list.push(entry);
  }
  for (const agent of agents) {
    const service = agent.services
      .map((name) => services.value.get(name.toLowerCase()))
      .find((each) => each !== undefined);
    if (service === undefined) continue;
    const entry = await agentEntry(host, agent, service, services.sources);
    list.push(entry);
    sources.push(...entry.configured.sources);
  }
  return observed(list, ...sources.slice(0, 60));
}

/** Events are fetched through WinRM's service, so that its state is the forwarder's. */
function subscriptionOf(
  values: RegistryValues,
  sources: readonly string[],
  services: Extract<WindowsView['services'], { status: 'observed' }>,
): LogForwarder | undefined {
  const texts = values.names.map((name) => values.text(name) ?? '').filter((text) => text.trim() !== '');
  if (texts.length === 0) return undefined;
  const targets = texts.map(parseSubscription);
  const failed = targets.find((each) => !each.ok);
  const service = services.value.get('winrm');
  return {
    kind: 'windows-event-forwarding',
    name: 'WinRM',
    ...stateOf(service, services.sources),
    configured:
      failed === undefined
        ? observed(
            targets.flatMap((each) => (each.ok ? [each.value] : [])),
            ...sources,
          )
        : unseen('failed', 'unexpected-address', sources),
    delivering: unseen('unsupported', 'not-exposed', sources),
  };
}

/** `Server=https://wec.corp.example:5986/wsman/SubscriptionManager/WEC,Refresh=60,IssuerCA=…`. */
export function parseSubscription(text: string): Parsed<ForwardingTarget> {
  const match =
    /(?:^|,)\s*Server\s*=\s*(https?):\/\/(\[[^\]\s]+\]|[A-Za-z0-9._-]{1,255})(?::([0-9]{1,5}))?(?:[/,\s]|$)/i.exec(
      text,
    );
  if (match === null) return unparsed('unexpected-address');
  return parsed({
    address: (match[2] ?? '').replaceAll(/[[\]]/g, ''),
    ...portOf(match[3]),
    protocol: match[1]?.toLowerCase() === 'https' ? 'https' : 'http',
    definedIn: subscriptionKey,
  });
}

/** `<Output out>` sections of nxlog.conf with Module om_tcp, om_udp or om_ssl, and Host with or without its port. */
export function parseNxlog(text: string, definedIn: string): Parsed<ForwardingTarget[]> {
  const targets: ForwardingTarget[] = [];
  const bare = text.replaceAll(/^[ \t]*#.*$/gm, '');
  for (const block of bare.matchAll(/<Output\b[^>]*>([\s\S]{0,8192}?)<\/Output>/gi)) {
    const body = block[1] ?? '';
    const module = /^[ \t]*Module\s+om_(tcp|udp|ssl|batchcompress|http)\b/im.exec(body)?.[1]?.toLowerCase();
    if (module === undefined) continue;
    const host = /^[ \t]*Host\s+(\[[^\]\s]+\]|[A-Za-z0-9._-]{1,255})(?::([0-9]{1,5}))?\s*$/im.exec(body);
    const url = /^[ \t]*URL\s+(https?):\/\/([A-Za-z0-9._-]{1,255})(?::([0-9]{1,5}))?/im.exec(body);
    const address = host?.[1] ?? url?.[2];
    if (address === undefined) return unparsed('unexpected-address');
    const port = host?.[2] ?? url?.[3] ?? /^[ \t]*Port\s+([0-9]{1,5})\s*$/im.exec(body)?.[1];
    targets.push({
      address: toText(address.replaceAll(/[[\]]/g, '')),
      ...portOf(port),
      protocol:
        module === 'ssl'
          ? 'tls'
          : module === 'tcp' || module === 'udp'
            ? module
            : url?.[1] === 'https'
              ? 'https'
              : 'other',
      definedIn,
    });
  }
  return parsed(targets.slice(0, 256));
}

async function agentEntry(
  host: Host,
  { kind, file, secret, parse, delivering }: Agent,
  service: WindowsService,
  sources: readonly string[],
): Promise<LogForwarder> {
  const configured: Fact<ForwardingTarget[]> =
    file === undefined || parse === undefined
      ? unseen('unsupported', 'configuration-not-covered', sources)
      : wholeFile(await host.readFile(file, secret === true ? { secret } : {}), (text) =>
          parse(text.replaceAll('\r\n', '\n'), file),
        );
  return {
    kind,
    name: toText(service.name),
    ...stateOf(service, sources),
    configured:
      configured.status === 'absent'
        ? unseen('unsupported', 'configuration-elsewhere', configured.sources)
        : configured,
    delivering: delivering === undefined ? unseen('unsupported', 'not-exposed', sources) : await delivering(host),
  };
}

function stateOf(
  service: WindowsService | undefined,
  sources: readonly string[],
): Pick<LogForwarder, 'running' | 'enabledAtBoot'> {
  if (service === undefined) {
    const none = unseen('absent', 'no-such-service', sources);
    return { running: none, enabledAtBoot: none };
  }
  const { running, startType } = service;
  return {
    running: observed(running, ...sources),
    enabledAtBoot:
      startType === undefined
        ? unseen('failed', 'unknown-start-mode', sources)
        : observed(startType !== 'on-demand' && startType !== 'disabled', ...sources),
  };
}

async function wazuhState(host: Host): Promise<LogForwarder['delivering']> {
  const path = String.raw`C:\Program Files (x86)\ossec-agent\wazuh-agent.state`;
  const state = wholeFile(await host.readFile(path, { volatile: true }), (text) =>
    parseWazuhState(text.replaceAll('\r\n', '\n')),
  );
  if (state.status !== 'observed') return state;
  const { connected, lastContactAt } = state.value.cloudContact ?? {};
  return connected === undefined
    ? unseen('unsupported', 'not-stated', state.sources)
    : observed(
        { connected, ...(lastContactAt !== undefined && { lastAcknowledgedAt: lastContactAt }) },
        ...state.sources,
      );
}
