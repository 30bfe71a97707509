/** Published outputs of Linux systems: the key facts that somebody else noted must be found by our parsers. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { comparableOracle, comparableRules } from '../../collectors/admins/cvtsudoers.ts';
import { parseDoas } from '../../collectors/admins/doas.ts';
import { parseGroup } from '../../collectors/admins/group.ts';
import { parseLastlogText } from '../../collectors/admins/lastlog-text.ts';
import { parsePasswd } from '../../collectors/admins/passwd.ts';
import { parsePolkitRules } from '../../collectors/admins/polkit-rules.ts';
import { parseRealmList } from '../../collectors/admins/realm-list.ts';
import { parseSudoList } from '../../collectors/admins/sudo-list.ts';
import { parseSudoers } from '../../collectors/admins/sudoers.ts';
import { policyOf } from '../../collectors/admins/sudoers-policy.ts';
import type { Parsed } from '../../collectors/fact.ts';
import { printedSettings } from '../../collectors/mfa/sshd-settings.ts';
import { sshdArguments, sshdLines } from '../../collectors/mfa/sshd-words.ts';
import { decodeBytes } from '../../collectors/text.ts';
import { shownText } from '../../judge/mfa/text.ts';
import type { SudoRule } from '../../schemas/generated/types.ts';
import { notAsked } from './recorded-not-asked.ts';

const folder = '../shared/recordings';

type Expected = Readonly<Record<string, unknown>>;
/** Facts found, by the name that the index gives them. */
type Found = Readonly<Record<string, unknown>>;

function read(name: string): string {
  // A shipped template, which the build fills in.
  const text = decodeBytes(readFileSync(join(folder, 'admins', name)));
  return text
    .replaceAll('@visudo@', '/usr/sbin/visudo')
    .replaceAll('@sysconfdir@', '/etc')
    .replaceAll(/"@[a-z_]+@"/g, '"/usr/bin"')
    .replaceAll(/@[a-z_]+@/g, '');
}

function valueOf<T>(result: Parsed<T>): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

/** What the notes say about the text, not about its facts. */
const remarks = new Set(['note', 'from_truncated', 'mixed_language', 'no_trailing_newline', 'host', 'user', 'dynamic']);

function doas(name: string): Found {
  const rules = valueOf(parseDoas(read(name), '/etc/doas.conf'));
  const options = rules.flatMap((rule) => rule.options);
  return {
    groups: rules.flatMap(({ identity }) => (typeof identity === 'string' ? identity.replace(/^:/, '') : [])),
    nopass: options.includes('nopass'),
    persist: options.includes('persist'),
  };
}

function polkit(name: string): Found {
  const { adminIdentities, adminDynamic } = valueOf(parsePolkitRules(read(name), name));
  // "each as self" is a program's doing: what can be said is that it is one, and which group it asks about.
  const dynamic = valueOf(parsePolkitRules(read(name), name)).groups.map(
    (group) => `members of ${shownText(group)}, each as self`,
  );
  return { admin_identities: adminDynamic ? dynamic : adminIdentities };
}

function realm(name: string): Found {
  const [domain] = valueOf(parseRealmList(read(name)));
  return {
    domain: domain?.name,
    configured: domain?.configured,
    login_policy: domain?.loginPolicy,
    login_formats: domain?.loginFormats,
    any_domain_user_may_log_in: domain?.loginPolicy === 'allow-realm-logins',
  };
}

function listing(name: string): Found {
  const { allowed, rules } = valueOf(parseSudoList(read(name)));
  const [first] = rules;
  const [user, group] = shownText(first?.runAs ?? '').split(/\s*:\s*/);
  return {
    allowed,
    full_root: rules.some(({ runAs, commands }) => /^(?:ALL|root)\b/.test(shownText(runAs)) && commands === 'ALL'),
    rules: rules.map(({ runAs, tags, commands }) => ({
      ...(group !== undefined && user !== 'ALL'
        ? { runas_user: user, runas_group: group.replaceAll('"', '') }
        : { runas: shownText(runAs).replace(/\s*:\s*/, ':') }),
      nopasswd: tags.includes('NOPASSWD'),
      cmd: commands,
    })),
  };
}

function accounts(name: string): Found {
  const file = valueOf(parsePasswd(read(name), '/etc/passwd'));
  return { uid0: file.accounts.filter(({ uid }) => uid === 0).map((account) => account.name) };
}

function groups(name: string): Found {
  const file = valueOf(parseGroup(read(name), '/etc/group'));
  return Object.fromEntries(file.groups.map((group) => [group.name, group.members]));
}

function lastlog(name: string): Found {
  // The document that quotes it indents it, which moves all columns alike.
  const records = valueOf(parseLastlogText(read(name)));
  const lines = read(name).split('\n').slice(1);
  const known = new Set(records.map((record) => record.name));
  const never = lines
    .map((line) => line.trim().split(/\s+/)[0] ?? '')
    .filter((user) => user !== '' && !known.has(user));
  const root = records.find((record) => record.name === 'root');
  return { root: root?.at, never };
}

function rulesOf(name: string): SudoRule[] {
  const entries = valueOf(parseSudoers(read(name)));
  return valueOf(policyOf(entries.map((entry) => ({ file: name, entry })))).rules;
}

function namesOf(rules: readonly SudoRule[]): string[] {
  return [...new Set(rules.flatMap(({ users }) => users).map(String))];
}

/** Aliases are resolved here, and names in the index are as written: an alias of the expectation stands for its members. */
const fullTimers = ['millert', 'mikef', 'dowdy'];
const partTimers = ['bostley', 'jwfox', 'crawl'];

function withAliases(names: readonly string[]): string[] {
  return names.flatMap((name) => (name === 'FULLTIMERS' ? fullTimers : name === 'PARTTIMERS' ? partTimers : [name]));
}

function sudoers(name: string, expected: Expected): Found {
  if (expected['error'] === true) {
    const parsed = parseSudoers(read(name));
    return { error: !parsed.ok };
  }
  const entries = valueOf(parseSudoers(read(name)));
  const policy = valueOf(policyOf(entries.map((entry) => ({ file: name, entry }))));
  const { rules, defaults } = policy;
  const everything = (rule: SudoRule): boolean =>
    rule.commands.some(({ command }) => command === 'ALL') &&
    (rule.runAsUsers ?? ['root']).some((user) => user === 'ALL' || user === 'root');
  const full = rules.filter((rule) => everything(rule) && rule.hosts.length === 1 && rule.hosts[0] === 'ALL');
  const free = rules.filter(({ tags }) => tags.includes('NOPASSWD'));
  const includes = entries.filter((entry) => entry.kind === 'include').map((entry) => entry.path);
  const root = rules.find(({ users }) => users[0] === 'root');
  const listOnly = rules
    .filter(({ users }) => users[0] === 'user1')
    .flatMap(({ commands }) => commands.map(({ command }) => command));
  return {
    full_root: namesOf(full),
    nopasswd_all: namesOf(free.filter((rule) => everything(rule) && rule.hosts[0] === 'ALL')),
    nopasswd: namesOf(free),
    users: namesOf(rules),
    aliases: { FULLTIMERS: fullTimers },
    host_limited: namesOf(rules.filter(({ hosts }) => hosts.length > 1 || hosts[0] !== 'ALL')),
    runas_db_nopasswd: namesOf(free.filter(({ runAsUsers }) => runAsUsers !== undefined)),
    authenticate_off: defaults.flatMap(({ setting, operation, scope }) =>
      setting === 'authenticate' && operation === 'off' ? (scope?.members.map(String) ?? []) : [],
    ),
    netgroups: [...new Set(rules.flatMap(({ users, hosts }) => [...hosts, ...users]).map(String))]
      .filter((member) => member.startsWith('+'))
      .toSorted(),
    groups: namesOf(rules).filter((user) => user.startsWith('%')),
    includedir: includes[0],
    root: root === undefined ? undefined : comparableRules([root])[0],
    runas_empty: namesOf(rules.filter(({ runAsUsers }) => runAsUsers?.length === 0)),
    admins: namesOf(rules),
    group_only_runas: namesOf(
      rules.filter(({ runAsUsers, runAsGroups }) => runAsUsers?.length === 0 && (runAsGroups?.length ?? 0) > 0),
    ),
    regex_commands: rules.some(({ commands }) => commands.some(({ command }) => shownText(command).startsWith('^'))),
    user1: listOnly.every((command) => command === 'list') ? 'list pseudo-command only' : listOnly,
    list_as_user: namesOf(rules).includes('list'),
  };
}

/** sudo's own JSON of one of the inputs above: both readers must agree. */
function oracle(name: string, expected: Expected): Found {
  const same = isDeepStrictEqual(
    comparableRules(rulesOf(String(expected['from']))),
    comparableOracle(JSON.parse(read(name))),
  );
  return { from: same ? expected['from'] : 'our own reading differs' };
}

/** sshd_config by the mfa collector's reader: the first value of a keyword before any Match counts. */
function sshdConfig(name: string, expected: Expected): Found {
  const lines = valueOf(sshdLines(read(name)));
  const of = (keyword: string): string[][] =>
    lines.filter((line) => line.keyword === keyword.toLowerCase()).map(({ rest }) => valueOf(sshdArguments(rest)));
  const first = Object.keys(expected).map((keyword) => [keyword, of(keyword)[0]?.join(' ')] as const);
  return {
    ...Object.fromEntries(first),
    include: of('include').flat(),
    hostkeys: of('hostkey').length,
    match_blocks: of('match').map((words) => words.join(' ')),
  };
}

function sshdPrinted(name: string): Found {
  return Object.fromEntries([...printedSettings(read(name))].map(([keyword, words]) => [keyword, words.join(' ')]));
}

function findersOf(name: string): ((file: string, expected: Expected) => Found) | undefined {
  if (name.startsWith('doas-')) return doas;
  if (name.startsWith('polkit-')) return polkit;
  if (name.startsWith('realm-')) return realm;
  if (/(?:^|_)sudo-l-/.test(name)) return listing;
  if (name.startsWith('lastlog')) return lastlog;
  if (name.startsWith('jc_passwd')) return accounts;
  if (/^jc_group|getent-group/.test(name)) return groups;
  if (name.includes('sshd-T')) return sshdPrinted;
  if (/sshd[-_]config/.test(name)) return sshdConfig;
  if (name.startsWith('sudo_cvtsudoers-test')) return oracle;
  return /sudoers/.test(name) ? sudoers : undefined;
}

/** The expectation in the form that the finder gives. */
function expectedValue(key: string, value: unknown): unknown {
  if (key === 'root' && typeof value === 'string' && value.startsWith('Fri'))
    return Date.UTC(2019, 1, 15, 15, 40, 56) / 1000;
  if (key === 'root')
    return comparableRules(
      valueOf(policyOf(valueOf(parseSudoers(`${String(value)}\n`)).map((entry) => ({ file: '', entry })))).rules,
    )[0];
  if (['full_root', 'nopasswd_all'].includes(key) && Array.isArray(value)) return withAliases(value.map(String));
  if (key === 'includedir' && value === '@includedir') return '/etc/sudoers.d';
  if (key === 'error') return value === true;
  return value;
}

/** The index names a few of those that a rule limits to hosts. */
function holds(key: string, found: unknown, expected: unknown): boolean {
  if (key !== 'host_limited' || !Array.isArray(found) || !Array.isArray(expected))
    return isDeepStrictEqual(found, expected);
  return expected.every((name) => found.includes(name));
}

describe('admins recordings', function () {
  before(function () {
    if (existsSync(join(folder, 'INDEX.tsv'))) return;
    console.warn(`      skipped: no recordings at ${folder}`);
    this.skip();
  });

  it('give the key facts that the index names', () => {
    const rows = readFileSync(join(folder, 'INDEX.tsv'), 'utf8')
      .split('\n')
      .map((line) => line.split('\t'))
      .filter(([path = '']) => path.startsWith('admins/'))
      .map(([path = '', , , , expected = '{}']) => ({
        name: path.slice('admins/'.length),
        expected: JSON.parse(expected.replace(/^"|"$/g, '').replaceAll('""', '"')) as Expected,
      }))
      .filter(({ name }) => !/^(?:net-|adsi-|dsregcmd-|cssexchange_|scuba_)/.test(name));
    let wanted = 0;
    let met = 0;
    const misses: string[] = [];
    const left: string[] = [];
    for (const { name, expected } of rows) {
      if (notAsked[name] !== undefined) {
        left.push(name);
        continue;
      }
      const find = findersOf(name);
      assert.ok(find, `nobody looks at ${name}`);
      let found: Found;
      try {
        found = find(name, expected);
      } catch (error) {
        found = { broke: String(error) };
      }
      for (const [key, value] of Object.entries(expected)) {
        if (remarks.has(key)) continue;
        wanted += 1;
        if (holds(key, found[key], expectedValue(key, value))) met += 1;
        else
          misses.push(
            `${name} ${key}: ${JSON.stringify(found[key] ?? found['broke'])} instead of ${JSON.stringify(value)}`,
          );
      }
    }
    console.info(
      `      admins: ${met} of ${wanted} key facts in ${rows.length - left.length} of ${rows.length} Linux recordings; not asked for: ${left.length}`,
    );
    for (const name of left) console.info(`      not asked: ${name}: ${notAsked[name]}`);
    assert.deepEqual(misses, []);
    assert.deepEqual(left.toSorted(), Object.keys(notAsked).toSorted());
  });
});
