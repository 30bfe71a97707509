import assert from 'node:assert/strict';
import { admins } from '../../../collectors/admins/index.ts';
import type { Draft } from '../../../collectors/collector.ts';
import { debianServer } from '../debian-server.ts';
import { assertValid, checkEachSource, digests } from '../each-source-denied.ts';
import { type FakeMachine, fakeHost, miss } from '../fake-host.ts';

function machineWith(changes: FakeMachine): FakeMachine {
  const parts = (['files', 'lists', 'stats'] as const).map((part) => [
    part,
    { ...debianServer[part], ...changes[part] },
  ]);
  return { ...debianServer, ...changes, ...Object.fromEntries(parts) };
}

async function collect(changes: FakeMachine = {}): Promise<Draft<'admins'>> {
  const drafts = await admins.collect(fakeHost(machineWith(changes)), digests);
  assertValid(drafts, 'admins');
  assert.ok(drafts.admins);
  return drafts.admins;
}

/** The sudoers files of a test, and nothing else in the folder. */
function sudoers(text: string, others: Readonly<Record<string, string>> = {}): FakeMachine {
  const names = Object.keys(others).map((path) => path.slice(path.lastIndexOf('/') + 1));
  return {
    files: { '/etc/sudoers': text, ...others },
    lists: { '/etc/sudoers.d': names },
    stats: Object.fromEntries(Object.keys(others).map((path) => [path, {}])),
  };
}

async function sudoUsers(changes: FakeMachine): Promise<unknown> {
  const { sudoRules } = await collect(changes);
  return sudoRules.status === 'observed'
    ? sudoRules.value.flatMap(({ users }) => users)
    : [sudoRules.status, sudoRules.reason];
}

describe('admins on Linux', () => {
  it('gives accounts without their GECOS', async () => {
    const { accounts } = await collect();
    assert.ok(accounts.status === 'observed');
    assert.deepEqual(accounts.value[2], {
      name: 'alice',
      uid: 1000,
      gid: 1000,
      home: '/home/alice',
      shell: '/bin/bash',
    });
    assert.ok(!JSON.stringify(accounts).includes('Doe'));
  });

  it('never lets a hash out of the shadow file', async () => {
    const { passwordStates } = await collect();
    assert.ok(passwordStates.status === 'observed');
    assert.deepEqual(passwordStates.value.slice(2), [
      {
        name: 'alice',
        state: 'set',
        scheme: 'yescrypt',
        changedOn: '2025-06-11',
        maximumAgeDays: 90,
        expiresOn: '2026-01-01',
      },
      { name: 'bob', state: 'locked', scheme: 'sha512crypt', mustChange: true, maximumAgeDays: 99999 },
    ]);
    assert.ok(!/\$|aGFza/.test(JSON.stringify(passwordStates)));
  });

  it('reads the shadow file as a secret', async () => {
    const host = fakeHost(debianServer);
    const secret: string[] = [];
    await admins.collect(
      {
        ...host,
        readFile: (path, options) => {
          if (options?.secret === true) secret.push(path);
          return host.readFile(path, options);
        },
      },
      digests,
    );
    assert.deepEqual(secret, ['/etc/shadow']);
  });

  it('joins members by list and by primary group', async () => {
    const { groups } = await collect();
    assert.ok(groups.status === 'observed');
    assert.deepEqual(groups.value, [
      { name: 'root', gid: 0, members: ['root'] },
      { name: 'sudo', gid: 27, members: ['alice', 'bob'] },
      { name: 'docker', gid: 998, members: ['carol'] },
      { name: 'ops', gid: 1005, members: ['bob'] },
    ]);
  });

  it('shows a second name for the group id of sudo', async () => {
    const { groups } = await collect({ files: { '/etc/group': 'root:x:0:\nsudo:x:27:\nprinters:x:27:mallory\n' } });
    assert.ok(groups.status === 'observed');
    assert.deepEqual(
      groups.value.map(({ name }) => name),
      ['root', 'sudo', 'printers'],
    );
  });

  it('does not give half a group where the accounts could not be read', async () => {
    const { groups } = await collect({ files: { '/etc/passwd': miss('denied') } });
    assert.equal(groups.status, 'denied');
  });

  it('reads includes in place, skips names with a dot or a tilde, and orders by bytes', async () => {
    const changes: FakeMachine = {
      files: {
        '/etc/sudoers': 'first ALL=ALL\n@includedir sudoers.d\nlast ALL=ALL\n',
        '/etc/sudoers.d/b': 'b ALL=ALL\n#include extra%h\n',
        '/etc/sudoers.d/extraweb1': 'extra ALL=ALL\n',
        '/etc/sudoers.d/B': 'B1 ALL=ALL\n',
        '/etc/sudoers.d/\u00e9': 'e ALL=ALL\n',
      },
      lists: { '/etc/sudoers.d': ['b', 'B', '\u00e9', 'old.bak', 'x~', 'folder', 'gone'] },
      stats: { '/etc/sudoers.d/folder': { type: 'directory' } },
      identity: { hostname: 'web1.example.org' },
    };
    assert.deepEqual(await sudoUsers(changes), ['first', 'B1', 'b', 'extra', 'e', 'last']);
  });

  it('gives no rules at all where one included file is for root only', async () => {
    const changes = sudoers('root ALL=ALL\n@includedir /etc/sudoers.d\n', { '/etc/sudoers.d/ops': '' });
    const denied = { ...changes, files: { ...changes.files, '/etc/sudoers.d/ops': miss('denied') } };
    assert.deepEqual(await sudoUsers(denied), ['denied', 'permission-denied']);
    const list = { ...changes, lists: { '/etc/sudoers.d': miss('denied') } };
    assert.deepEqual(await sudoUsers(list), ['denied', 'permission-denied']);
  });

  it('goes on without an included file or folder that is not there', async () => {
    const changes = sudoers('root ALL=ALL\n@include /etc/nowhere\n@includedir /etc/none\nbob ALL=ALL\n');
    assert.deepEqual(await sudoUsers(changes), ['root', 'bob']);
  });

  it('ends an include loop as a failure', async () => {
    const changes = sudoers('@include /etc/sudoers.d/a\n', { '/etc/sudoers.d/a': '@include /etc/sudoers\n' });
    assert.deepEqual(await sudoUsers(changes), ['failed', 'include-loop']);
  });

  it('says where the syntax error is and gives no half of the rules', async () => {
    const { sudoRules, sudoDefaults } = await collect(
      sudoers('root ALL=ALL\n@includedir /etc/sudoers.d\n', { '/etc/sudoers.d/typo': '\nbob ALL ALL\n' }),
    );
    const expected = {
      status: 'failed',
      reason: 'syntax-error',
      detail: '/etc/sudoers.d/typo: line 2: = is missing',
      sources: [
        'file:/etc/sudoers.d/typo',
        'file:/etc/sudoers',
        'list:/etc/sudoers.d',
        'file:/etc/sudo.conf',
        'stat:/etc/sudoers-rs',
      ],
    };
    assert.deepEqual(sudoRules, expected);
    assert.deepEqual(sudoDefaults, expected);
  });

  it('reads the sudoers file that sudo.conf names, and no other policy', async () => {
    const named = {
      files: {
        '/etc/sudo.conf': 'Plugin sudoers_policy sudoers.so sudoers_file=/opt/rules\n',
        '/opt/rules': 'bob ALL=ALL\n',
      },
    };
    assert.deepEqual(await sudoUsers(named), ['bob']);
    const other = { files: { '/etc/sudo.conf': 'Plugin python_policy python_plugin.so\n' } };
    assert.deepEqual(await sudoUsers(other), ['unsupported', 'other-policy-plugin']);
    assert.deepEqual(await sudoUsers({ stats: { '/etc/sudoers-rs': {} } }), ['unsupported', 'sudo-rs-sudoers']);
  });

  it('finds the shipped sudoers file where /etc has none, and says absent where neither is there', async () => {
    const gone = { '/etc/sudoers': miss('absent') };
    assert.deepEqual(await sudoUsers({ files: { ...gone, '/usr/etc/sudoers': 'bob ALL=ALL\n' } }), ['bob']);
    assert.deepEqual(await sudoUsers({ files: gone }), ['absent', 'no-sudoers-file']);
  });

  it('says that sudo is not there only after looking everywhere', async () => {
    const absent = await collect({ stats: { '/usr/bin/sudo': miss('absent') } });
    assert.ok(absent.sudoInstalled.status === 'observed' && !absent.sudoInstalled.value);
    const denied = await collect({ stats: { '/usr/bin/sudo': miss('absent'), '/usr/local/bin/sudo': miss('denied') } });
    assert.equal(denied.sudoInstalled.status, 'denied');
  });

  it('notes NIS lines beside the accounts instead of skipping them', async () => {
    const { accounts, nisEntries } = await collect({
      files: {
        '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n+@admins::::::\n-eve::::::\n',
        '/etc/group': 'root:x:0:\n+\n',
      },
    });
    assert.ok(accounts.status === 'observed' && accounts.value.length === 1);
    assert.deepEqual(nisEntries.status === 'observed' && nisEntries.value, [
      { definedIn: '/etc/passwd', line: 2, entry: '+@admins' },
      { definedIn: '/etc/passwd', line: 3, entry: '-eve' },
      { definedIn: '/etc/group', line: 2, entry: '+' },
    ]);
  });

  it('carries hostile and non-UTF-8 names into a valid document', async () => {
    const passwd =
      'root:x:0:0::/root:/bin/sh\n<script>:x:0:0::/:\u001b[2J\nj\udcfcrg:x:1:1::/h\udcff:/bin/\u202esh\n=cmd|x:x:2:2:::\n';
    const { accounts } = await collect({
      files: { '/etc/passwd': passwd, '/etc/group': 'sudo:x:27:j\udcfcrg,<script>\nroot:x:0:\n' },
    });
    assert.ok(accounts.status === 'observed');
    assert.deepEqual(accounts.value[2]?.name, { bytes: 'avxyZw==' });
  });

  it('sums up in plain words', async () => {
    const rows = admins.summarise({ admins: await collect() });
    assert.deepEqual(
      rows.map(({ label, text, tone }) => `${tone} ${label}: ${text}`),
      [
        'plain Accounts: 4 local, with user id 0: root',
        'plain Groups of note: root (root), sudo (alice, bob), docker (carol), ops (bob)',
        'plain sudo: installed',
        'attention Sudo rules: 3 for root, %sudo, %ops; 1 without a password',
        'plain Passwords: 1 set, 1 locked, 2 that no password opens',
        'plain Looked up in: accounts: files systemd; groups: files systemd; sudo rules: files',
      ],
    );
  });

  it('never sums up as asking for passwords where a Defaults line asks for none, nor as local alone where NIS lets in', async () => {
    const sudoers = 'Defaults !authenticate\nroot ALL=(ALL:ALL) ALL\n';
    const passwd = 'root:x:0:0::/root:/bin/sh\n+@wardstaff::::::\n';
    const rows = admins.summarise({
      admins: await collect({ files: { '/etc/sudoers': sudoers, '/etc/passwd': passwd } }),
    });
    const lines = rows.map(({ label, text, tone }) => `${tone} ${label}: ${text}`);
    assert.ok(
      lines.includes('attention Sudo rules: 1 for root; 0 without a password, and a Defaults line asks for none'),
      lines.join('\n'),
    );
    assert.ok(
      lines.includes('attention From NIS: 1 lines let in accounts of a directory: +@wardstaff'),
      lines.join('\n'),
    );
  });

  it('says unsupported on Windows, not absent', async () => {
    const { admins: document } = await admins.collect(fakeHost({ os: 'windows' }), digests);
    assert.ok(Object.values(document ?? {}).every((fact) => (fact as { status: string }).status === 'unsupported'));
  });

  it('never turns a source that could not be read into a value, an absence or half a list', async () => {
    const cases = await checkEachSource({
      collector: admins,
      host: () => fakeHost(debianServer),
      emptyIsTrue: ['admins.sudoRules', 'admins.sudoDefaults'],
      wholeOnly: [
        'accounts',
        'nisEntries',
        'groups',
        'passwordStates',
        'accountSources',
        'sudoInstalled',
        'sudoRules',
        'sudoDefaults',
      ].map((name) => `admins.${name}`),
    });
    assert.ok(cases > 80, `only ${cases} cases`);
  });
});
