/** What the judge of administrators says where part of it was not seen: never less access in silence. */
import assert from 'node:assert/strict';
import { lessAccess, silentLosses, verdictOn } from '../collectors/admins/less-access.ts';
import { debianServer } from '../collectors/debian-server.ts';
import { type FakeMachine, fakeHost, miss } from '../collectors/fake-host.ts';

const at = '2026-11-20T12:00:00Z';
const judged = (changes: FakeMachine) => verdictOn(fakeHost({ ...debianServer, ...changes }), at);
const withFiles = (files: NonNullable<FakeMachine['files']>): FakeMachine => ({
  files: { ...debianServer.files, ...files },
});

/** State of an account, and the unknowns that the whole server has not. */
async function seen(name: string, changes: FakeMachine): Promise<[string | undefined, readonly string[]]> {
  const [whole, now] = [await judged({}), await judged(changes)];
  const unknowns = now.unknowns.filter((unknown) => !whole.unknowns.includes(unknown));
  return [now.accounts.find((account) => account.name === name)?.state, unknowns];
}

describe('ways to root of which part was not seen', () => {
  it('calls nobody locked whose keys could not be read (symptom: a locked password alone closed the account)', async () => {
    assert.deepEqual(await seen('root', withFiles({ '/root/.ssh/authorized_keys': miss('denied') })), [
      'unknown',
      ['which keys open root: /root/.ssh/authorized_keys: permission-denied'],
    ]);
    assert.deepEqual(await seen('bob', withFiles({ '/etc/ssh/keys/bob': miss('denied') })), [
      'unknown',
      ['which keys open root: /etc/ssh/keys/bob: permission-denied'],
    ]);
    const [state] = await seen('bob', withFiles({ '/etc/ssh/sshd_config': miss('denied') }));
    assert.equal(state, 'unknown');
  });

  it('keeps unread keys in the home of one account from the others', async () => {
    const locked = 'root:*:20000:0:99999:7:::\nalice:!:20250:0:90:7:::\nbob:!:0:0:99999:7:::\n';
    const keys = { '/home/alice/.ssh/authorized_keys': miss('denied'), '/etc/ssh/keys/bob': '' };
    const plain = { '/etc/shadow': locked, '/etc/ssh/sshd_config': 'PermitRootLogin no\n', ...keys };
    assert.deepEqual(await seen('alice', withFiles(plain)), ['unknown', []]);
    assert.equal((await seen('bob', withFiles(plain)))[0], 'locked');
  });

  it('calls nobody locked where a program or an authority lets in whom no file names', async () => {
    const base = { '/etc/ssh/keys/bob': '' };
    const states = async (config: string) =>
      (await seen('bob', withFiles({ ...base, '/etc/ssh/sshd_config': config })))[0];
    assert.equal(await states('PermitRootLogin no\n'), 'locked');
    for (const line of [
      'TrustedUserCAKeys /etc/ssh/ca.pub',
      'AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys %u',
    ])
      assert.equal(await states(`${line}\n`), 'unknown', line);
  });

  it('says that a password has no account: the account file may have been cut short', async () => {
    const cut = withFiles({ '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n' });
    const [, unknowns] = await seen('root', cut);
    for (const name of ['daemon', 'alice', 'bob'])
      assert.ok(unknowns.includes(`whose password is that of ${name}, who has no account`), unknowns.join());
  });

  it('names less with no source taken away in silence', async () => {
    const { cases, wrong } = await silentLosses(() => fakeHost(debianServer), at);
    assert.deepEqual(wrong, []);
    assert.ok(cases > 500, String(cases));
  }).timeout(60_000);
});

describe('ways to root on a server that asks a directory too', () => {
  const groups = ['root', 'sudo', 'wheel', 'admin', 'docker', 'lxd', 'libvirt', 'disk'];
  const joined = (commands: NonNullable<FakeMachine['commands']>): FakeMachine => ({
    ...withFiles({ '/etc/nsswitch.conf': 'passwd: files sss\ngroup: files sss\nsudoers: files sss\n' }),
    commands: {
      ...debianServer.commands,
      ...Object.fromEntries(groups.map((name) => [`getent-group ${name}`, { stdout: '', exitCode: 2 }])),
      'getent-group sudo': 'sudo:*:27:svc@ad.example\n',
      'sudo-list root': 'User root may run the following commands on web1:\n    (ALL : ALL) ALL\n',
      'sudo-list alice': 'User alice may run the following commands on web1:\n    (ALL : ALL) ALL\n',
      'sudo-list bob': { stderr: 'User bob is not allowed to run sudo on web1.\n', exitCode: 1 },
      ...commands,
    },
  });

  it('says that its groups or the answers of sudo were not seen (symptom: the members of the directory were gone)', async () => {
    const whole = await judged(joined({}));
    assert.ok(whole.accounts.some(({ name }) => name === 'svc@ad.example'));
    for (const [id, fact] of [
      ['getent-group docker', 'directoryGroups'],
      ['sudo-list bob', 'sudoListings'],
    ] as const) {
      const { unknowns } = await judged(joined({ [id]: miss('timed-out') }));
      assert.ok(unknowns.includes(`${fact}: deadline`), unknowns.join());
    }
  });

  it('takes what is no text for no refusal of sudo', async () => {
    const { unknowns } = await judged(joined({ 'sudo-list bob': '\u0001\udcff(garbage' }));
    assert.ok(unknowns.includes('sudoListings: unexpected-output'), unknowns.join());
  });

  it('fails a rule of the directory without a password beside one of the files that asks for it', async () => {
    const rules = (...lines: readonly string[]): FakeMachine =>
      joined({ 'sudo-list alice': `User alice may run:\n${lines.map((line) => `    ${line}\n`).join('')}` });
    const fault = 'alice becomes root without a password through sudo -l';
    assert.ok((await judged(rules('(ALL) NOPASSWD: ALL'))).faults.includes(fault));
    const settings = joined({
      'sudo-list alice':
        'Matching Defaults entries for alice on web1:\n    env_reset, !authenticate,\n    secure_path=/usr/sbin\n\nUser alice may run:\n    (ALL) ALL\n',
    });
    assert.ok((await judged(settings)).faults.includes(fault), 'Defaults of the directory');
    // The last rule wins.
    assert.ok(!(await judged(rules('(ALL) NOPASSWD: ALL', '(ALL : ALL) ALL'))).faults.includes(fault));
  });
});

describe('the comparison of two verdicts on administrators', () => {
  it('sees each way in which access can be less', async () => {
    const before = await judged({});
    const none = { ...before, outcome: 'pass' as const, faults: [] };
    assert.deepEqual(lessAccess(before, none), ['passes']);
    const [first, ...rest] = before.accounts;
    assert.ok(first);
    assert.ok(lessAccess(before, { ...before, accounts: rest }).some((line) => line.startsWith('root by uid0')));
    assert.deepEqual(lessAccess(before, { ...before, accounts: [{ ...first, state: 'locked' }, ...rest] }), [
      'root is locked',
    ]);
    const asked = before.accounts.map((account) => ({
      ...account,
      ways: account.ways.map((way) => ({ ...way, withoutPassword: false, reaches: 'no' as const })),
    }));
    assert.ok(lessAccess(before, { ...before, accounts: asked }).some((line) => line.endsWith('asks for a password')));
    assert.deepEqual(lessAccess(before, { ...before, accounts: [], unknowns: ['something'] }), []);
  });
});
