/** Who can become administrator on Linux, as the local files say. */
import type { Host } from '../../agent/host/host.ts';
import type {
  ControlSockets,
  Fact,
  LocalAccount,
  LocalGroup,
  NisEntry,
  SudoDefault,
  SudoRule,
  SuGuard,
} from '../../schemas/generated/types.ts';
import type { Digests, Draft } from '../collector.ts';
import { fromAnswer, mapFact, observed, unparsed, unseen } from '../fact.ts';
import { readAdminKeys } from './admin-keys.ts';
import { readControlSockets } from './control-sockets.ts';
import { type Comparable, differences, parseCvtsudoers } from './cvtsudoers.ts';
import { readDirectoryDomains } from './directory-domains.ts';
import { readDirectoryGroups, readSudoListings } from './directory-view.ts';
import { readDoas } from './doas-files.ts';
import { fileFact } from './file-fact.ts';
import { type GroupFile, groupsThatMatter, parseGroup } from './group.ts';
import type { WindowsFact } from './index.ts';
import { keyHolders } from './key-holders.ts';
import { readLastLogins } from './last-logins.ts';
import { parseNsswitch } from './nsswitch.ts';
import { readOutOfBandAgents } from './out-of-band-agents.ts';
import { type AccountFile, parsePasswd } from './passwd.ts';
import { readPolkit } from './polkit-files.ts';
import { readFileCapabilities, readSetIdFiles } from './privileged-programs.ts';
import { readDockerListeners } from './proc-net-tcp.ts';
import { readRootJobs } from './root-jobs.ts';
import { parseShadow } from './shadow.ts';
import { readSshKeySettings } from './ssh-key-settings.ts';
import { readSuGuards } from './su-pam.ts';
import { readSudoers } from './sudoers-files.ts';
import { type Policy, policyOf } from './sudoers-policy.ts';
import { installedProgram } from './usual-programs.ts';

const passwdFile = '/etc/passwd';
const groupFile = '/etc/group';
const shadowFile = '/etc/shadow';
const nsswitchFile = '/etc/nsswitch.conf';
const sudoersFile = 'file:/etc/sudoers';
/** Account files of 100,000 lines. */
const maxBytes = 16 * 1024 * 1024;
const maxListed = 10_000;

type Programs = Pick<Draft<'admins'>, 'fileCapabilities' | 'setIdFiles' | 'writableRootJobs'>;
type LinuxDraft = Omit<Draft<'admins'>, WindowsFact>;

/** The walks of the programs' folders take longest and need nothing of the rest, so they run beside it. */
export async function collectLinux(host: Host, digests: Digests): Promise<LinuxDraft> {
  const [programs, rest] = await Promise.all([readPrograms(host), readRest(host, digests)]);
  return { ...rest, ...programs };
}

async function readPrograms(host: Host): Promise<Programs> {
  return {
    fileCapabilities: await readFileCapabilities(host),
    setIdFiles: await readSetIdFiles(host),
    writableRootJobs: await readRootJobs(host),
  };
}

async function readRest(host: Host, digests: Digests): Promise<Omit<LinuxDraft, keyof Programs>> {
  const accountFile = fileFact(await host.readFile(passwdFile, { maxBytes }), (text) => parsePasswd(text, passwdFile));
  const accounts = mapFact(accountFile, ({ accounts: found }) => found);
  const groupsRead = fileFact(await host.readFile(groupFile, { maxBytes }), (text) => parseGroup(text, groupFile));
  const accountSources = fileFact(await host.readFile(nsswitchFile), parseNsswitch);
  const policy = await sudoPolicy(host);
  const sudoRules = await secondReading(
    host,
    mapFact(policy, ({ rules }): SudoRule[] => rules),
  );
  const doas = await readDoas(host);
  const polkit = await readPolkit(host);
  const controlSockets = await readControlSockets(host);
  const suGuards = await readSuGuards(host);
  const named = new Set([
    ...(policy.status === 'observed' ? groupsNamedIn(policy.value) : []),
    ...groupsOf(doas.rules, polkit),
    ...(suGuards.status === 'observed' ? groupsOfSu(suGuards.value) : []),
    ...socketGroups(controlSockets),
  ]);
  const groups = localGroups(accountFile, groupsRead, named);
  const sudoInstalled = await installedProgram(host, 'sudo');
  const holders =
    accounts.status === 'observed'
      ? keyHolders(accounts.value, groups.status === 'observed' ? groups.value : [], sudoRules, doas.rules)
      : [];
  const sshKeySettings = await readSshKeySettings(host);
  return {
    accounts,
    accountSources,
    nisEntries: nisEntries(accountFile, groupsRead),
    passwordStates: fileFact(await host.readFile(shadowFile, { secret: true, maxBytes }), parseShadow),
    groups,
    sudoInstalled,
    sudoRules,
    sudoDefaults: mapFact(policy, ({ defaults }): SudoDefault[] => defaults),
    doasInstalled: doas.installed,
    doasRules: doas.rules,
    suGuards,
    polkitRules: polkit,
    controlSockets,
    dockerListeners: await readDockerListeners(host),
    sshKeySettings,
    // Without the accounts nobody knows whose keys to look for.
    authorizedKeys:
      accounts.status === 'observed' ? await readAdminKeys(host, digests, holders, sshKeySettings) : accounts,
    directoryGroups: await readDirectoryGroups(host, accountSources, new Set([...named].filter(isUnlisted(groups)))),
    directoryDomains: await readDirectoryDomains(host),
    sudoListings: await readSudoListings(host, accountSources, sudoInstalled, holders),
    outOfBandAgents: await readOutOfBandAgents(host),
    lastLogins: await readLastLogins(host, accounts.status === 'observed' ? accounts.value : []),
  };
}

async function sudoPolicy(host: Host): Promise<Fact<Policy>> {
  const entries = await readSudoers(host);
  if (entries.status !== 'observed') return entries;
  const policy = policyOf(entries.value);
  if (!policy.ok) return unseen('failed', policy.reason, entries.sources, policy.detail);
  return observed(policy.value, ...entries.sources);
}

/** sudo's own reader, where it is there and reads the same file; what it sees differently stands in `answers`. */
async function secondReading(host: Host, rules: Fact<SudoRule[]>): Promise<Fact<SudoRule[]>> {
  if (rules.status !== 'observed' || !rules.sources.includes(sudoersFile)) return rules;
  const answer = await host.exec('cvtsudoers-json');
  const other: Fact<Comparable[]> = fromAnswer(answer, ({ stdout, truncated }) =>
    truncated ? unparsed('output-truncated') : parseCvtsudoers(stdout),
  );
  if (other.status !== 'observed') return rules;
  const both = observed(rules.value, ...rules.sources.slice(0, 60), answer.source);
  const differ = differences(rules.value, other.value);
  if (differ === undefined || both.status !== 'observed') return both;
  return {
    ...both,
    answers: [
      { source: sudoersFile, answer: differ.own },
      { source: answer.source, answer: differ.other },
    ],
  };
}

function nisEntries(accounts: Fact<AccountFile>, groups: Fact<GroupFile>): Fact<NisEntry[]> {
  if (accounts.status !== 'observed') return accounts;
  if (groups.status !== 'observed') return groups;
  return listFact([...accounts.value.nisEntries, ...groups.value.nisEntries], [...accounts.sources, ...groups.sources]);
}

/** Without the accounts nobody's primary group is known, and a list of members would be half of one. */
function localGroups(
  accounts: Fact<AccountFile>,
  groups: Fact<GroupFile>,
  named: ReadonlySet<string>,
): Fact<LocalGroup[]> {
  if (groups.status !== 'observed') return groups;
  if (accounts.status !== 'observed') return accounts;
  const matter = groupsThatMatter(groups.value.groups, accounts.value.accounts, named);
  return listFact(matter, [...groups.sources, ...accounts.sources]);
}

/** A list as long as the document takes it; a longer one is not cut in silence. */
function listFact<T>(list: readonly T[], sources: readonly string[]): Fact<T[]> {
  return list.length > maxListed ? unseen('failed', 'too-many-entries', sources) : observed([...list], ...sources);
}

/** Names, and `#gid`, of the Unix groups that rules let run something or run something as. */
function groupsNamedIn({ rules, defaults }: Policy): Set<string> {
  const names = new Set<string>();
  const members = [
    ...rules.flatMap(({ users, runAsUsers = [], runAsGroups = [] }) => [
      ...users,
      ...runAsUsers,
      ...runAsGroups.map(asGroup),
    ]),
    ...defaults.flatMap(({ scope }) => (scope?.kind === 'user' || scope?.kind === 'run-as' ? scope.members : [])),
  ];
  for (const member of members) {
    const name = typeof member === 'string' ? /^!?%([^:].*)$/s.exec(member)?.[1] : undefined;
    if (name !== undefined) names.add(name);
  }
  // Its members are asked for no password (sudoers(5), exempt_group).
  for (const { setting, value } of defaults)
    if (setting === 'exempt_group' && typeof value === 'string') names.add(value);
  return names;
}

/** `pam_wheel.so group=ops trust`: who is in it becomes root by su. */
function groupsOfSu(guards: readonly SuGuard[]): string[] {
  return guards
    .flatMap(({ options }) => options)
    .flatMap((option) => (typeof option === 'string' ? (/^group=(.+)$/s.exec(option)?.[1] ?? []) : []));
}

/** `ALL` means any group, and is the name of none. */
function asGroup(member: LocalAccount['name']): LocalAccount['name'] {
  return typeof member === 'string' && member !== 'ALL' ? `%${member.replace(/^!/, '')}` : member;
}

/** Groups that doas and polkit name. */
function groupsOf(doas: Draft<'admins'>['doasRules'], polkit: Draft<'admins'>['polkitRules']): string[] {
  const texts = [
    ...(doas.status === 'observed' ? doas.value.map(({ identity }) => ['', identity] as const) : []),
    ...(polkit.status === 'observed'
      ? polkit.value.files.flatMap(({ groups, adminIdentities }) => [
          ...groups.map((group) => [':', group] as const),
          ...adminIdentities.map((identity) => ['', identity] as const),
        ])
      : []),
    ...(polkit.status === 'observed'
      ? polkit.value.localAuthority.flatMap(({ identities }) => identities.map((identity) => ['', identity] as const))
      : []),
  ];
  return texts.flatMap(([mark, text]) => {
    const name = typeof text === 'string' ? /^(?::|unix-group:)([^*]+)$/s.exec(mark + text)?.[1] : undefined;
    return name === undefined ? [] : [name];
  });
}

/** `#gid` of each group that may write to a socket. */
function socketGroups(sockets: Fact<ControlSockets>): string[] {
  if (sockets.status !== 'observed') return [];
  return sockets.value.sockets.filter(({ mode }) => /[2367].$/.test(mode)).map(({ gid }) => `#${gid}`);
}

/** Whether a group that something names is none of this server's own. */
function isUnlisted(groups: Fact<LocalGroup[]>): (name: string) => boolean {
  const local = new Set(
    groups.status === 'observed'
      ? groups.value.map(({ name }) => (typeof name === 'string' ? name.toLowerCase() : ''))
      : [],
  );
  return (name) => !name.startsWith('#') && !local.has(name.toLowerCase());
}
