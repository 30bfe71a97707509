/** Who can become administrator, as the server's own settings say; what follows from them is the judge's. */
import type { Host } from '../../agent/host/host.ts';
import type { Unseen } from '../../schemas/generated/types.ts';
import type { Collector, Draft } from '../collector.ts';
import { missed, unseen } from '../fact.ts';
import { summariseAdmins } from './summary.ts';

export const admins: Collector = {
  name: 'admins',
  purpose:
    'Accounts and every path by which somebody becomes root or administrator: groups, sudo, doas, polkit, keys, programs, sockets, user rights, services, tasks, agents.',
  documents: ['admins'],
  budgetSeconds: 240,
  collect: async (host, digests) => ({
    admins:
      host.os === 'linux'
        ? {
            ...(await (await import('./linux.ts')).collectLinux(host, digests)),
            ...all(windowsFacts, await elsewhere(host)),
          }
        : {
            ...all(linuxFacts, await elsewhere(host)),
            ...all(unreadOnWindows, await notRead(host)),
            ...(await (await import('./windows.ts')).collectWindows(host)),
          },
  }),
  summarise: summariseAdmins,
};

/** Facts of one system, which the other knows nothing like. */
export const windowsFacts = [
  'windowsDomain',
  'windowsGroups',
  'windowsAccounts',
  'userRights',
  'laps',
  'privilegedSettings',
  'serviceAccounts',
  'taskAccounts',
  'directoryGuards',
  'directoryDelegations',
] as const satisfies readonly (keyof Draft<'admins'>)[];

export const linuxFacts = [
  'accounts',
  'accountSources',
  'nisEntries',
  'passwordStates',
  'groups',
  'sudoInstalled',
  'sudoRules',
  'sudoDefaults',
  'doasInstalled',
  'doasRules',
  'suGuards',
  'polkitRules',
  'controlSockets',
  'dockerListeners',
  'fileCapabilities',
  'setIdFiles',
  'sshKeySettings',
  'authorizedKeys',
  'directoryGroups',
  'directoryDomains',
  'sudoListings',
  'writableRootJobs',
  'lastLogins',
] as const satisfies readonly (keyof Draft<'admins'>)[];

export type WindowsFact = (typeof windowsFacts)[number];

/** OpenSSH is a part of Windows Server that can be added (learn.microsoft.com, OpenSSH for Windows): it may well be there. */
const unreadOnWindows = ['sshKeySettings', 'authorizedKeys'] as const;

async function notRead(host: Host): Promise<Unseen> {
  const identity = await host.identity();
  return identity.status === 'observed' ? unseen('unsupported', 'not-covered', [identity.source]) : missed(identity);
}

/** The facts that this system has none like; where not even the system is known, why not. */
async function elsewhere(host: Host): Promise<Unseen> {
  const identity = await host.identity();
  return identity.status === 'observed' ? unseen('not-applicable', host.os, [identity.source]) : missed(identity);
}

function all<Name extends string>(names: readonly Name[], why: Unseen): Record<Name, Unseen> {
  return Object.fromEntries(names.map((name) => [name, why])) as Record<Name, Unseen>;
}
