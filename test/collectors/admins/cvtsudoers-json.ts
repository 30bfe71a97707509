/** Brings the JSON of cvtsudoers(1) and our own policy to one form, a rule for each command, for comparison. */
import type { SudoRule, Text } from '../../../schemas/generated/types.ts';

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

export type Comparable = Readonly<
  Record<'users' | 'hosts' | 'runAsUsers' | 'runAsGroups' | 'tags' | 'options', readonly string[] | undefined>
> & {
  readonly command: string;
};

export function comparableOracle(json: unknown): Comparable[] {
  const root = json as Fields;
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

/** Members with aliases put in; what nothing defines stays as its name, as sudo takes it. */
function expand(members: readonly Fields[], root: Fields): Fields[] {
  return members.flatMap((member) => {
    for (const [key, table] of Object.entries(aliasLists)) {
      const name = member[key];
      if (typeof name !== 'string') continue;
      const inner = (root[table] as Fields | undefined)?.[name];
      if (inner === undefined)
        return [{ [key === 'cmndalias' ? 'command' : 'username']: name, negated: member['negated'] }];
      return expand(list(inner), root).map((each) => ({
        ...each,
        negated: (each['negated'] === true) !== (member['negated'] === true),
      }));
    }
    return [member];
  });
}

function list(value: unknown): Fields[] {
  return Array.isArray(value) ? (value as Fields[]) : [];
}

function plain(text: Text): string {
  return typeof text === 'string' ? text.replace(/^(!?)\\/, '$1') : text.bytes;
}

function raw(text: Text): string {
  return typeof text === 'string' ? text : text.bytes;
}

/** The JSON of cvtsudoers(1); 1.9.13 forgets the braces around some options. */
export function parseOracle(stdout: string): unknown {
  return JSON.parse(
    stdout.replace(/^(\s*)("(?:runcwd|runchroot|role|type|apparmor_profile)": ".*?")(,?)$/gm, '$1{ $2 }$3'),
  );
}
