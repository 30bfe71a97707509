/** Who can become administrator, as the server's own settings say; what follows from them is the judge's. */
import type { Host } from '../../agent/host/host.ts';
import type { Collector, Draft } from '../collector.ts';
import { unseen } from '../fact.ts';
import { collectLinux } from './linux.ts';
import { summariseAdmins } from './summary.ts';

export const admins: Collector = {
  name: 'admins',
  purpose:
    'Accounts and every path by which somebody becomes root: groups, sudo, doas, polkit, keys, programs, sockets, agents.',
  documents: ['admins'],
  budgetSeconds: 60,
  collect: async (host, digests) => ({
    admins: host.os === 'linux' ? await collectLinux(host, digests) : await notCovered(host),
  }),
  summarise: summariseAdmins,
};

async function notCovered(host: Host): Promise<Draft<'admins'>> {
  const identity = await host.identity();
  const why = unseen('unsupported', 'platform-not-covered', [identity.source]);
  return {
    accounts: why,
    accountSources: why,
    nisEntries: why,
    passwordStates: why,
    groups: why,
    sudoInstalled: why,
    sudoRules: why,
    sudoDefaults: why,
    doasInstalled: why,
    doasRules: why,
    suGuards: why,
    polkitRules: why,
    controlSockets: why,
    dockerListeners: why,
    fileCapabilities: why,
    setIdFiles: why,
    sshKeySettings: why,
    authorizedKeys: why,
    directoryGroups: why,
    directoryDomains: why,
    sudoListings: why,
    writableRootJobs: why,
    outOfBandAgents: why,
    lastLogins: why,
  };
}
