/** Which server this is, in what state its clock is, and with what rights it was looked at. */
import type { Collector } from '../collector.ts';
import { summariseHost } from './summary.ts';

export const host: Collector = {
  name: 'host',
  purpose: 'Which server this is: system, kernel, identity, hardware, clock, and the rights held.',
  documents: ['host'],
  budgetSeconds: 60,
  collect: async (machine, digests) => ({
    host:
      machine.os === 'linux'
        ? await (await import('./linux.ts')).collectLinux(machine, digests)
        : await (await import('./windows.ts')).collectWindows(machine, digests),
  }),
  summarise: summariseHost,
};
