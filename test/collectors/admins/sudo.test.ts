import assert from 'node:assert/strict';
import { type FakeMachine, miss } from '../fake-host.ts';
import { collect, sudoers, sudoUsers } from './debian-machine.ts';

describe('sudo on Linux', () => {
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
});
