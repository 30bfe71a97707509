/** Who can become administrator, as the server's own settings say; what follows from them is the judge's. */
import type { Host } from '../../agent/host/host.ts';
import type { Collector, Draft } from '../collector.ts';
import { unseen } from '../fact.ts';
import { collectLinux } from './linux.ts';
import { summariseAdmins } from './summary.ts';

export const admins: Collector = {
  name: 'admins',
  purpose: 'Local accounts, groups that open a way to root, and every sudo rule.',
  documents: ['admins'],
  budgetSeconds: 30,
  collect: async (host) => ({ admins: host.os === 'linux' ? await collectLinux(host) : await notCovered(host) }),
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
  };
}
