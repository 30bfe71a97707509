import assert from 'node:assert/strict';
import { admins } from '../../collectors/admins/index.ts';
import type { Draft } from '../../collectors/collector.ts';
import { waysToRoot } from '../../judge/ways-to-root.ts';
import { digests } from '../collectors/each-source-denied.ts';
import { type FakeMachine, fakeHost, miss } from '../collectors/fake-host.ts';

const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';
const passwd =
  'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n';
const group = 'root:x:0:\nsudo:x:27:alice\ndocker:x:998:\n';
const shadow = 'root:*:20000::::::\nalice:$y$j9T$s$h:20000::::::\nbob:$y$j9T$s$h:20000::::::\n';

async function document(
  files: NonNullable<FakeMachine['files']> = {},
  changes: FakeMachine = {},
): Promise<Draft<'admins'>> {
  const machine: FakeMachine = {
    restIsAbsent: true,
    stats: { '/usr/bin/sudo': {} },
    commands: { getcap: '', 'find-set-id': '4755\t0\t0\tf\t/usr/bin/sudo\0', 'find-writable-jobs': '' },
    ...changes,
    files: {
      '/proc/net/tcp': '  sl  local_address rem_address   st\n',
      '/etc/passwd': passwd,
      '/etc/group': group,
      '/etc/shadow': shadow,
      '/etc/nsswitch.conf': 'passwd: files systemd\ngroup: files\n',
      '/etc/sudoers': 'root ALL=(ALL:ALL) ALL\n',
      ...files,
    },
  };
  const { admins: found } = await admins.collect(fakeHost(machine), digests);
  assert.ok(found);
  return found;
}

async function ways(files: NonNullable<FakeMachine['files']> = {}, changes: FakeMachine = {}): Promise<string[]> {
  const { accounts } = waysToRoot(await document(files, changes));
  return accounts.flatMap(({ name, ways: found }) =>
    found.map(
      ({ kind, via, withoutPassword }) =>
        `${typeof name === 'string' ? name : name.bytes} ${kind} ${via}${withoutPassword ? ' free' : ''}`,
    ),
  );
}

async function outcome(files: NonNullable<FakeMachine['files']> = {}, changes: FakeMachine = {}): Promise<string> {
  const { outcome: result, faults, unknowns } = waysToRoot(await document(files, changes));
  return [result, ...faults, ...unknowns].join('; ');
}

describe('ways to root', () => {
  it('lists each account with each of its ways', async () => {
    const files = {
      '/etc/passwd': `${passwd}toor:x:0:0::/:/bin/sh\n`,
      '/etc/group': 'root:x:0:\nsudo:x:27:alice\ndocker:x:998:alice\n',
      '/etc/sudoers': '%sudo ALL=(ALL:ALL) ALL\nbob ALL=NOPASSWD: /usr/bin/apt\n',
    };
    assert.deepEqual(await ways(files), [
      'root uid0 user id 0',
      'alice group docker free',
      'alice sudo-all /etc/sudoers line 1',
      'bob sudo-limited /etc/sudoers line 2 free',
      'toor uid0 user id 0',
    ]);
  });

  it('passes a server where everybody is asked for a password and every source was seen', async () => {
    assert.equal(await outcome({ '/etc/sudoers': '%sudo ALL=(ALL:ALL) ALL\n' }), 'pass');
  });

  it('fails each of the ways that ask for no password, and a second name for root', async () => {
    const cases: [NonNullable<FakeMachine['files']>, string][] = [
      [
        { '/etc/sudoers': 'bob ALL=NOPASSWD: ALL\n' },
        'fail; bob becomes root without a password through /etc/sudoers line 1',
      ],
      [
        { '/etc/sudoers': 'Defaults:bob !authenticate\nbob ALL=ALL\n' },
        'fail; bob becomes root without a password through /etc/sudoers line 2',
      ],
      [{ '/etc/group': 'root:x:0:\ndocker:x:998:bob\n' }, 'fail; bob becomes root without a password through docker'],
      [{ '/etc/passwd': `${passwd}toor:x:0:0::/:/bin/sh\n` }, 'fail; toor is root under another name'],
      [{ '/etc/sudoers': 'bob ALL=ALL\n', '/etc/shadow': 'bob::20000::::::\n' }, 'fail; bob has an empty password'],
      [
        { '/etc/sudoers': 'bob ALL=ALL\n', '/etc/passwd': passwd.replace('bob:x', 'bob:') },
        'fail; bob has an empty password',
      ],
    ];
    for (const [files, expected] of cases) assert.equal(await outcome(files), expected);
  });

  it('passes nothing while an input was not seen', async () => {
    for (const path of ['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/sudoers', '/etc/nsswitch.conf'])
      assert.match(await outcome({ [path]: miss('denied') }), /^undetermined; /, path);
  });

  it('keeps a fault that it knows while other inputs were not seen', async () => {
    assert.match(
      await outcome({ '/etc/sudoers': miss('denied'), '/etc/group': 'root:x:0:\ndisk:x:6:bob\n' }),
      /^fail; bob .* disk; /,
    );
  });

  it('does not pass where accounts, groups or rules come from elsewhere too', async () => {
    for (const line of ['passwd: files sss', 'group: files ldap', 'sudoers: files sss', 'initgroups: files sss'])
      assert.match(await outcome({ '/etc/nsswitch.conf': `${line}\n` }), /^undetermined; .* also comes from /, line);
    assert.equal(await outcome({ '/etc/nsswitch.conf': 'passwd: compat\n' }), 'pass');
    assert.match(
      await outcome({ '/etc/nsswitch.conf': 'passwd: compat\n', '/etc/passwd': `${passwd}+::::::\n` }),
      /^undetermined/,
    );
  });

  it('does not pass where a rule names people whom no local file names', async () => {
    for (const user of ['+admins', '%domain\\ admins', '%:nonunix'])
      assert.match(await outcome({ '/etc/sudoers': `${user} ALL=NOPASSWD: ALL\n` }), /^undetermined; who is in /, user);
  });

  it('lists accounts that only a rule names', async () => {
    assert.deepEqual((await ways({ '/etc/sudoers': 'svc@ad.example, #5000 ALL=ALL\n' })).slice(1), [
      'svc@ad.example sudo-all /etc/sudoers line 1',
      '#5000 sudo-all /etc/sudoers line 1',
    ]);
  });

  it('lets the last rule for everything win, and a name taken away be away', async () => {
    const asked = { '/etc/sudoers': '%sudo ALL=(ALL) NOPASSWD: ALL\nalice ALL=(ALL) ALL\n' };
    assert.equal(await outcome(asked), 'pass');
    assert.deepEqual(await ways({ '/etc/sudoers': 'ALL, !bob ALL=ALL\n' }), [
      'root uid0 user id 0',
      'root sudo-all /etc/sudoers line 1',
      'alice sudo-all /etc/sudoers line 1',
    ]);
  });

  it('takes a rule as another user for no way to root, unless with a group', async () => {
    const files = { '/etc/sudoers': 'alice ALL=(postgres) NOPASSWD: ALL\nbob ALL=(:disk) ALL\n' };
    assert.deepEqual((await ways(files)).slice(1), ['bob sudo-limited /etc/sudoers line 2']);
  });

  it('ignores rules where sudo is not there, and only where that was seen', async () => {
    const files = { '/etc/sudoers': 'bob ALL=NOPASSWD: ALL\n' };
    assert.equal(await outcome(files, { stats: {} }), 'pass');
    assert.match(await outcome(files, { stats: { '/usr/bin/sudo': miss('denied') } }), /^fail/);
  });

  it('holds a limited rule without a password against somebody where it leads to root, and doubts it where nobody knows', async () => {
    assert.equal(
      await outcome({ '/etc/sudoers': 'bob ALL=NOPASSWD: /usr/bin/find\n' }),
      'fail; bob becomes root without a password through /etc/sudoers line 1',
    );
    assert.equal(
      await outcome({ '/etc/sudoers': 'bob ALL=NOPASSWD: /opt/app/deploy\n' }),
      'undetermined; how far bob gets without a password through /etc/sudoers line 1',
    );
    assert.equal(await outcome({ '/etc/sudoers': 'bob ALL=NOPASSWD: /usr/bin/systemctl restart nginx\n' }), 'pass');
    assert.match(
      await outcome({ '/etc/sudoers': 'Defaults env_keep += "LANG LD_PRELOAD"\nbob ALL=NOPASSWD: /usr/bin/id ""\n' }),
      /^fail; bob/,
    );
    assert.match(await outcome({ '/etc/sudoers': 'Defaults exempt_group=sudo\n%sudo ALL=ALL\n' }), /^fail; alice/);
  });

  it('names each step from the account to root', async () => {
    const { accounts } = waysToRoot(await document({ '/etc/sudoers': '%sudo ALL=(ALL:ALL) ALL\n' }));
    assert.deepEqual(accounts[1]?.ways[0]?.chain, ['alice', 'group sudo', '/etc/sudoers line 1', 'ALL']);
  });

  it('ends a rule, a key and an account when their time is over', async () => {
    const files = {
      '/etc/sudoers': 'bob ALL=(ALL) NOTAFTER=20260101000000Z NOPASSWD: ALL\n',
      '/root/.ssh/authorized_keys': `expiry-time="20260101" ${ed25519}\n`,
      '/etc/shadow': 'root:*:20000::::::\nalice:$y$j9T$s$h:20000:::::20000:\nbob:$y$j9T$s$h:20000::::::\n',
    };
    const before = waysToRoot(await document(files), '2025-12-31T23:00:00Z');
    assert.deepEqual(
      before.accounts.map(({ name, ways: found }) => [name, found.map(({ kind, until }) => `${kind} ${until ?? ''}`)]),
      [
        ['root', ['uid0 ', 'ssh-key 20260101']],
        ['bob', ['sudo-all 20260101000000Z']],
      ],
    );
    const after = waysToRoot(
      await document({ ...files, '/etc/group': 'root:x:0:\ndocker:x:998:alice\n' }),
      '2026-01-05T00:00:00Z',
    );
    assert.deepEqual(
      after.accounts.map(({ name, state, ways: found }) => [name, state, found.map(({ kind }) => kind)]),
      [
        ['root', 'enabled', ['uid0']],
        ['alice', 'expired', ['group']],
      ],
    );
  });

  it('says when somebody was last there and whether the account is open', async () => {
    const lastlog = new Uint8Array(292 * 2);
    new DataView(lastlog.buffer).setUint32(0, 1_795_000_000, true);
    const { accounts } = waysToRoot(
      await document({
        '/var/log/lastlog': new TextDecoder('latin1').decode(lastlog.map((byte) => (byte > 127 ? 1 : byte))),
      }),
    );
    assert.equal(accounts[0]?.state, 'locked');
    assert.match(accounts[0]?.lastLoginAt ?? '', /^\d{4}-/);
  });

  it('finds the ways of doas, of su, of polkit and of sockets', async () => {
    const stats = {
      '/usr/bin/sudo': {},
      '/usr/bin/doas': {},
      '/run/podman/podman.sock': { type: 'socket', mode: 0o660, gid: 1005 },
    } as const;
    const files = {
      '/etc/sudoers': '',
      '/etc/group': 'root:x:0:\nwheel:x:10:alice\npods:x:1005:bob\n',
      '/etc/doas.conf':
        'permit nopass :wheel\ndeny alice cmd reboot\npermit bob as postgres\npermit bob cmd /usr/bin/vi args /etc/motd\n',
      '/etc/pam.d/su': 'auth sufficient pam_wheel.so trust use_uid\n',
      '/usr/share/polkit-1/rules.d/50-default.rules':
        'polkit.addAdminRule(function(a, s) { return ["unix-group:wheel"]; });',
    };
    const lists = { '/usr/share/polkit-1/rules.d': ['50-default.rules'] };
    assert.deepEqual(await ways(files, { stats, lists }), [
      'root uid0 user id 0',
      'alice su /etc/pam.d/su line 1 free',
      'alice doas /etc/doas.conf line 1 free',
      'alice polkit /usr/share/polkit-1/rules.d/50-default.rules',
      'bob socket /run/podman/podman.sock free',
      'bob doas /etc/doas.conf line 4',
    ]);
  });

  it('fails what makes root of anybody', async () => {
    const socket = { '/usr/bin/sudo': {}, '/run/docker.sock': { type: 'socket', mode: 0o666 } } as const;
    assert.match(
      await outcome({}, { stats: socket }),
      /^fail; anybody on the server becomes root through \/run\/docker.sock/,
    );
    const base = { getcap: '', 'find-set-id': '', 'find-writable-jobs': '' };
    const cases: [Record<string, string>, RegExp][] = [
      [{ getcap: '/usr/bin/python3.11 cap_setuid=ep\n' }, /^fail; anybody .*python3.11 \(cap_setuid=ep\)/],
      [{ 'find-set-id': '4755\t0\t0\tf\t/usr/local/bin/find\u0000' }, /^fail; anybody .*find, which runs as root/],
      [{ 'find-set-id': '4757\t0\t0\tf\t/opt/x\u0000' }, /^fail; anybody may write to \/opt\/x/],
      [{ 'find-writable-jobs': '666\t0\t0\tf\t/etc/cron.d/x\u0000' }, /^fail; anybody may write to \/etc\/cron.d\/x/],
      [{ 'find-writable-jobs': '644\t1001\t0\tf\t/etc/cron.d/x\u0000' }, /^fail; bob becomes root .* \/etc\/cron.d\/x/],
      [{ getcap: '/opt/agent cap_sys_admin=ep\n' }, /^undetermined; how far \/opt\/agent/],
    ];
    for (const [commands, expected] of cases)
      assert.match(await outcome({}, { commands: { ...base, ...commands } }), expected);
    const listening = '  sl  local_address rem_address   st\n   0: 00000000:0947 00000000:0000 0A 0\n';
    assert.match(await outcome({ '/proc/net/tcp': listening }), /^fail; anybody who reaches it .* 2375/);
  });

  it('does not pass where a polkit rule can say yes to an action of root', async () => {
    const lists = { '/etc/polkit-1/rules.d': ['a.rules'] };
    const rule = (action: string) => ({
      '/etc/polkit-1/rules.d/a.rules': `polkit.addRule(function(a, s) { if (a.id == "${action}") return polkit.Result.YES; });`,
    });
    assert.match(await outcome(rule('org.freedesktop.systemd1.manage-units'), { lists }), /^undetermined; for whom/);
    assert.equal(await outcome(rule('org.freedesktop.timedate1.set-time'), { lists }), 'pass');
  });

  it('does not pass while another reader of the rules understood them otherwise', async () => {
    const commands = {
      getcap: '',
      'find-set-id': '',
      'find-writable-jobs': '',
      'cvtsudoers-json': '{"User_Specs": []}',
    };
    assert.match(await outcome({}, { commands }), /^undetermined; .*cvtsudoers/);
  });
});
