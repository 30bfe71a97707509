/** Update levels and installed packages. */
import type { Collector } from '../collector.ts';
import { collectLinux } from './linux.ts';
import { summariseUpdates } from './summary.ts';
import { collectWindows } from './windows.ts';

export const updates: Collector = {
  name: 'updates',
  purpose: 'What could be installed and is not, how fresh that knowledge is, and every installed package.',
  documents: ['updates', 'packages'],
  budgetSeconds: 240,
  collect: async (host) => (host.os === 'linux' ? collectLinux(host) : collectWindows(host)),
  summarise: summariseUpdates,
};
