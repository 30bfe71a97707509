import assert from 'node:assert/strict';
import { admins } from '../../collectors/admins/index.ts';
import type { Draft } from '../../collectors/collector.ts';
import { waysToRoot } from '../../judge/ways-to-root.ts';
import { digests } from '../collectors/each-source-denied.ts';
import { type FakeMachine, fakeHost, miss } from '../collectors/fake-host.ts';

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
    ...changes,
    files: {
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
});
