/** What a person reads first of the ways into Windows: plain facts. */
import type { Fact, Text } from '../../../schemas/generated/types.ts';
import type { Draft, SummaryRow } from '../../collector.ts';

export function windowsRows(mfa: Draft<'mfa'>): SummaryRow[] {
  return [
    row(mfa.remoteDesktop, ({ connectionsAllowed, networkLevelAuthentication, restrictedAdmin, port = 3389 }) =>
      plain(
        'Remote Desktop',
        connectionsAllowed
          ? `on, port ${port}${networkLevelAuthentication === true ? ', with NLA (no second factor)' : networkLevelAuthentication === false ? ', without NLA' : ''}${restrictedAdmin === true ? ', Restricted Admin on' : ''}`
          : 'takes no connections',
      ),
    ),
    row(mfa.winRm, ({ running, listeners = [], basic }) =>
      plain(
        'WinRM',
        running
          ? `runs, ${listeners.length === 0 ? 'no listener' : listeners.map(({ transport, port }) => `${transport} ${port}`).join(', ')}${basic === true ? ', Basic allowed' : ''}`
          : 'does not run',
      ),
    ),
    row(mfa.smartCardPolicy, ({ required }) =>
      plain('Smart card', required === true ? 'demanded at the console' : 'not demanded by this machine'),
    ),
    row(mfa.logonAgents, (list) =>
      plain(
        'At the logon screen',
        list.length === 0 ? 'no product that asks for more' : list.map(({ product }) => product).join(', '),
      ),
    ),
    row(mfa.credentialProviderFilters, (list) => plain('Filters', `${list.length} of credential providers`)),
    row(mfa.npsExtension, ({ serviceRunning }) =>
      plain('NPS extension', serviceRunning ? 'there, the service runs' : 'there, the service does not run'),
    ),
    row(mfa.exchangeVirtualDirectories, (list) =>
      plain('Exchange', list.map(({ kind, authentication }) => `${kind} (${authentication.join(' ')})`).join(', ')),
    ),
    row(mfa.exchangeMailProtocols, (list) => {
      const open = list.filter(({ running }) => running !== false);
      return open.length === 0
        ? undefined
        : plain('Mail protocols', open.map(({ protocol, name }) => `${protocol} ${shown(name)}`).join(', '));
    }),
  ].filter((each) => each !== undefined);
}

function row<T>(fact: Fact<T>, make: (value: T) => SummaryRow | undefined): SummaryRow | undefined {
  return fact.status === 'observed' ? make(fact.value) : undefined;
}

function plain(label: string, text: string): SummaryRow {
  return { label, text, tone: 'plain' };
}

function shown(text: Text): string {
  return typeof text === 'string' ? text : `(not UTF-8: ${text.bytes})`;
}
