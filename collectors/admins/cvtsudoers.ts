/**
 * cvtsudoers(1) as the second reader of the sudo rules: its JSON and our own policy are brought to one
 * form, a line for each command, so that it shows where they differ.
 */
import type { SudoRule, Text } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';

type Fields = Readonly<Record<string, unknown>>;

const aliasLists = {
  useralias: 'User_Aliases',
  runasalias: 'Runas_Aliases',
  hostalias: 'Host_Aliases',
  cmndalias: 'Command_Aliases',
};

const tagOf: Readonly<Record<string, readonly [yes: string, no: string]>> = {
  authenticate: ['PASSWD', 'NOPASSWD'],
  noexec: ['NOEXEC', 'EXEC'],
  setenv: ['SETENV', 'NOSETENV'],
  log_input: ['LOG_INPUT', 'NOLOG_INPUT'],
  log_output: ['LOG_OUTPUT', 'NOLOG_OUTPUT'],
  send_mail: ['MAIL', 'NOMAIL'],
  sudoedit_follow: ['FOLLOW', 'NOFOLLOW'],
  intercept: ['INTERCEPT', 'NOINTERCEPT'],
};

const optionOf: Readonly<Record<string, string>> = {
  runcwd: 'CWD',
  runchroot: 'CHROOT',
  command_timeout: 'TIMEOUT',
  notbefore: 'NOTBEFORE',
  notafter: 'NOTAFTER',
  role: 'ROLE',
  type: 'TYPE',
  apparmor_profile: 'APPARMOR_PROFILE',
  privs: 'PRIVS',
  limitprivs: 'LIMITPRIVS',
};

/** sudo's own limits are far below. */
const maxDepth = 128;
const maxRows = 200_000;

/** One rule for one command, aliases resolved. */
export type Comparable = Readonly<
  Record<'users' | 'hosts' | 'runAsUsers' | 'runAsGroups' | 'tags' | 'options', readonly string[] | undefined>
> & {
  readonly command: string;
};

/** The output of `cvtsudoers -f json` in the comparable form. */
export function parseCvtsudoers(stdout: string): Parsed<Comparable[]> {
  try {
    const root = parseOracle(stdout);
    if (!isFields(root)) return unparsed('malformed-json');
    // A policy without any rule has no such member.
    const rows = comparableOracle(root);
    return rows.length > maxRows ? unparsed('too-many-entries') : parsed(rows);
  } catch (error) {
    if (error instanceof SyntaxError) return unparsed('malformed-json');
    if (error instanceof TooDeep) return unparsed('too-many-entries');
    throw error;
  }
}

/** How many commands only one of both has, and a few of them as lines; undefined where they agree. */
export function differences(
  own: readonly SudoRule[],
  other: readonly Comparable[],
): { own: string[]; other: string[] } | undefined {
  const ours = comparableRules(own).map(lineOf);
  const theirs = other.map(lineOf);
  if (ours.length === theirs.length && ours.every((line, at) => line === theirs[at])) return undefined;
  const [left, right] = [new Set(ours), new Set(theirs)];
  return {
    own: ours.filter((line) => !right.has(line)).slice(0, 100),
    other: theirs.filter((line) => !left.has(line)).slice(0, 100),
  };
}

/** As a person reads a rule; `(-)` where no list of whom to run as is written. */
function lineOf({ users, hosts, runAsUsers, runAsGroups, tags, options, command }: Comparable): string {
  const runAs = [runAsUsers, runAsGroups].map((names) => names?.join(',') ?? '-').join(' : ');
  const more = [...(options ?? []), ...(tags ?? [])].map((word) => `${word} `).join('');
  return `${users?.join(',')} ${hosts?.join(',')} = (${runAs}) ${more}${command}`.slice(0, 4096).toWellFormed();
}

export function comparableOracle(json: unknown): Comparable[] {
  const root = isFields(json) ? json : {};
  const rows: Comparable[] = [];
  for (const spec of list(root['User_Specs']))
    for (const conditions of list(spec['Cmnd_Specs'])) {
      const settings = [...list(conditions['Options']), ...list(conditions['SELinux_Spec'])].flatMap((option) =>
        Object.entries(option),
      );
      // 1.9.13 carries the SETENV that ALL implies on to what follows in the list.
      const all = list(conditions['Commands']).some(
        (command) => command['command'] === 'ALL' && command['negated'] !== true,
      );
      for (const command of expand(list(conditions['Commands']), root)) {
        rows.push({
          users: names(spec['User_List'], root),
          hosts: names(spec['Host_List'], root),
          runAsUsers:
            conditions['runasusers'] === undefined
              ? conditions['runasgroups'] === undefined
                ? undefined
                : []
              : names(conditions['runasusers'], root).filter((name) => name !== ''),
          runAsGroups:
            conditions['runasgroups'] === undefined
              ? undefined
              : names(conditions['runasgroups'], root).map((name) => name.replace(/^(!?)%/, '$1')),
          tags: settings
            .flatMap(([name, value]) => tagOf[name]?.[value === true ? 0 : 1] ?? [])
            .filter((tag) => !(all && tag === 'SETENV'))
            .toSorted(),
          options: settings.flatMap(([name]) => optionOf[name] ?? []).toSorted(),
          command: commandText(command),
        });
        if (rows.length > maxRows) throw new TooDeep();
      }
    }
  return rows;
}

/** SETENV is left out of a rule for ALL, where cvtsudoers cannot tell it from what ALL implies. */
export function comparableRules(rules: readonly SudoRule[]): Comparable[] {
  return rules.flatMap((rule) =>
    rule.commands.map(({ command, arguments: args, negated, digests = [] }) => ({
      users: rule.users.map(plain),
      hosts: rule.hosts.map(plain),
      runAsUsers: rule.runAsUsers?.map(plain),
      runAsGroups: rule.runAsGroups?.map(plain),
      tags: rule.tags.filter((tag) => !(command === 'ALL' && negated !== true && tag === 'SETENV')).toSorted(),
      options: Object.keys(rule.options ?? {}).toSorted(),
      command: `${digests.map(raw).toSorted().join(' ')}|${negated === true ? '!' : ''}${[command, args]
        .filter((part) => part !== undefined)
        .map(raw)
        .join(' ')}`,
    })),
  );
}

function commandText(command: Fields): string {
  const digests = Object.entries(command)
    .filter(([key]) => key.startsWith('sha'))
    .flatMap(([key, value]) => [value].flat().map((digest) => `${key}:${String(digest)}`));
  return `${digests.toSorted().join(' ')}|${command['negated'] === true ? '!' : ''}${String(command['command'])}`;
}

function names(members: unknown, root: Fields): string[] {
  return expand(list(members), root).map((member) => `${member['negated'] === true ? '!' : ''}${nameOf(member)}`);
}

function nameOf(member: Fields): string {
  const forms: Readonly<Record<string, string>> = {
    userid: '#',
    usergroup: '%',
    usergid: '%#',
    nonunixgroup: '%:',
    nonunixgid: '%:#',
    netgroup: '+',
  };
  const [key = '', value] = Object.entries(member).find(([name]) => name !== 'negated') ?? [];
  return `${forms[key] ?? ''}${String(value)}`;
}

class TooDeep extends Error {}

/** Members with aliases put in; what nothing defines stays as its name, as sudo takes it. */
function expand(members: readonly Fields[], root: Fields, depth = 0): Fields[] {
  if (depth > maxDepth) throw new TooDeep();
  return members.flatMap((member) => {
    for (const [key, table] of Object.entries(aliasLists)) {
      const name = member[key];
      if (typeof name !== 'string') continue;
      const aliases = root[table];
      const inner = isFields(aliases) && Object.hasOwn(aliases, name) ? aliases[name] : undefined;
      if (inner === undefined)
        return [{ [key === 'cmndalias' ? 'command' : 'username']: name, negated: member['negated'] }];
      return expand(list(inner), root, depth + 1).map((each) => ({
        ...each,
        negated: (each['negated'] === true) !== (member['negated'] === true),
      }));
    }
    return [member];
  });
}

function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function plain(text: Text): string {
  return typeof text === 'string' ? text.replace(/^(!?)\\/, '$1') : text.bytes;
}

function raw(text: Text): string {
  return typeof text === 'string' ? text : text.bytes;
}

/** The JSON of cvtsudoers(1); 1.9.13 forgets the braces around some options. Throws SyntaxError. */
export function parseOracle(stdout: string): unknown {
  return JSON.parse(
    stdout.replace(/^([ \t]*)("(?:runcwd|runchroot|role|type|apparmor_profile)": ".*?")(,?)$/gm, '$1{ $2 }$3'),
  );
}
