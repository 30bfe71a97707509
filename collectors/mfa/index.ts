/** What decides whether a second factor is needed to get in; whether it is really required the judge says. */
import type { Host } from '../../agent/host/host.ts';
import type { MfaDocument, Unseen } from '../../schemas/generated/types.ts';
import type { Collector } from '../collector.ts';
import { missed, unseen } from '../fact.ts';
import { summariseMfa } from './summary.ts';

export const mfa: Collector = {
  name: 'mfa',
  purpose:
    'What asks for a second factor, way by way: PAM, SSH servers and keys, consoles, enrolments; credential providers, smart cards, Remote Desktop, WinRM, Exchange.',
  documents: ['mfa'],
  budgetSeconds: 180,
  collect: async (host, digests) => ({
    mfa:
      host.os === 'linux'
        ? await (await import('./linux.ts')).collectLinux(host, digests)
        : {
            ...all(linuxFacts, await notLinux(host)),
            ...all(unreadOnWindows, await notRead(host)),
            ...(await (await import('./windows.ts')).collectWindows(host)),
          },
  }),
  summarise: summariseMfa,
};

export const linuxFacts = [
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
] as const satisfies readonly (keyof MfaDocument)[];

export const windowsFacts = [
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

export type WindowsFact = (typeof windowsFacts)[number];

/** OpenSSH is a part of Windows Server that can be added (learn.microsoft.com, OpenSSH for Windows): it may well be there. */
const unreadOnWindows = ['authorizedKeys', 'userCertificateAuthorities'] as const;

async function notRead(host: Host): Promise<Unseen> {
  const identity = await host.identity();
  return identity.status === 'observed' ? unseen('unsupported', 'not-covered', [identity.source]) : missed(identity);
}

async function notLinux(host: Host): Promise<Unseen> {
  const identity = await host.identity();
  return identity.status === 'observed' ? unseen('not-applicable', 'windows', [identity.source]) : missed(identity);
}

function all<Name extends string>(names: readonly Name[], why: Unseen): Record<Name, Unseen> {
  return Object.fromEntries(names.map((name) => [name, why])) as Record<Name, Unseen>;
}
