/** What protects and detects on this server, how it is set, and what it found; whether that is enough is the judge's. */
import type { Host } from '../../agent/host/host.ts';
import type { Collector, Draft } from '../collector.ts';
import { missed, unseen } from '../fact.ts';
import { collectLinux } from './linux.ts';
import { summariseEdr } from './summary.ts';

export const edr: Collector = {
  name: 'edr',
  purpose: 'Threat detection products with their state, audit logging, and where the logs go.',
  documents: ['edr'],
  budgetSeconds: 120,
  collect: async (host, digests) => ({
    edr: host.os === 'linux' ? await collectLinux(host, digests) : await notCovered(host),
  }),
  summarise: summariseEdr,
};

async function notCovered(host: Host): Promise<Draft<'edr'>> {
  const identity = await host.identity();
  const why =
    identity.status === 'observed'
      ? unseen('unsupported', 'platform-not-covered', [identity.source])
      : missed(identity);
  return {
    products: why,
    searchedPlaces: why,
    systemHooks: why,
    auditd: why,
    auditdService: why,
    auditdSettings: why,
    auditRulesLoaded: why,
    auditRulesConfigured: why,
    auditPolicy: why,
    auditSubcategoriesOverride: why,
    commandLineAudit: why,
    powershellLogging: why,
    powershellVersion2: why,
    sysmon: why,
    sysmonRules: why,
    logForwarding: why,
    logRetention: why,
    logClearings: why,
    detectionProofs: why,
  };
}
