import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { parseSudoers } from '../../../collectors/admins/sudoers.ts';
import { type Policy, policyOf } from '../../../collectors/admins/sudoers-policy.ts';
import type { Parsed } from '../../../collectors/fact.ts';
import type { SudoCommand, SudoRule, Text } from '../../../schemas/generated/types.ts';
import { comparableOracle, comparableRules } from './cvtsudoers-json.ts';

const fixtures = 'test/fixtures/sudoers';
const recordings = '../shared/recordings/admins';

function read(text: string): Parsed<Policy> {
  const entries = parseSudoers(text);
  if (!entries.ok) return entries;
  return policyOf(entries.value.map((entry) => ({ file: '/etc/sudoers', entry })));
}

function policy(text: string): Policy {
  const result = read(text);
  assert.ok(result.ok, result.ok ? '' : `${result.reason}: ${result.detail}`);
  return result.value;
}

function rules(text: string): SudoRule[] {
  return policy(text).rules;
}

function commandsOf(text: string): SudoCommand[] {
  return rules(text).flatMap(({ commands }) => commands);
}

function users(text: string): Text[] {
  return rules(text).flatMap((rule) => rule.users);
}

describe('sudoers', () => {
  it('tells a rule, its place and its conditions', () => {
    assert.deepEqual(rules('# root\n\n%sudo ALL=(ALL:ALL) NOPASSWD: ALL\n'), [
      {
        definedIn: '/etc/sudoers',
        line: 3,
        users: ['%sudo'],
        hosts: ['ALL'],
        runAsUsers: ['ALL'],
        runAsGroups: ['ALL'],
        tags: ['NOPASSWD'],
        commands: [{ command: 'ALL' }],
      },
    ]);
  });

  it('tells no list, an empty list and a list with groups only apart: root, oneself, oneself with a group', () => {
    const found = rules('a ALL=ALL\nb ALL=() ALL\nc ALL=(:) ALL\nd ALL=(:disk) ALL\n');
    assert.deepEqual(
      found.map(({ runAsUsers, runAsGroups }) => [runAsUsers, runAsGroups]),
      [
        [undefined, undefined],
        [[], undefined],
        [[], undefined],
        [[], ['disk']],
      ],
    );
  });

  it('takes tags, options and the run-as list over along a list of commands, and not into the next host', () => {
    const text =
      'a ALL=(bob) CWD=/srv NOPASSWD: NOEXEC: /bin/a, /bin/b, EXEC: /bin/c, (carol) PASSWD: /bin/d : web=/bin/e\n';
    assert.deepEqual(
      rules(text).map(({ hosts, runAsUsers, tags, options, commands }) => [
        hosts,
        runAsUsers,
        [...tags].toSorted(),
        options,
        commands.map(({ command }) => command),
      ]),
      [
        [['ALL'], ['bob'], ['NOEXEC', 'NOPASSWD'], { CWD: '/srv' }, ['/bin/a', '/bin/b']],
        [['ALL'], ['bob'], ['EXEC', 'NOPASSWD'], { CWD: '/srv' }, ['/bin/c']],
        [['ALL'], ['carol'], ['EXEC', 'PASSWD'], { CWD: '/srv' }, ['/bin/d']],
        [['web'], undefined, [], undefined, ['/bin/e']],
      ],
    );
  });

  it('resolves aliases defined later, within aliases, and turned around by !', () => {
    const text = 'A, !B ALL=C\nUser_Alias A = ann, !bob : B = A, cy\nCmnd_Alias C = /bin/a, !D : D = /bin/d x\n';
    assert.deepEqual(users(text), ['ann', '!bob', '!ann', 'bob', '!cy']);
    assert.deepEqual(commandsOf(text), [{ command: '/bin/a' }, { command: '/bin/d', arguments: 'x', negated: true }]);
  });

  it('keeps the kinds of aliases apart and takes an undefined one for a name', () => {
    assert.deepEqual(users('ADMIN ALL=ALL\nCmnd_Alias ADMIN = /bin/a\n'), ['ADMIN']);
  });

  it('refuses an alias that contains itself, and one defined twice', () => {
    const cycle = read('User_Alias A = B : B = A\nA ALL=ALL\n');
    assert.deepEqual(cycle.ok || cycle.reason, 'alias-cycle');
    const twice = read('User_Alias A = a\nUser_Alias A = b\n');
    assert.deepEqual(twice.ok || twice.reason, 'duplicate-alias');
  });

  it('ends on aliases that double at every step', () => {
    const lines = Array.from({ length: 40 }, (_, at) => `User_Alias A${at} = A${at + 1}, A${at + 1}`);
    const result = read(`${lines.join('\n')}\nUser_Alias A40 = a\nA0 ALL=ALL\n`);
    assert.deepEqual(result.ok || result.reason, 'too-many-entries');
  });

  it('does not confuse a name with a keyword: a quoted ALL, a leading ! or % is a name', () => {
    assert.deepEqual(users('"ALL", \\!bob, \\%wheel, "%wheel" ALL=ALL\n'), ['\\ALL', '\\!bob', '\\%wheel', '%wheel']);
  });

  it('reads #1000 as a user id, and # before anything else as a comment', () => {
    assert.deepEqual(users('#1000 ALL=ALL\n#bob ALL=ALL\n# carol ALL=ALL\n#-1 ALL=ALL\n'), ['#1000', '#-1']);
  });

  it('does not continue a comment over a backslash at its end', () => {
    assert.deepEqual(users('# note \\\nbob ALL=ALL\n'), ['bob']);
  });

  it('keeps digests beside their own command', () => {
    const digest = 'sha224:d7910e1967342b4605cb73a550944044c631cd3514001900966962ac';
    assert.deepEqual(commandsOf(`a ALL=${digest} /bin/a, /bin/b\n`), [
      { command: '/bin/a', digests: [digest] },
      { command: '/bin/b' },
    ]);
  });

  it('tells arguments from the path, and none allowed from any allowed', () => {
    assert.deepEqual(
      commandsOf('a ALL=/bin/a, /bin/b "", /opt/my\\ tool x\\,y  z\\:1, sudoedit /etc/a, list, /usr/bin/\n'),
      [
        { command: '/bin/a' },
        { command: '/bin/b', arguments: '""' },
        { command: '/opt/my tool', arguments: 'x,y z:1' },
        { command: 'sudoedit', arguments: '/etc/a' },
        { command: 'list' },
        { command: '/usr/bin/' },
      ],
    );
  });

  it('gives settings with scope, operation and value', () => {
    const text =
      'User_Alias OPS = ann, bob\nDefaults:OPS !authenticate, env_keep += "A B", timestamp_timeout=0\nDefaults use_pty\n';
    const scope = { kind: 'user', members: ['ann', 'bob'] };
    const place = { definedIn: '/etc/sudoers', line: 2, scope };
    assert.deepEqual(policy(text).defaults, [
      { ...place, setting: 'authenticate', operation: 'off' },
      { ...place, setting: 'env_keep', operation: 'add', value: 'A B' },
      { ...place, setting: 'timestamp_timeout', operation: 'set', value: '0' },
      { definedIn: '/etc/sudoers', line: 3, setting: 'use_pty', operation: 'on' },
    ]);
  });

  it('keeps names that are not UTF-8, and hostile ones, as they are', () => {
    assert.deepEqual(users('j\udcfcrg, "<script>", "=cmd()", a\u202eb, "\u001b[31m" ALL=ALL\n'), [
      { bytes: 'avxyZw==' },
      '<script>',
      '=cmd()',
      'a\u202eb',
      '\u001b[31m',
    ]);
  });

  it('does not see what a NUL byte hides from sudo', () => {
    assert.deepEqual(users('bob ALL=ALL\0, !ALL\n'), ['bob']);
    assert.deepEqual(commandsOf('bob ALL=ALL\0, !ALL\n'), [{ command: 'ALL' }]);
  });

  it('says the line of what it cannot parse, and nothing of the text', () => {
    assert.deepEqual(read('root ALL=ALL\nsecret word ALL\n'), {
      ok: false,
      reason: 'syntax-error',
      detail: 'line 2: = is missing',
    });
  });

  for (const file of globSync(`${fixtures}/refused/*.sudoers`).toSorted())
    it(`refuses ${file}`, () => {
      assert.equal(read(readFileSync(file, 'utf8')).ok, false);
    });

  for (const file of globSync(`${fixtures}/*.sudoers`).toSorted())
    it(`takes ${file} whole, and every cut of it as a value or a failure`, () => {
      const text = readFileSync(file, 'utf8');
      assert.ok(policy(text).rules.length > 0);
      for (let at = 0; at < text.length; at += 7) read(text.slice(0, at));
    });
});

describe('sudoers recordings', function () {
  before(function () {
    if (existsSync(recordings)) return;
    console.warn(`      skipped: no recordings at ${recordings}`);
    this.skip();
  });

  const pairs = [1, 22, 27, 30].map(
    (number) => [`sudo_sudoers-test${number}.txt`, `sudo_cvtsudoers-test${number}.json`] as const,
  );
  for (const [input, output] of pairs)
    it(`reads ${input} as sudo's own JSON of it says`, () => {
      const expected = comparableOracle(JSON.parse(readFileSync(`${recordings}/${output}`, 'utf8')));
      assert.deepEqual(comparableRules(rules(readFileSync(`${recordings}/${input}`, 'utf8'))), expected);
      assert.ok(expected.length > 0);
    });

  for (const number of [4, 5, 7, 13, 29])
    it(`refuses sudo_sudoers-test${number}.txt, which sudo calls an error`, () => {
      const result = read(readFileSync(`${recordings}/sudo_sudoers-test${number}.txt`, 'utf8'));
      assert.deepEqual(result.ok || result.reason, 'syntax-error');
    });

  it('takes the quoting of sudo_sudoers-test2.txt and the regular expressions of test28', () => {
    assert.equal(rules(readFileSync(`${recordings}/sudo_sudoers-test2.txt`, 'utf8')).length, 14);
    const commands = commandsOf(readFileSync(`${recordings}/sudo_sudoers-test28.txt`, 'utf8'));
    assert.deepEqual(commands.at(6), { command: '^/usr/bin/(who|w|id|whoami)$', arguments: '^(-[ahi] ?)+$' });
  });

  for (const file of ['sudo_sample-sudoers.txt', 'sudo_sudoers-2.x-sample.txt'])
    it(`finds who may do everything in ${file}`, () => {
      const { rules: found, defaults } = policy(readFileSync(`${recordings}/${file}`, 'utf8'));
      const full = found.filter(
        ({ commands, hosts, runAsUsers = ['root'] }) =>
          commands.some(({ command }) => command === 'ALL') &&
          hosts[0] === 'ALL' &&
          hosts.length === 1 &&
          (runAsUsers.includes('ALL') || runAsUsers.includes('root')),
      );
      const names = full.flatMap((rule) => rule.users);
      assert.deepEqual(names, ['root', '%wheel', 'millert', 'mikef', 'dowdy', 'bostley', 'jwfox', 'crawl']);
      const free = found.filter(({ tags, commands }) => tags.includes('NOPASSWD') && commands[0]?.command === 'ALL');
      assert.deepEqual(
        free.map((rule) => rule.users),
        [['millert', 'mikef', 'dowdy'], ['fred']],
      );
      assert.ok(
        defaults.some(
          ({ setting, operation, scope }) =>
            setting === 'authenticate' && operation === 'off' && scope?.members[0] === 'millert',
        ),
      );
    });
});
