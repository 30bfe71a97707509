/** What decides whether a second factor is needed to get in; whether it is really required the judge says. */
import type { Host } from '../../agent/host/host.ts';
import type { MfaDocument } from '../../schemas/generated/types.ts';
import type { Collector, Draft } from '../collector.ts';
import { missed, unseen } from '../fact.ts';
import { collectLinux } from './linux.ts';
import { summariseMfa } from './summary.ts';

export const mfa: Collector = {
  name: 'mfa',
  purpose: 'What asks for a second factor, way by way: PAM, SSH servers and keys, consoles, enrolments.',
  documents: ['mfa'],
  budgetSeconds: 60,
  collect: async (host, digests) => ({
    mfa: host.os === 'linux' ? await collectLinux(host, digests) : await notCovered(host),
  }),
  summarise: summariseMfa,
};

const names = [
  'pamLookup',
  'pamStacks',
  'pamModules',
  'pamModuleSettings',
  'accessRules',
  'listFiles',
  'conditionGroups',
  'enrolments',
  'sshServers',
  'authorizedKeys',
  'userCertificateAuthorities',
  'loginServices',
  'consoles',
  'escalationPrograms',
  'kerberosKeytab',
  'webConsoles',
  'rescue',
  'smartCardPolicy',
  'smartCardAccounts',
  'credentialProviders',
  'credentialProviderFilters',
  'logonAgents',
  'remoteDesktop',
  'winRm',
  'networkLogon',
  'npsExtension',
  'exchangeVirtualDirectories',
  'exchangeAuthenticationPolicies',
  'exchangeModernAuthentication',
  'exchangeMailProtocols',
] as const satisfies readonly (keyof MfaDocument)[];

async function notCovered(host: Host): Promise<Draft<'mfa'>> {
  const identity = await host.identity();
  const why =
    identity.status === 'observed'
      ? unseen('unsupported', 'platform-not-covered', [identity.source])
      : missed(identity);
  return Object.fromEntries(names.map((name) => [name, why])) as Draft<'mfa'>;
}
