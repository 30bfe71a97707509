import assert from 'node:assert/strict';
import type { Draft } from '../../../collectors/collector.ts';
import { mfa } from '../../../collectors/mfa/index.ts';
import { assertValid, checkEachSource, digests, spoilt } from '../each-source-denied.ts';
import { type FakeMachine, fakeHost, miss } from '../fake-host.ts';
import { mfaServer, spec } from './mfa-server.ts';

function machineWith(changes: FakeMachine): FakeMachine {
  const parts = (['files', 'lists', 'stats', 'commands'] as const).map((part) => [
    part,
    { ...mfaServer[part], ...changes[part] },
  ]);
  return { ...mfaServer, ...changes, ...Object.fromEntries(parts) };
}

async function collect(changes: FakeMachine = {}): Promise<Draft<'mfa'>> {
  const drafts = await mfa.collect(fakeHost(machineWith(changes)), digests);
  assertValid(drafts, 'mfa');
  assert.ok(drafts.mfa);
  return drafts.mfa;
}

describe('mfa on Linux', () => {
  it('gives the SSH server with what it says of each class of logins', async () => {
    const { sshServers } = await collect();
    assert.ok(sshServers.status === 'observed');
    const [server, ...others] = sshServers.value;
    assert.ok(server !== undefined && others.length === 0 && server.connectionClasses.status === 'observed');
    assert.deepEqual(
      [server.id, server.version.status === 'observed' && server.version.value],
      ['ssh.service', 'OpenSSH_9.2p1 Debian-2+deb12u7'],
    );
    assert.deepEqual(server.listens.status === 'observed' && server.listens.value, [{ address: '*', port: 22 }]);
    const [one] = server.connectionClasses.value;
    assert.deepEqual([one?.answeredBy, one?.accounts], ['sshd', ['root', 'alice', 'bob']]);
    assert.ok(one?.settings.status === 'observed');
    assert.deepEqual(one.settings.value['authenticationmethods'], ['publickey,keyboard-interactive']);
  });

  it('works the settings out itself where sshd cannot be asked, and says so', async () => {
    for (const answer of [miss('denied'), miss('failed', 'exit-255'), 'nonsense\n']) {
      const { sshServers } = await collect({ commands: { [spec('root')]: answer } });
      assert.ok(sshServers.status === 'observed');
      const classes = sshServers.value[0]?.connectionClasses;
      assert.ok(classes?.status === 'observed');
      const [one] = classes.value;
      assert.ok(one?.settings.status === 'observed');
      assert.deepEqual(
        [one.answeredBy, one.settings.value['authenticationmethods'], one.settings.value['allowgroups']],
        ['own-parser', ['publickey,keyboard-interactive'], ['root', 'sudo', 'docker', 'ops']],
      );
    }
  });

  it('finds a server with a configuration and options of its own', async () => {
    const { sshServers } = await collect({
      files: { '/etc/ssh/other': 'Port 2222\nPermitRootLogin no\n' },
      commands: {
        'ssh-processes':
          '9 sshd: /usr/sbin/sshd -D -f /etc/ssh/other -o PermitRootLogin=yes [listener] 0 of 10-100 startups\n',
      },
    });
    assert.ok(sshServers.status === 'observed');
    const other = sshServers.value.find(({ configFile }) => configFile === '/etc/ssh/other');
    assert.ok(other?.connectionClasses.status === 'observed');
    const settings = other.connectionClasses.value[0]?.settings;
    assert.ok(settings?.status === 'observed');
    assert.deepEqual([other.id, settings.value['permitrootlogin']], ['sshd -f /etc/ssh/other', ['yes']]);
  });

  it('gives the keys of administrators without comments, and says absent only where no file is there', async () => {
    const { authorizedKeys } = await collect();
    assert.ok(authorizedKeys.status === 'observed');
    const found = authorizedKeys.value.map(({ account, keys }) => [
      account,
      keys.status === 'observed' ? keys.value.map(({ type }) => type) : keys.status,
    ]);
    assert.deepEqual(found, [
      ['root', ['ssh-ed25519']],
      ['alice', ['ssh-ed25519']],
      ['bob', 'absent'],
    ]);
    assert.doesNotMatch(JSON.stringify(authorizedKeys), /alice@home/);
    const denied = await collect({ files: { '/home/bob/.ssh/authorized_keys': miss('denied') } });
    assert.ok(denied.authorizedKeys.status === 'observed');
    assert.equal(denied.authorizedKeys.value.find(({ account }) => account === 'bob')?.keys.status, 'denied');
  });

  it('gives web consoles, consoles, rescue mode and programs', async () => {
    const document = await collect();
    assert.ok(
      document.webConsoles.status === 'observed' &&
        document.consoles.status === 'observed' &&
        document.escalationPrograms.status === 'observed',
    );
    const [cockpit, webmin] = document.webConsoles.value;
    assert.deepEqual(cockpit?.settings.status === 'observed' && cockpit.settings.value, {
      'WebService.LoginTo': 'false',
    });
    assert.deepEqual(webmin?.secondFactors.status === 'observed' && webmin.secondFactors.value, [
      { account: 'root', enrolled: true },
      { account: 'alice', enrolled: false },
    ]);
    assert.deepEqual(
      document.consoles.value.map(({ kind, name, automaticLogin }) => [kind, name, automaticLogin]),
      [
        ['terminal', 'tty1', undefined],
        ['serial', 'ttyS0', 'root'],
      ],
    );
    assert.deepEqual(document.rescue.status === 'observed' && document.rescue.value, {
      bootLoader: 'grub',
      bootLoaderPassword: true,
      passwordForced: true,
    });
    assert.deepEqual(document.escalationPrograms.value.map(({ kind }) => kind).slice(0, 3), ['su', 'sudo', 'pkexec']);
    assert.deepEqual(document.kerberosKeytab.status === 'observed' && document.kerberosKeytab.value, false);
    assert.doesNotMatch(JSON.stringify(document), /SECRETKEY|pbkdf2\.sha512/);
  });

  it('sees that rescue mode asks for nothing', async () => {
    for (const file of [
      '/etc/systemd/system/rescue.service.d/force.conf',
      '/etc/systemd/system/emergency.service.d/force.conf',
    ]) {
      const folder = file.slice(0, file.lastIndexOf('/'));
      const { rescue } = await collect({
        lists: { [folder]: ['force.conf'] },
        files: { [file]: '[Service]\nEnvironment=SYSTEMD_SULOGIN_FORCE=1\n' },
      });
      assert.equal(rescue.status === 'observed' && rescue.value.passwordForced, false);
    }
  });

  it('does not say that rescue mode asks where a file that could change it was not read', async () => {
    for (const changes of [
      { lists: { '/etc/systemd/system/rescue.service.d': miss('denied') } },
      { files: { '/etc/systemd/system/emergency.service': miss('denied') } },
      { files: { '/proc/cmdline': miss('denied') } },
    ]) {
      const { rescue } = await collect(changes);
      assert.ok(rescue.status === 'observed');
      assert.equal(rescue.value.passwordForced, undefined);
    }
  });

  it('claims no console, no server and no rescue mode on a machine without systemd', async () => {
    const none = miss('absent', 'no-such-file');
    const document = await collect({
      commands: { 'systemctl-login-units': none, 'ssh-processes': none, 'listening-tcp': none },
    });
    assert.deepEqual([document.consoles.status, document.loginServices.status], ['unsupported', 'unsupported']);
    assert.ok(document.sshServers.status === 'observed' && document.sshServers.value.length === 1);
    const bare = await collect({
      stats: { '/usr/sbin/sshd': miss('absent') },
      commands: { 'systemctl-login-units': none, 'ssh-processes': none },
    });
    assert.equal(bare.sshServers.status, 'unsupported');
  });

  it('sums up facts in plain words', async () => {
    const rows = mfa.summarise({ mfa: await collect() }).map(({ label, text, tone }) => `${tone} ${label}: ${text}`);
    assert.deepEqual(rows.slice(0, 3), [
      'plain SSH servers: ssh.service (login methods: publickey,keyboard-interactive)',
      'plain PAM: 6 files; second-factor modules in: sshd',
      "plain Public keys: 2 of 3 administrators' accounts, 0 of them on security keys",
    ]);
    assert.ok(rows.includes('attention Consoles: log in without asking: root'));
  });

  it('says unsupported or not applicable on a Windows server that answers nothing, not absent', async () => {
    const { mfa: document } = await mfa.collect(fakeHost({ os: 'windows' }), digests);
    assert.ok(document !== undefined && Object.keys(document).length === 30);
    const statuses = Object.values(document).map((fact) => (fact as { status: string }).status);
    assert.deepEqual([...new Set(statuses)].toSorted(), ['not-applicable', 'unsupported']);
  });

  it('never turns a source that could not be read into a value, an absence or half a list', async () => {
    const cases = await checkEachSource({
      collector: mfa,
      host: () => fakeHost(mfaServer),
      emptyIsTrue: ['mfa.listFiles', 'mfa.accessRules'],
      wholeOnly: ['mfa.consoles', 'mfa.loginServices', 'mfa.escalationPrograms'],
    });
    assert.ok(cases > 300, `only ${cases} cases`);
  }).timeout(60_000);

  it('nor does a fact within a fact say absent, no or none for it', async () => {
    const asked = fakeHost(mfaServer);
    const whole = factsWithin((await mfa.collect(asked, digests)).mfa, '');
    for (const locator of new Set(asked.asked))
      for (const how of ['denied', 'timed-out', 'failed', 'truncated', 'garbled'] as const) {
        const drafts = await mfa.collect(spoilt(fakeHost(mfaServer), locator, how), digests);
        for (const [path, now] of factsWithin(drafts.mfa, '')) {
          const before = whole.get(path);
          // What PAM's files name is not known where one of them was not read, and that file says so itself.
          const named =
            /^\/(?:enrolments|pamModuleSettings|accessRules|listFiles|conditionGroups)$/.test(path) &&
            locator.startsWith('file:/etc/pam.d/');
          // Lines that are no keys are none for sshd either.
          const noKeys = how === 'garbled' && path.startsWith('/authorizedKeys/');
          if (named || noKeys || before === undefined || before === now) continue;
          assert.doesNotMatch(
            now,
            /^(?:absent|not-applicable|observed (?:false|\[\]|\{\}))/,
            `${locator} ${how}: ${path} went from ${before} to ${now}`,
          );
        }
      }
  }).timeout(60_000);
});

/** Every fact at any depth, by its path. */
function factsWithin(value: unknown, path: string, found = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null) return found;
  if ('status' in value && 'sources' in value) {
    const seen = 'value' in value ? `observed ${JSON.stringify(value.value)}` : String(value.status);
    found.set(path, seen);
  }
  for (const [name, member] of Object.entries(value)) {
    const key =
      typeof member === 'object' && member !== null && !('status' in member)
        ? (['account', 'id', 'kind', 'service'] as const)
            .map((each) => (each in member ? JSON.stringify(Reflect.get(member, each)) : ''))
            .join('')
        : '';
    factsWithin(member, `${path}/${key === '' ? name : key}`, found);
  }
  return found;
}
