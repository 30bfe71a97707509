import assert from 'node:assert/strict';
import { directiveFact, readSshdConfig } from '../../../collectors/mfa/sshd-files.ts';
import type { Connection } from '../../../collectors/mfa/sshd-match.ts';
import { parseMatch } from '../../../collectors/mfa/sshd-match.ts';
import { effectiveSettings, printedSettings } from '../../../collectors/mfa/sshd-settings.ts';
import { type FakeMachine, fakeHost, miss } from '../fake-host.ts';

const main = '/etc/ssh/sshd_config';
const alice: Connection = {
  user: 'alice',
  groups: ['alice', 'ops'],
  host: '192.0.2.7',
  address: '192.0.2.7',
  localAddress: '192.0.2.1',
  localPort: 22,
};

function machine(text: string, more: Pick<FakeMachine, 'files' | 'lists'> = {}): FakeMachine {
  return {
    restIsAbsent: true,
    files: { [main]: text, ...more.files },
    ...(more.lists === undefined ? {} : { lists: more.lists }),
  };
}

async function setting(
  name: string,
  text: string,
  more: Pick<FakeMachine, 'files' | 'lists'> = {},
  who: Connection = alice,
): Promise<string | undefined> {
  const read = await readSshdConfig(fakeHost(machine(text, more)), main);
  assert.ok(read.status === 'observed', JSON.stringify(read));
  return effectiveSettings(read.value, who)?.get(name)?.join(' ');
}

describe('the configuration of sshd', () => {
  it('takes the first value, whatever the case of the keyword and however it is parted from it', async () => {
    assert.equal(
      await setting('passwordauthentication', 'PASSWORDauthentication=no\nPasswordAuthentication yes\n'),
      'no',
    );
    assert.equal(
      await setting('authorizedkeysfile', 'AuthorizedKeysFile "/etc/ssh/my keys" .ssh/a # why\n'),
      '/etc/ssh/my keys .ssh/a',
    );
  });

  it('lets a Match block that holds outweigh what stands before it outside of blocks', async () => {
    const text = 'AuthenticationMethods publickey,password\nMatch User alice\nAuthenticationMethods publickey\n';
    assert.equal(await setting('authenticationmethods', text), 'publickey');
    assert.equal(await setting('authenticationmethods', text, {}, { ...alice, user: 'bob' }), 'publickey,password');
  });

  it('takes the first of several blocks that hold, and demands every criterion of one', async () => {
    const text =
      'Match Group ops Address 10.0.0.0/8\nPermitRootLogin yes\nMatch Group ops\nPermitRootLogin no\nMatch all\nPermitRootLogin forced-commands-only\n';
    assert.equal(await setting('permitrootlogin', text), 'no');
    assert.equal(await setting('permitrootlogin', text, {}, { ...alice, address: '10.1.1.1' }), 'yes');
  });

  it('keeps what is included within a block conditional, and its blocks too', async () => {
    const files = {
      '/etc/ssh/x.conf': 'PasswordAuthentication no\nMatch Address 192.0.2.0/24\nPubkeyAuthentication no\n',
    };
    const text = 'Match User bob\nInclude x.conf\nMatch all\nPermitRootLogin no\n';
    assert.equal(await setting('passwordauthentication', text, { files }), 'yes');
    assert.equal(await setting('pubkeyauthentication', text, { files }), 'yes');
    assert.equal(await setting('pubkeyauthentication', text, { files }, { ...alice, user: 'bob' }), 'no');
    assert.equal(await setting('permitrootlogin', text, { files }), 'no');
  });

  it('includes by patterns relative to /etc/ssh, in byte order, without names that begin with a dot', async () => {
    const lists = { '/etc/ssh/sshd_config.d': ['20.conf', '10.conf', '.0.conf', 'notes'] };
    const files = {
      '/etc/ssh/sshd_config.d/10.conf': 'PermitRootLogin no\n',
      '/etc/ssh/sshd_config.d/20.conf': 'PermitRootLogin yes\n',
    };
    assert.equal(
      await setting('permitrootlogin', 'Include sshd_config.d/*.conf\nPermitRootLogin yes\n', { files, lists }),
      'no',
    );
  });

  it('adds up lists of accounts, and replaces them all within a block', async () => {
    const text = 'AllowUsers a b\nAllowUsers c\nMatch User alice\nAllowUsers d\nAllowUsers e\n';
    assert.equal(await setting('allowusers', text), 'd e');
    assert.equal(await setting('allowusers', text, {}, { ...alice, user: 'bob' }), 'a b c');
  });

  it('says nothing where a block depends on groups that are not known, and only then', async () => {
    const unknown = { ...alice, groups: undefined };
    assert.equal(await setting('permitrootlogin', 'Match Group ops\nPermitRootLogin no\n', {}, unknown), undefined);
    assert.equal(
      await setting('permitrootlogin', 'Match Group ops\nX11Forwarding no\n', {}, unknown),
      'without-password',
    );
    assert.equal(
      await setting('permitrootlogin', 'Match Group ops User bob\nPermitRootLogin no\n', {}, unknown),
      'without-password',
    );
  });

  it('puts lists of algorithms together', async () => {
    const of = async (list: string): Promise<string | undefined> =>
      await setting('pubkeyacceptedalgorithms', `PubkeyAcceptedAlgorithms ${list}\n`);
    assert.equal(await of('sk-ssh-ed25519@openssh.com'), 'sk-ssh-ed25519@openssh.com');
    assert.equal(
      await of('sk-*@openssh.com'),
      'sk-ssh-ed25519@openssh.com sk-ssh-ed25519-cert-v01@openssh.com sk-ecdsa-sha2-nistp256@openssh.com sk-ecdsa-sha2-nistp256-cert-v01@openssh.com',
    );
    assert.match((await of('+ssh-rsa')) ?? '', /^ssh-ed25519-cert.* ssh-rsa$/);
    assert.doesNotMatch((await of('-ssh-*,ecdsa*,rsa*')) ?? '', /(?:^| )(?:ssh|ecdsa|rsa)/);
  });

  it('refuses what sshd refuses: criteria that it does not know, quotes without end, networks with host bits', () => {
    for (const text of [
      'Nobody alice',
      'User',
      'all User alice',
      'User "alice',
      'Address 10.0.0.1/8',
      'LocalPort many',
      '',
    ])
      assert.equal(parseMatch(text).ok, false, text);
    assert.deepEqual(parseMatch('user=alice GROUP "a,b" # why'), {
      ok: true,
      value: [
        { keyword: 'user', list: 'alice' },
        { keyword: 'group', list: 'a,b' },
      ],
    });
  });

  it('is not known as a whole where one included file cannot be read', async () => {
    for (const status of ['denied', 'timed-out', 'failed'] as const) {
      const host = fakeHost(machine('Include x.conf\n', { files: { '/etc/ssh/x.conf': miss(status) } }));
      assert.equal((await readSshdConfig(host, main)).status, status);
    }
    const folder = fakeHost(machine('Include d/*.conf\n', { lists: { '/etc/ssh/d': miss('denied') } }));
    assert.equal((await readSshdConfig(folder, main)).status, 'denied');
    const gone = fakeHost(machine('Include d/*.conf\n', { lists: { '/etc/ssh/d': ['a.conf'] } }));
    assert.deepEqual(await readSshdConfig(gone, main).then(({ status }) => status), 'failed');
    const none = fakeHost(machine('Include x.conf\nPermitRootLogin no\n'));
    assert.equal((await readSshdConfig(none, main)).status, 'observed');
  });

  it('ends a loop of includes, also one that branches', async () => {
    for (const text of ['Include sshd_config\n', 'Include sshd_config sshd_config sshd_config\n']) {
      const read = await readSshdConfig(fakeHost(machine(text)), main);
      assert.ok(read.status === 'failed' && (read.reason === 'include-loop' || read.reason === 'too-many-includes'));
    }
  });

  it('reads 10,000 lines with blocks of hostile patterns in bounded time', async () => {
    const block = `Match User ${'*a'.repeat(200)} Address ${'*'.repeat(300)}\nPermitRootLogin no\n`;
    const read = await readSshdConfig(fakeHost(machine(block.repeat(5_000))), main);
    assert.ok(read.status === 'observed' && read.value.length === 5_000);
    const settings = effectiveSettings(read.value.slice(0, 200), { ...alice, user: 'a'.repeat(500) });
    assert.equal(settings?.get('permitrootlogin')?.[0], 'no');
  });

  it('carries names that are not UTF-8, and leaves out what can hold a secret', async () => {
    const read = await readSshdConfig(
      fakeHost(
        machine(
          'AllowUsers j\udcfcrg\nSetEnv TOKEN=abc\nForceCommand /bin/x --token abc\nAuthorizedKeysCommand /bin/keys --token abc\n',
        ),
      ),
      main,
    );
    assert.ok(read.status === 'observed');
    const facts = read.value.map(directiveFact);
    assert.deepEqual(
      facts.map((each) => each.arguments),
      [[{ bytes: 'avxyZw==' }], [], [], ['/bin/keys']],
    );
  });

  it('reads what sshd -T prints', () => {
    const settings = printedSettings(
      'usepam yes\nallowusers a\nallowusers b\nauthenticationmethods publickey,password publickey\nforcecommand /bin/x y\npubkeyacceptedalgorithms a,b\nport 22\n',
    );
    assert.deepEqual(Object.fromEntries([...settings].filter(([, words]) => words.length > 0)), {
      usepam: ['yes'],
      allowusers: ['a', 'b'],
      authenticationmethods: ['publickey,password', 'publickey'],
      forcecommand: ['set'],
      pubkeyacceptedalgorithms: ['a', 'b'],
    });
  });
});
