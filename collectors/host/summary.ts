/** What a person reads first of the server itself. */
import type { Fact, Hardware, OperatingSystem, Text } from '../../schemas/generated/types.ts';
import type { Drafts, SummaryRow } from '../collector.ts';

export function summariseHost({ host }: Drafts): readonly SummaryRow[] {
  if (host === undefined) return [];
  const rows = [
    seen(host.hostname, (name) => plain('Server', shown(name))),
    seen(host.os, (os) => plain('System', osText(os))),
    seen(host.kernel, ({ release, architecture }) => plain('Kernel', `${release} (${architecture})`)),
    seen(host.hardware, (hardware) => plain('Hardware', hardwareText(hardware))),
    seen(host.scope, ({ kind, markers }) =>
      kind === 'machine'
        ? plain('Seen', 'a whole machine')
        : notice('Seen', `a container (${markers.join(', ')}): its kernel is the host's`),
    ),
    seen(host.lastBoot, ({ at }) => plain('Last boot', at)),
    seen(host.clock, ({ synchronised, keeper }) =>
      synchronised
        ? { label: 'Clock', text: `synchronised (${keeper})`, tone: 'good' }
        : notice('Clock', `not synchronised (${keeper})`),
    ),
    seen(host.timeZone, (zone) => plain('Time zone', zone)),
    seen(host.domainRole, ({ role, domain }) =>
      plain('Domain', `${role.replaceAll('-', ' ')}${domain === undefined ? '' : ` of ${domain}`}`),
    ),
    seen(host.powershell, ({ languageMode, version }) =>
      languageMode === 'full'
        ? plain('PowerShell', version ?? 'asked')
        : notice('PowerShell', `${languageMode} language: what needs COM or .NET cannot be seen`),
    ),
    seen(host.privilege, ({ user, elevated, capabilities }) =>
      plain(
        'Collected as',
        `${shown(user)}${elevated ? '' : capabilities.length > 0 ? ` with ${capabilities.join(', ')}` : ', an ordinary user'}`,
      ),
    ),
  ];
  return rows.filter((row) => row !== undefined);
}

function seen<T>(fact: Fact<T>, row: (value: T) => SummaryRow): SummaryRow | undefined {
  return fact.status === 'observed' ? row(fact.value) : undefined;
}

function plain(label: string, text: string): SummaryRow {
  return { label, text, tone: 'plain' };
}

function notice(label: string, text: string): SummaryRow {
  return { label, text, tone: 'attention' };
}

function osText({ id, versionId, pointRelease, prettyName }: OperatingSystem): string {
  const name = prettyName === undefined ? [id, versionId].filter(Boolean).join(' ') : shown(prettyName);
  return pointRelease === undefined ? name : `${name}, ${pointRelease}`;
}

function hardwareText({ manufacturer, model, firmwareVersion, virtual }: Hardware): string {
  const machine = [manufacturer, model]
    .filter((part) => part !== undefined)
    .map(shown)
    .join(' ');
  const firmware = firmwareVersion === undefined ? '' : `, firmware ${shown(firmwareVersion)}`;
  return `${machine === '' ? 'not named' : machine}${firmware}${virtual === true ? ', virtual' : ''}`;
}

function shown(text: Text): string {
  return typeof text === 'string' ? text : `(not UTF-8: ${text.bytes})`;
}
