/** What asks for a second factor on Windows, way by way. Credential providers see interactive logons alone. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, SmartCardAccount } from '../../schemas/generated/types.ts';
import { type People, readPeople } from '../admins/windows/people.ts';
import { parseUserRights } from '../admins/windows/user-rights.ts';
import type { Draft } from '../collector.ts';
import { parsePrograms, parseServices } from '../edr/windows-view.ts';
import { fromAnswer, observed, unseen } from '../fact.ts';
import type { WindowsFact } from './index.ts';
import { readExchange } from './windows/exchange.ts';
import { readLogonAgents, readProviders } from './windows/logon-agents.ts';
import { readNetworkLogon, readRemoteDesktop, readSmartCardPolicy, readWinRm } from './windows/logon-settings.ts';
import { readNpsExtension } from './windows/nps.ts';
import { readWindowsSsh } from './windows/ssh.ts';

export async function collectWindows(host: Host): Promise<Pick<Draft<'mfa'>, WindowsFact | 'sshServers'>> {
  const services = fromAnswer(await host.query('services'), parseServices);
  const programs = fromAnswer(await host.query('uninstall-entries'), parsePrograms);
  const rights = fromAnswer(await host.query('user-rights'), parseUserRights);
  const { providers, filters } = await readProviders(host);
  return {
    smartCardPolicy: await readSmartCardPolicy(host),
    smartCardAccounts: smartCardAccounts(await readPeople(host)),
    credentialProviders: providers,
    credentialProviderFilters: filters,
    logonAgents: await readLogonAgents(host, { programs, services }),
    remoteDesktop: await readRemoteDesktop(host),
    winRm: await readWinRm(host, services),
    sshServers: await readWindowsSsh(host, services),
    networkLogon: await readNetworkLogon(host, rights),
    npsExtension: await readNpsExtension(host, services, programs),
    ...(await readExchange(host)),
  };
}

/**
 * Accounts of the directory that a group leads to, with what they themselves demand. Where the directory could
 * not be asked nothing is known of any; a machine without a domain has none.
 */
export function smartCardAccounts({ root, accounts, groups, expansion }: People): Fact<SmartCardAccount[]> {
  if (accounts.status !== 'observed') return accounts;
  if (groups.status !== 'observed') return groups;
  if (root.status === 'not-applicable') return observed([], ...accounts.sources);
  if (root.status !== 'observed') return root;
  if (expansion.failure !== undefined) return expansion.failure;
  const guarded = groups.value.find(({ sid }) => sid === `${root.value.domainSid}-525`);
  const list = accounts.value.flatMap(({ sid, name, smartCardRequired, view }): SmartCardAccount[] => {
    if (view !== 'directory' || smartCardRequired === undefined) return [];
    const silo = expansion.objects.get(sid)?.silo;
    return [
      {
        id: sid,
        ...(name !== undefined && { name }),
        smartCardRequired,
        ...(silo !== undefined && { authenticationSilo: silo }),
        ...(guarded?.complete === true && { protectedUser: guarded.members.some((member) => member.sid === sid) }),
      },
    ];
  });
  return list.length > 100_000
    ? unseen('failed', 'too-many-entries', accounts.sources)
    : observed(list, ...accounts.sources, ...root.sources);
}
