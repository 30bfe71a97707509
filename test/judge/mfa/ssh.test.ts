import assert from 'node:assert/strict';
import type { Draft } from '../../../collectors/collector.ts';
import { judgeMfa, wayOf } from '../../../judge/mfa/matrix.ts';
import type { JudgePam } from '../../../judge/mfa/pam-judge.ts';
import type { Judged } from '../../../judge/mfa/requirement.ts';
import { admins, classOf, emptyMfa, pamWith, plainKey, securityKey, seen, ssh, unseen } from './facts.ts';

const password = pamWith(['knowledge']);
const both = pamWith(['knowledge', 'possession']);
const noPam = pamWith();

function judged(mfa: Draft<'mfa'>, pam: JudgePam, account = 'alice', people = admins): Judged {
  const way = wayOf(judgeMfa(mfa, people, pam), account, 'ssh');
  assert.ok(way !== undefined);
  return way.judged;
}

function answer(
  settings: Readonly<Record<string, readonly string[]>>,
  pam: JudgePam,
  keys = [plainKey],
  account = 'alice',
): string {
  return judged(ssh([classOf(settings)], keys), pam, account).requirement;
}

describe('SSH', () => {
  it('needs no second factor where a key alone is enough, whatever PAM asks for', () => {
    assert.equal(answer({}, both), 'optional');
    assert.equal(answer({ passwordauthentication: ['no'], kbdinteractiveauthentication: ['no'] }, both), 'notRequired');
  });

  it('needs one where every list of methods has two categories', () => {
    const lists = { authenticationmethods: ['publickey,keyboard-interactive', 'publickey,password'] };
    assert.equal(answer(lists, password), 'required');
    assert.equal(
      answer({ authenticationmethods: [...lists.authenticationmethods, 'publickey'] }, password),
      'optional',
    );
    assert.equal(
      answer({ authenticationmethods: ['publickey,publickey'] }, password, [
        plainKey,
        { ...plainKey, fingerprint: `SHA256:${'B'.repeat(43)}` },
      ]),
      'notRequired',
    );
    assert.equal(answer({ authenticationmethods: ['publickey,publickey'] }, password), 'pathDisabled');
  });

  it('is closed by lists that nobody can complete', () => {
    assert.equal(
      answer(
        { authenticationmethods: ['publickey,keyboard-interactive'], kbdinteractiveauthentication: ['no'] },
        password,
      ),
      'pathDisabled',
    );
    assert.equal(
      answer({ authenticationmethods: ['publickey,keyboard-interactive:bsdauth'] }, password),
      'pathDisabled',
    );
    assert.equal(answer({ authenticationmethods: ['publickey,keyboard-interactive:pam'] }, password), 'required');
  });

  it('asks the account file alone where PAM is off', () => {
    assert.equal(answer({ usepam: ['no'], pubkeyauthentication: ['no'] }, both), 'notRequired');
    assert.equal(
      answer({ usepam: ['no'], pubkeyauthentication: ['no'], passwordauthentication: ['no'] }, both),
      'pathDisabled',
    );
  });

  it('takes an old ChallengeResponseAuthentication no for what it is', () => {
    const settings = {
      pubkeyauthentication: ['no'],
      passwordauthentication: ['no'],
      challengeresponseauthentication: ['no'],
    };
    assert.equal(answer(settings, password), 'pathDisabled');
  });

  it('counts a security key twice only where its PIN is demanded, by the server or the line', () => {
    const keysOnly = { passwordauthentication: ['no'], kbdinteractiveauthentication: ['no'] };
    assert.equal(answer(keysOnly, noPam, [securityKey]), 'notRequired');
    assert.equal(answer({ ...keysOnly, pubkeyauthoptions: ['verify-required'] }, noPam, [securityKey]), 'required');
    const byLine = judged(ssh([classOf(keysOnly)], [{ ...securityKey, options: ['verify-required'] }]), noPam);
    assert.deepEqual([byLine.requirement, byLine.phishingResistant], ['required', true]);
    assert.equal(
      answer({ ...keysOnly, pubkeyauthoptions: ['verify-required'] }, noPam, [securityKey, plainKey]),
      'optional',
    );
    assert.equal(
      answer(
        {
          ...keysOnly,
          pubkeyauthoptions: ['verify-required'],
          pubkeyacceptedalgorithms: ['sk-ssh-ed25519@openssh.com'],
        },
        noPam,
        [securityKey, plainKey],
      ),
      'required',
    );
  });

  it('names the key that an account can add to its own file as a bypass, but not as a way in by itself', () => {
    const own = { authorizedkeysfile: ['.ssh/authorized_keys'], passwordauthentication: ['no'] };
    const withBypass = judged(ssh([classOf(own)], []), both);
    assert.equal(withBypass.requirement, 'requiredWithBypass');
    assert.match(withBypass.bypasses.join(), /can add a plain key/);
    assert.equal(answer({ ...own, kbdinteractiveauthentication: ['no'] }, both, []), 'pathDisabled');
    assert.equal(answer({ ...own, authorizedkeysfile: ['/etc/ssh/keys/%u'] }, both, []), 'required');
    const sk = {
      ...own,
      pubkeyacceptedalgorithms: ['sk-ssh-ed25519@openssh.com'],
      pubkeyauthoptions: ['verify-required'],
    };
    assert.equal(answer(sk, both, []), 'required');
  });

  it('holds the line of PermitRootLogin at every step', () => {
    const as = (settings: Readonly<Record<string, readonly string[]>>, keys = [plainKey]): string =>
      answer(settings, password, keys, 'root');
    assert.equal(as({ permitrootlogin: ['no'] }), 'pathDisabled');
    assert.equal(as({ permitrootlogin: ['without-password'] }), 'notRequired');
    assert.equal(
      as({ permitrootlogin: ['without-password'], authenticationmethods: ['publickey,keyboard-interactive'] }),
      'pathDisabled',
    );
    assert.equal(
      as({ permitrootlogin: ['yes'], authenticationmethods: ['publickey,keyboard-interactive'] }),
      'required',
    );
    assert.equal(as({ permitrootlogin: ['without-password'], pubkeyauthentication: ['no'] }), 'pathDisabled');
    assert.equal(as({ permitrootlogin: ['forced-commands-only'] }), 'pathDisabled');
    assert.equal(
      as({ permitrootlogin: ['forced-commands-only'] }, [{ ...plainKey, options: ['command'] }]),
      'undetermined',
    );
  });

  it('takes an empty password for no factor, unless sshd forbids it', () => {
    const open = { ...admins, passwordStates: seen([{ name: 'alice', state: 'empty' as const }]) };
    const settings = { usepam: ['no'], pubkeyauthentication: ['no'] };
    const allowed = judged(ssh([classOf({ ...settings, permitemptypasswords: ['yes'] })]), password, 'alice', open);
    assert.deepEqual([allowed.requirement, allowed.factors], ['notRequired', []]);
    assert.equal(judged(ssh([classOf(settings)]), password, 'alice', open).requirement, 'pathDisabled');
  });

  it('closes the way for whom AllowUsers and its like leave out', () => {
    assert.equal(answer({ denyusers: ['al*'] }, password), 'pathDisabled');
    assert.equal(answer({ allowusers: ['root', 'alice@10.0.0.0/8'] }, password), 'pathDisabled');
    assert.equal(answer({ allowusers: ['alice@203.0.113.*'] }, password), 'notRequired');
    const groups = { conditionGroups: seen([{ group: 'ops', members: ['alice'] }]) };
    assert.equal(
      judged(ssh([classOf({ allowgroups: ['o?s'] })], [plainKey], groups), password).requirement,
      'notRequired',
    );
    assert.equal(
      judged(ssh([classOf({ allowgroups: ['wheel'] })], [plainKey], groups), password).requirement,
      'pathDisabled',
    );
    assert.equal(
      judged(ssh([classOf({ denygroups: ['ops'] })], [plainKey], groups), password).requirement,
      'pathDisabled',
    );
    assert.equal(answer({ allowgroups: ['wheel'] }, password), 'undetermined');
  });

  it('does not believe that groups leave somebody out who also has groups from a directory', () => {
    const groups = { conditionGroups: seen([{ group: 'ops', members: [] }]) };
    const people = { ...admins, accountSources: seen({ passwd: ['files', 'sss'], group: ['files', 'sss'] }) };
    assert.equal(
      judged(ssh([classOf({ allowgroups: ['ops'] })], [plainKey], groups), password, 'alice', people).requirement,
      'undetermined',
    );
  });

  it('is conditional where only some addresses get in with less', () => {
    const strict = classOf({ authenticationmethods: ['publickey,password'] }, ['203.0.113.7', '10.0.0.7']);
    const loose = classOf({ authenticationmethods: ['publickey'] }, ['127.0.0.1']);
    const both_ = judged(ssh([strict, loose]), password);
    assert.equal(both_.requirement, 'conditional');
    assert.match(both_.witness[0] ?? '', /from 127\.0\.0\.1/);
  });

  it('is as weak as the weakest server or port, since that can be chosen', () => {
    const strict = classOf({ authenticationmethods: ['publickey,password'] });
    const loose = classOf({ authenticationmethods: ['publickey'] });
    assert.equal(judged(ssh([strict, loose]), password).requirement, 'notRequired');
    const server = ssh([strict]).sshServers;
    const other = ssh([loose]).sshServers;
    assert.ok(server.status === 'observed' && other.status === 'observed');
    assert.equal(
      judged({ ...ssh([strict]), sshServers: seen([...server.value, ...other.value]) }, password).requirement,
      'notRequired',
    );
  });

  it('says undetermined for what it does not see, unless one factor is enough anyway', () => {
    const lists = { authenticationmethods: ['publickey,password'] };
    const open = { passwordauthentication: ['no'], kbdinteractiveauthentication: ['no'] };
    const hidden = { authorizedKeys: unseen('denied') };
    assert.equal(judged(ssh([classOf(open)], [], hidden), password).requirement, 'undetermined');
    assert.equal(judged(ssh([classOf({})], [], hidden), password).requirement, 'notRequired');
    assert.equal(judged(ssh([classOf(lists)], [], hidden), password).requirement, 'undetermined');
    assert.equal(judged({ ...emptyMfa, sshServers: unseen('denied') }, password).requirement, 'undetermined');
    assert.equal(
      judged(ssh([{ ...classOf(lists), settings: unseen('failed', 'settings-not-known') }]), password).requirement,
      'undetermined',
    );
    assert.equal(judged(ssh([classOf(lists, ['203.0.113.7'], ['root'])]), password).requirement, 'undetermined');
    assert.equal(answer({ ...open, trustedusercakeys: ['/etc/ssh/ca.pub'] }, both, []), 'undetermined');
    assert.equal(
      answer({ ...open, authorizedkeyscommand: ['/usr/bin/sss_ssh_authorizedkeys'] }, both, []),
      'undetermined',
    );
    assert.equal(answer({ ...open, hostbasedauthentication: ['yes'] }, both, []), 'undetermined');
  });

  it('does not fear Kerberos where the machine has no keys for it', () => {
    const settings = { gssapiauthentication: ['yes'], pubkeyauthentication: ['no'] };
    assert.equal(judged(ssh([classOf(settings)]), both).requirement, 'required');
    assert.equal(
      judged(ssh([classOf(settings)], [], { kerberosKeytab: seen(true) }), both).requirement,
      'undetermined',
    );
    assert.equal(
      judged(ssh([classOf(settings)], [], { kerberosKeytab: unseen('denied') }), both).requirement,
      'undetermined',
    );
  });

  it('does not count classes that were left out, nor a server that is not OpenSSH', () => {
    const facts = ssh([classOf({ authenticationmethods: ['publickey,password'] })]);
    assert.ok(facts.sshServers.status === 'observed');
    const [server] = facts.sshServers.value;
    assert.ok(server !== undefined);
    assert.equal(
      judged({ ...facts, sshServers: seen([{ ...server, classesLeftOut: 3 }]) }, password).requirement,
      'undetermined',
    );
    const tailscale = { ...server, id: 'tailscale', implementation: 'tailscale' as const };
    assert.equal(judged({ ...facts, sshServers: seen([server, tailscale]) }, password).requirement, 'undetermined');
    assert.equal(
      judged({ ...facts, sshServers: seen([server, { ...tailscale, running: seen(false) }]) }, password).requirement,
      'required',
    );
  });

  it('asks PAM for the service that the program is called, as OpenSSH did up to 9.7', () => {
    const services: string[] = [];
    const listening: JudgePam = (subject) => {
      services.push(subject.service);
      return password(subject);
    };
    const facts = ssh([classOf({})]);
    assert.ok(facts.sshServers.status === 'observed');
    const [server] = facts.sshServers.value;
    assert.ok(server !== undefined);
    for (const [version, more] of [
      ['OpenSSH_9.2p1', {}],
      ['OpenSSH_9.8p1', {}],
      ['OpenSSH_10.0p1', { pamservicename: ['door'] }],
    ] as const) {
      services.length = 0;
      const own = {
        ...server,
        program: '/opt/sshd-admin',
        version: seen(version),
        connectionClasses: seen([classOf(more)]),
      };
      judged({ ...facts, sshServers: seen([own]) }, listening);
      assert.ok(
        services.includes(version === 'OpenSSH_9.2p1' ? 'sshd-admin' : version === 'OpenSSH_9.8p1' ? 'sshd' : 'door'),
        `${version} ${services.join()}`,
      );
    }
  });
});
