/** Update levels and installed packages. */
import type { Collector } from '../collector.ts';
import { summariseUpdates } from './summary.ts';

export const updates: Collector = {
  name: 'updates',
  purpose: 'What could be installed and is not, how fresh that knowledge is, and every installed package.',
  documents: ['updates', 'packages'],
  budgetSeconds: 240,
  // A server never needs the other system's half: each is loaded where it is run.
  collect: async (host) =>
    host.os === 'linux'
      ? (await import('./linux.ts')).collectLinux(host)
      : (await import('./windows.ts')).collectWindows(host),
  summarise: summariseUpdates,
};
