/** Which server this is, in what state its clock is, and with what rights it was looked at. */
import type { Collector } from '../collector.ts';
import { collectLinux } from './linux.ts';
import { summariseHost } from './summary.ts';
import { collectWindows } from './windows.ts';

export const host: Collector = {
  name: 'host',
  purpose: 'Which server this is: system, kernel, identity, hardware, clock, and the rights held.',
  documents: ['host'],
  budgetSeconds: 60,
  collect: async (machine, digests) => ({
    host: machine.os === 'linux' ? await collectLinux(machine, digests) : await collectWindows(machine, digests),
  }),
  summarise: summariseHost,
};
