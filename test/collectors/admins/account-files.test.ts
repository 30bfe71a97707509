import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { passwordState } from '../../../collectors/admins/crypt.ts';
import { parseGroup } from '../../../collectors/admins/group.ts';
import { parseNsswitch } from '../../../collectors/admins/nsswitch.ts';
import { parsePasswd } from '../../../collectors/admins/passwd.ts';
import { parseShadow } from '../../../collectors/admins/shadow.ts';
import { parseSudoConf } from '../../../collectors/admins/sudo-conf.ts';

const recordings = '../shared/recordings/admins';

function passwd(text: string): unknown {
  const result = parsePasswd(text, '/etc/passwd');
  return result.ok ? result.value.accounts : [result.reason, result.detail];
}

describe('passwd', () => {
  it('takes an account with missing fields and with odd numbers, as the C library does', () => {
    assert.deepEqual(passwd('short:x:0:0\npadded:x: 00:+5:::/bin/sh:odd\nhuge:x:99999999999:-1:::\n'), [
      { name: 'short', uid: 0, gid: 0, shell: '' },
      { name: 'padded', uid: 0, gid: 5, home: '', shell: '/bin/sh:odd' },
      { name: 'huge', uid: 4294967295, gid: 4294967295, home: '', shell: '' },
    ]);
  });

  it('says what the account file itself holds as a password', () => {
    const text = 'a::0:0:::\nb:x:1:1:::\nc:*:2:2:::\nd:abJnggxhB/yWI:3:3:::\n';
    const result = parsePasswd(text, '/etc/passwd');
    assert.ok(result.ok);
    assert.deepEqual(
      result.value.accounts.map(({ password }) => password),
      ['empty', undefined, 'none', 'set'],
    );
    assert.ok(!JSON.stringify(result).includes('Jnggx'));
  });

  it('leaves out comments and blank lines, and refuses a file with any other line that is no account', () => {
    assert.deepEqual(passwd('# macOS\n\n  root:x:0:0:::\n'), [{ name: 'root', uid: 0, gid: 0, home: '', shell: '' }]);
    assert.deepEqual(passwd('root:x:0:0:::\ntoor:x:zero:0:::\n'), ['malformed-line', '/etc/passwd line 2']);
    assert.deepEqual(passwd(''), ['no-entries', '/etc/passwd']);
  });
});

describe('shadow', () => {
  it('tells an empty password, a hash, a lock and nothing apart', () => {
    const fields = [
      '',
      '*',
      '!',
      '!!',
      '!*',
      '*LK*',
      'x',
      '$y$j9T$s$h',
      '!$y$j9T$s$h',
      '*$6$s$h',
      'abJnggxhB/yWI',
      '_J9..rasmBYk8r9AiWNc',
      '$zz$new',
      '$2b$05$x',
    ];
    assert.deepEqual(
      fields.map((field) => Object.values(passwordState(field)).join(' ')),
      [
        'empty',
        'none',
        'none',
        'none',
        'none',
        'none',
        'none',
        'set yescrypt',
        'locked yescrypt',
        'locked sha512crypt',
        'set descrypt',
        'set bsdicrypt',
        'set',
        'set bcrypt',
      ],
    );
  });

  it('gives days as days, and no day where none is set', () => {
    const result = parseShadow('a:*:19000:0:90:7::20000:\nb:*::::::0:\nc:*:0:0:-1:7:::\n');
    assert.deepEqual(result.ok && result.value, [
      { name: 'a', state: 'none', changedOn: '2022-01-08', maximumAgeDays: 90, expiresOn: '2024-10-04' },
      { name: 'b', state: 'none', expiresOn: '1970-01-01' },
      { name: 'c', state: 'none', mustChange: true },
    ]);
  });

  it('names only the line of what it cannot read, never the line', () => {
    assert.deepEqual(parseShadow('a:*:1::::::\nb:$6$secret:x\n'), {
      ok: false,
      reason: 'malformed-line',
      detail: 'line 2',
    });
    assert.deepEqual(parseShadow('justtext\n'), { ok: false, reason: 'malformed-line', detail: 'line 1' });
  });
});

describe('group', () => {
  it('refuses a line without a group id, and takes one without members', () => {
    const good = parseGroup('sudo:x:27\ndocker:x:998: alice,,bob \n', '/etc/group');
    assert.deepEqual(good.ok && good.value.groups, [
      { name: 'sudo', gid: 27, members: [] },
      { name: 'docker', gid: 998, members: ['alice', 'bob'] },
    ]);
    assert.equal(parseGroup('sudo:x:\n', '/etc/group').ok, false);
  });
});

describe('nsswitch.conf', () => {
  it('keeps services and actions in order, of the databases that matter', () => {
    const text =
      '# c\npasswd: files [NOTFOUND=return] sss # d\ngroup:\tfiles [SUCCESS=merge] systemd\nhosts: dns\nsudoers: files sss\n';
    assert.deepEqual(parseNsswitch(text), {
      ok: true,
      value: {
        passwd: ['files', '[NOTFOUND=return]', 'sss'],
        group: ['files', '[SUCCESS=merge]', 'systemd'],
        sudoers: ['files', 'sss'],
      },
    });
  });

  it('does not invent a line that is not there, and refuses what is no nsswitch.conf', () => {
    assert.deepEqual(parseNsswitch('hosts: files\n'), { ok: true, value: {} });
    assert.equal(parseNsswitch('').ok, false);
    assert.equal(parseNsswitch('hosts: files\npasswd files sss\n').ok, false);
  });
});

describe('sudo.conf', () => {
  it('knows the usual policy, one with a file of its own, and another policy', () => {
    assert.deepEqual(parseSudoConf('# Plugin python_policy x.so\nPlugin sudoers_io sudoers.so\n'), {
      ok: true,
      value: {},
    });
    const own = 'Plugin sudoers_policy /usr/libexec/sudo/sudoers.so sudoers_mode=0400 \\\n sudoers_file=/opt/rules\n';
    assert.deepEqual(parseSudoConf(own), { ok: true, value: { file: '/opt/rules' } });
    assert.equal(parseSudoConf('Plugin sudoers_policy other.so\n').ok, false);
  });
});

describe('account recordings', function () {
  before(function () {
    if (existsSync(recordings)) return;
    console.warn(`      skipped: no recordings at ${recordings}`);
    this.skip();
  });

  it('finds root alone with user id 0 in passwd of CentOS 7 and Ubuntu 18', () => {
    for (const name of ['jc_passwd-centos7.txt', 'jc_passwd-ubuntu18.txt']) {
      const result = parsePasswd(readFileSync(`${recordings}/${name}`, 'utf8'), '/etc/passwd');
      assert.ok(result.ok, name);
      assert.deepEqual(
        result.value.accounts.filter(({ uid }) => uid === 0).map((account) => account.name),
        ['root'],
      );
    }
  });

  it('finds the members that the recordings of group files name', () => {
    const members = (file: string, group: string): unknown => {
      const result = parseGroup(readFileSync(`${recordings}/${file}`, 'utf8'), '/etc/group');
      return result.ok ? result.value.groups.find(({ name }) => name === group)?.members : result;
    };
    assert.deepEqual(members('jc_group-ubuntu18.txt', 'sudo'), ['joeuser']);
    assert.deepEqual(members('jc_group-ubuntu18.txt', 'adm'), ['syslog', 'joeuser']);
    assert.deepEqual(members('jc_group-macos10.14.txt', 'admin'), ['root']);
    assert.deepEqual(members('insights_getent-group.txt', 'wheel'), ['admin', 'tester']);
  });
});
