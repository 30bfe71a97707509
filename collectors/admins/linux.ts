/** Who can become administrator on Linux, as the local files say. */
import type { Answer, FileContent, Host } from '../../agent/host/host.ts';
import type {
  AdminsDocument,
  Fact,
  LocalAccount,
  LocalGroup,
  NisEntry,
  SudoDefault,
  SudoRule,
} from '../../schemas/generated/types.ts';
import type { Draft } from '../collector.ts';
import { fromAnswer, mapFact, missed, observed, type Parsed, unparsed, unseen } from '../fact.ts';
import { type GroupFile, groupsThatMatter, parseGroup } from './group.ts';
import { parseNsswitch } from './nsswitch.ts';
import { type AccountFile, parsePasswd } from './passwd.ts';
import { parseShadow } from './shadow.ts';
import { readSudoers } from './sudoers-files.ts';
import { type Policy, policyOf } from './sudoers-policy.ts';

const passwdFile = '/etc/passwd';
const groupFile = '/etc/group';
const shadowFile = '/etc/shadow';
const nsswitchFile = '/etc/nsswitch.conf';
/** Where distributions put sudo: usual, built by hand, NixOS, Guix. */
const sudoPrograms = [
  '/usr/bin/sudo',
  '/bin/sudo',
  '/usr/local/bin/sudo',
  '/run/wrappers/bin/sudo',
  '/run/setuid-programs/sudo',
];
/** Account files of 100,000 lines. */
const maxBytes = 16 * 1024 * 1024;
const maxListed = 10_000;

export async function collectLinux(host: Host): Promise<Draft<'admins'>> {
  const accountFile = fileFact(await host.readFile(passwdFile, { maxBytes }), (text) => parsePasswd(text, passwdFile));
  const groups = fileFact(await host.readFile(groupFile, { maxBytes }), (text) => parseGroup(text, groupFile));
  const policy = await sudoPolicy(host);
  return {
    accounts: mapFact(accountFile, ({ accounts }) => accounts),
    accountSources: fileFact(await host.readFile(nsswitchFile), parseNsswitch),
    nisEntries: nisEntries(accountFile, groups),
    passwordStates: fileFact(await host.readFile(shadowFile, { secret: true, maxBytes }), parseShadow),
    groups: localGroups(accountFile, groups, policy),
    sudoInstalled: await sudoInstalled(host),
    sudoRules: mapFact(policy, ({ rules }): SudoRule[] => rules),
    sudoDefaults: mapFact(policy, ({ defaults }): SudoDefault[] => defaults),
  };
}

/** A file through its parser; half a file is a failure. */
function fileFact<T>(answer: Answer<FileContent>, parse: (text: string) => Parsed<T>): Fact<T> {
  return fromAnswer(answer, ({ text, truncated }) => (truncated ? unparsed('truncated') : parse(text)));
}

async function sudoPolicy(host: Host): Promise<Fact<Policy>> {
  const entries = await readSudoers(host);
  if (entries.status !== 'observed') return entries;
  const policy = policyOf(entries.value);
  if (!policy.ok) return unseen('failed', policy.reason, entries.sources, policy.detail);
  return observed(policy.value, ...entries.sources);
}

function nisEntries(accounts: Fact<AccountFile>, groups: Fact<GroupFile>): Fact<NisEntry[]> {
  if (accounts.status !== 'observed') return accounts;
  if (groups.status !== 'observed') return groups;
  return listFact([...accounts.value.nisEntries, ...groups.value.nisEntries], [...accounts.sources, ...groups.sources]);
}

/** Without the accounts nobody's primary group is known, and a list of members would be half of one. */
function localGroups(accounts: Fact<AccountFile>, groups: Fact<GroupFile>, policy: Fact<Policy>): Fact<LocalGroup[]> {
  if (groups.status !== 'observed') return groups;
  if (accounts.status !== 'observed') return accounts;
  const named = policy.status === 'observed' ? groupsNamedIn(policy.value) : new Set<string>();
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
  return names;
}

function asGroup(member: LocalAccount['name']): LocalAccount['name'] {
  return typeof member === 'string' ? `%${member.replace(/^!/, '')}` : member;
}

/** False only where every usual place was looked at. */
async function sudoInstalled(host: Host): Promise<AdminsDocument['sudoInstalled']> {
  const answers = [];
  for (const path of sudoPrograms) {
    const answer = await host.stat(path);
    if (answer.status === 'observed') return observed(true, answer.source);
    answers.push(answer);
  }
  const unknown = answers.find(({ status }) => status !== 'absent');
  if (unknown !== undefined) return missed(unknown);
  return observed(false, ...answers.map(({ source }) => source));
}
