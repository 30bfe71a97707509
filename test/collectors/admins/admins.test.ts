import assert from 'node:assert/strict';
import { admins } from '../../../collectors/admins/index.ts';
import { debianServer } from '../debian-server.ts';
import { checkEachSource, digests } from '../each-source-denied.ts';
import { fakeHost, miss } from '../fake-host.ts';
import { collect } from './debian-machine.ts';

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
    // Keys' comments name people, and the directory client's file can hold a password.
    assert.deepEqual(
      secret.filter((path) => !path.includes('authorized_keys')),
      ['/etc/shadow', '/etc/ssh/keys/root', '/etc/ssh/keys/alice', '/etc/ssh/keys/bob', '/etc/sssd/sssd.conf'],
    );
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
        'plain doas rules: 1',
        'plain polkit: administrators: unix-group:sudo',
        'plain SSH keys: 2 in 2 files of root and administrators',
        'plain Set-id programs: 1',
        'plain Capabilities: /usr/bin/newuidmap cap_setuid=ep',
        'plain Sockets of root: /run/docker.sock (0660, group 998)',
        'attention Docker on network: 0.0.0.0:2375',
        'attention Jobs of root: 2 that others can change: /etc/systemd/system/app.service, /etc/cron.d/backup',
        'plain Directories: example.org',
        'plain Agents of others: cloud-init',
        'plain Logins recorded: 1 accounts, the newest 2026-11-18T11:06:40Z',
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

  it('says unsupported or not applicable on a Windows server that answers nothing, not absent', async () => {
    const { admins: document } = await admins.collect(fakeHost({ os: 'windows' }), digests);
    const statuses = Object.values(document ?? {}).map((fact) => (fact as { status: string }).status);
    assert.deepEqual([...new Set(statuses)].toSorted(), ['not-applicable', 'unsupported']);
  });

  it('never turns a source that could not be read into a value, an absence or half a list', async () => {
    const cases = await checkEachSource({
      collector: admins,
      host: () => fakeHost(debianServer),
      emptyIsTrue: [
        'sudoRules',
        'sudoDefaults',
        'doasRules',
        'suGuards',
        'fileCapabilities',
        'setIdFiles',
        'directoryDomains',
        'writableRootJobs',
      ].map((name) => `admins.${name}`),
      wholeOnly: [
        'accounts',
        'nisEntries',
        'groups',
        'passwordStates',
        'accountSources',
        'sudoInstalled',
        'sudoRules',
        'sudoDefaults',
        'doasInstalled',
        'doasRules',
        'suGuards',
        'polkitRules',
        'dockerListeners',
        'fileCapabilities',
        // setIdFiles is whole without its owners: programs.test.ts.
        'sshKeySettings',
        'directoryGroups',
        'sudoListings',
        'writableRootJobs',
      ].map((name) => `admins.${name}`),
    });
    assert.ok(cases > 80, `only ${cases} cases`);
  });
});
