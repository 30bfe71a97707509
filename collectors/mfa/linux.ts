/** What decides on Linux whether a second factor is needed. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, MfaDocument, SshServer, Unseen } from '../../schemas/generated/types.ts';
import type { Digests, Draft } from '../collector.ts';
import { unseen } from '../fact.ts';
import { readAccountKeys, readCertificateAuthorities } from './account-keys.ts';
import { type Group, readPeople } from './administrators.ts';
import { loginServices, readConsoles } from './consoles.ts';
import { readEscalationPrograms, readKerberosKeytab } from './escalation.ts';
import { collectPam } from './pam.ts';
import { readRescue } from './rescue.ts';
import { readSshServers } from './ssh-servers.ts';
import { inGroups } from './sshd-match.ts';
import { readLoginUnits } from './units.ts';
import { readWebConsoles } from './web-consoles.ts';

export async function collectLinux(host: Host, digests: Digests): Promise<Draft<'mfa'>> {
  const units = await readLoginUnits(host);
  const people = await readPeople(host);
  const ssh = await readSshServers(host, units, people);
  const groups = people.status === 'observed' ? groupsMeant(people.value.groups, ssh.groupPatterns) : [];
  const settingsOf = (account: string): (typeof ssh.classes)[number]['settings'][] =>
    ssh.classes.filter(({ accounts }) => accounts.includes(account)).map(({ settings }) => settings);
  const pam = await collectPam(host, groups);
  return {
    ...pam,
    conditionGroups:
      pam.conditionGroups.status === 'not-applicable'
        ? (groupsUnseen(people, ssh.fact) ?? pam.conditionGroups)
        : pam.conditionGroups,
    sshServers: ssh.fact,
    authorizedKeys:
      ssh.fact.status === 'observed' ? await readAccountKeys(host, people, settingsOf, digests) : ssh.fact,
    userCertificateAuthorities: await readCertificateAuthorities(
      host,
      ssh.fact,
      ssh.classes.map(({ settings }) => settings),
      digests,
    ),
    loginServices: loginServices(units),
    consoles: await readConsoles(host, units),
    escalationPrograms: await readEscalationPrograms(host),
    kerberosKeytab: await readKerberosKeytab(host),
    webConsoles: await readWebConsoles(host, units),
    rescue: await readRescue(host),
    ...(await notWindows(host)),
  };
}

/** Names of local groups that some pattern means, or takes away; and the patterns, so that a group that is not there is seen not to be. */
function groupsMeant(groups: readonly Group[], patterns: readonly string[]): string[] {
  const lists = patterns.map((list) => list.replaceAll('!', ''));
  const meant = groups.filter(({ name }) => lists.some((list) => inGroups([name], list))).map(({ name }) => name);
  return [...new Set([...lists.flatMap((list) => list.split(',')), ...meant])].slice(0, 10_000);
}

/** That no group is a condition is only known where people and the configuration of every server are. */
function groupsUnseen(people: Fact<unknown>, servers: Fact<SshServer[]>): Unseen | undefined {
  if (people.status !== 'observed') return people;
  if (servers.status !== 'observed') return servers;
  for (const { directives } of servers.value)
    if (directives.status !== 'observed' && directives.status !== 'not-applicable') return directives;
  return undefined;
}

const windowsFacts = [
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

async function notWindows(host: Host): Promise<Pick<Draft<'mfa'>, (typeof windowsFacts)[number]>> {
  const { source } = await host.identity();
  const none = unseen('not-applicable', 'linux', [source]);
  return Object.fromEntries(windowsFacts.map((name) => [name, none])) as Pick<
    Draft<'mfa'>,
    (typeof windowsFacts)[number]
  >;
}
