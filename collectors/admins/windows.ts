/**
 * Who can become administrator on Windows: groups by SID, one member at a time, and the domain groups among
 * them. On a domain controller the privileged groups alone: nobody enumerates a domain.
 */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, OutOfBandAgents } from '../../schemas/generated/types.ts';
import type { Draft } from '../collector.ts';
import { programOf } from '../edr/windows-traces.ts';
import { parseServices, type WindowsService } from '../edr/windows-view.ts';
import { fromAnswer, observed } from '../fact.ts';
import { rowsOf, textOf } from '../raw-objects.ts';
import { toText } from '../text.ts';
import type { WindowsFact } from './index.ts';
import { readLaps } from './windows/laps.ts';
import { readPeople } from './windows/people.ts';
import { parseTasks, serviceAccounts, taskAccounts } from './windows/run-as.ts';
import { readPrivilegedSettings } from './windows/settings.ts';
import { isMachineAccount, sidOf } from './windows/sid.ts';
import { parseUserRights } from './windows/user-rights.ts';

type WindowsDraft = Pick<Draft<'admins'>, WindowsFact | 'outOfBandAgents'>;

export async function collectWindows(host: Host): Promise<WindowsDraft> {
  const services = fromAnswer(await host.query('services'), parseServices);
  const tasks = fromAnswer(await host.query('scheduled-tasks'), parseTasks);
  const { domain, groups, accounts, root, rights } = await readPeople(host);
  const names = [
    ...(services.status === 'observed' ? [...services.value.values()].flatMap(({ account }) => account ?? []) : []),
    ...(tasks.status === 'observed' ? tasks.value.map(({ account }) => account) : []),
  ];
  const sidByName = await readSids(host, names);
  return {
    windowsDomain: domain,
    windowsGroups: groups,
    windowsAccounts: accounts,
    userRights: fromAnswer(await host.query('user-rights'), parseUserRights),
    laps: await readLaps(host, root),
    privilegedSettings: await readPrivilegedSettings(host),
    serviceAccounts: serviceAccounts(services, sidByName),
    taskAccounts: taskAccounts(tasks, sidByName, isMachineAccount),
    outOfBandAgents: outOfBand(services),
    directoryGuards: rights.guards,
    directoryDelegations: rights.delegations,
  };
}

/** SIDs of names as services and tasks write them; a name that cannot be resolved stays a name. */
async function readSids(host: Host, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const wanted = [...new Set(names.filter((name) => sidOf(name) === undefined))].toSorted().slice(0, 2000);
  if (wanted.length === 0) return new Map();
  const answer = await host.query('account-sids', { names: wanted });
  const rows = fromAnswer(answer, rowsOf);
  const found = new Map<string, string>();
  if (rows.status !== 'observed') return found;
  for (const row of rows.value) {
    const name = textOf(row['Name']);
    const sid = sidOf(row['Sid']);
    if (name !== undefined && sid !== undefined) found.set(name.toLowerCase(), sid);
  }
  return found;
}

/** Agents through which somebody outside of this server acts as the system, by the names of their services. */
const agents: readonly (readonly [string, string])[] = [
  ['azure-windows-agent', 'WindowsAzureGuestAgent'],
  ['azure-arc', 'himds'],
  ['azure-arc-extensions', 'ExtensionService'],
  ['aws-ssm-agent', 'AmazonSSMAgent'],
  ['google-guest-agent', 'GCEAgent'],
  ['google-os-config', 'google_osconfig_agent'],
  ['vmware-tools', 'VMTools'],
  ['qemu-guest-agent', 'QEMU-GA'],
  ['hyper-v-direct', 'vmicvmsession'],
  ['configuration-manager', 'CcmExec'],
  ['intune', 'IntuneManagementExtension'],
  ['puppet', 'puppet'],
  ['chef', 'chef-client'],
  ['salt-minion', 'salt-minion'],
  ['ansible-tower-node', 'receptor'],
  ['teamviewer', 'TeamViewer'],
  ['anydesk', 'AnyDesk'],
  ['splashtop', 'SplashtopRemoteService'],
  ['connectwise-automate', 'LTService'],
  ['datto-rmm', 'CagService'],
  ['ninja-rmm', 'NinjaRMMAgent'],
  ['n-able', 'Windows Agent Service'],
  ['kaseya', 'KaseyaAgent'],
];

function outOfBand(services: Fact<ReadonlyMap<string, WindowsService>>): Fact<OutOfBandAgents> {
  if (services.status !== 'observed') return services;
  const found = agents.flatMap(([id, name]) => {
    const service = services.value.get(name.toLowerCase());
    // The guest's side of Hyper-V is there on every Windows and starts where there is a Hyper-V.
    if (service === undefined || (id === 'hyper-v-direct' && !service.running)) return [];
    return [{ id, path: toText(programOf(service.path ?? '') ?? service.name) }];
  });
  const screenConnect = [...services.value.values()].find(({ name }) => name.startsWith('ScreenConnect Client ('));
  if (screenConnect !== undefined)
    found.push({ id: 'screenconnect', path: toText(programOf(screenConnect.path ?? '') ?? screenConnect.name) });
  return observed({ agents: found, unread: [] }, ...services.sources);
}
