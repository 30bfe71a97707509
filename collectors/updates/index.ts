/** Update levels and installed packages. */
import type { Host } from '../../agent/host/host.ts';
import type { Collector, Drafts } from '../collector.ts';
import { unseen } from '../fact.ts';
import { collectLinux, withoutAnswers } from './linux.ts';
import { windowsFactsUnseen } from './platform-facts.ts';
import { summariseUpdates } from './summary.ts';

export const updates: Collector = {
  name: 'updates',
  purpose: 'What could be installed and is not, how fresh that knowledge is, and every installed package.',
  documents: ['updates', 'packages'],
  budgetSeconds: 120,
  collect: async (host) => (host.os === 'linux' ? collectLinux(host) : notCovered(host)),
  summarise: summariseUpdates,
};

async function notCovered(host: Host): Promise<Drafts> {
  const identity = await host.identity();
  const why = unseen('unsupported', 'platform-not-covered', [identity.source]);
  const { updates: linux, packages } = withoutAnswers(why, why);
  return { updates: { ...linux, ...windowsFactsUnseen(why) }, packages };
}
