/** What protects and detects on this server, how it is set, and what it found; whether that is enough is the judge's. */
import type { Collector } from '../collector.ts';
import { summariseEdr } from './summary.ts';

export const edr: Collector = {
  name: 'edr',
  purpose: 'Threat detection products with their state, audit logging, and where the logs go.',
  documents: ['edr'],
  budgetSeconds: 240,
  collect: async (host, digests) => ({
    edr:
      host.os === 'linux'
        ? await (await import('./linux.ts')).collectLinux(host, digests)
        : await (await import('./windows.ts')).collectWindows(host, digests),
  }),
  summarise: summariseEdr,
};
