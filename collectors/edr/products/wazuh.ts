/** The Wazuh agent, and OSSEC before it: it detects and reports, and protects from nothing. */
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { wholeFile, wholeOutput } from '../../updates/whole-text.ts';
import { shortText } from '../key-values.ts';
import { dayOfIso } from '../moments.ts';
import { type Product, reading, type Values } from '../product.ts';

export const wazuh: Product = {
  id: 'wazuh-agent',
  vendor: 'Wazuh',
  product: 'Wazuh agent',
  traces: {
    packages: ['wazuh-agent', 'ossec-hids-agent'],
    units: ['wazuh-agent.service'],
    processes: ['wazuh-agentd', 'ossec-agentd'],
    helperProcesses: ['wazuh-execd', 'wazuh-syscheckd', 'wazuh-logcollec', 'wazuh-modulesd'],
    paths: ['/var/ossec'],
  },
  async read({ host }) {
    const status = wholeOutput(await host.exec('wazuh-status'), parseWazuhStatus);
    const info = wholeOutput(await host.exec('wazuh-info'), parseWazuhInfo);
    const state = wholeFile(
      await host.readFile('/var/ossec/var/run/wazuh-agentd.state', { volatile: true }),
      parseWazuhState,
    );
    return [reading(status, ['running']), reading(info, ['version']), reading(state, ['cloudContact'])];
  },
};

export type WazuhDaemons = { readonly running: readonly string[]; readonly stopped: readonly string[] };

/** `wazuh-agentd is running...`, `ossec-agentd not running...`, without the prefix. */
export function wazuhDaemons(text: string): WazuhDaemons {
  const running: string[] = [];
  const stopped: string[] = [];
  for (const match of text.matchAll(/^(?:wazuh|ossec)-([a-z0-9-]{1,32}) (is running|not running|is not running)\b/gm))
    (match[2] === 'is running' ? running : stopped).push(match[1] ?? '');
  return { running, stopped };
}

/** The agent runs where the daemon that talks to the manager does. */
export function parseWazuhStatus(text: string): Parsed<Values> {
  const { running, stopped } = wazuhDaemons(text);
  if (!running.includes('agentd') && !stopped.includes('agentd')) return unparsed('unexpected-output');
  return parsed({ running: running.includes('agentd') });
}

/** `WAZUH_VERSION="v4.14.5"`. */
export function parseWazuhInfo(text: string): Parsed<Values> {
  const version = shortText(/^WAZUH_VERSION="([^"\n]{1,64})"$/m.exec(text)?.[1]);
  return version === undefined ? unparsed('unexpected-output') : parsed({ version });
}

/** `status='connected'`, `last_ack='2026-11-23 06:00:00'`: a time of the machine's zone, kept as its day. */
export function parseWazuhState(text: string): Parsed<Values> {
  const status = /^status='([a-z]{1,32})'$/m.exec(text)?.[1];
  if (status !== 'connected' && status !== 'pending' && status !== 'disconnected') return unparsed('unexpected-output');
  const day = /^last_ack='([0-9]{4}-[0-9]{2}-[0-9]{2}) /m.exec(text)?.[1];
  const contact = day === undefined ? undefined : dayOfIso(day);
  return parsed({
    cloudContact: {
      connected: status === 'connected',
      registered: true,
      ...(contact !== undefined && { lastContactAt: contact }),
    },
  });
}
