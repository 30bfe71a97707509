import assert from 'node:assert/strict';
import type { Collector } from '../../../collectors/collector.ts';
import { unseen } from '../../../collectors/fact.ts';
import { collectPam } from '../../../collectors/mfa/pam.ts';
import { judgePam, pamFiles } from '../../../judge/mfa/pam/judge-pam.ts';
import mfaSchema from '../../../schemas/mfa.schema.json' with { type: 'json' };
import { checkEachSource } from '../each-source-denied.ts';
import { type FakeHost, type FakeMachine, fakeHost, miss } from '../fake-host.ts';

const security = '/usr/lib/x86_64-linux-gnu/security';

const machine: FakeMachine & {
  readonly files: Record<string, string>;
  readonly lists: Record<string, readonly string[]>;
} = {
  restIsAbsent: true,
  lists: {
    '/etc/pam.d': ['sshd', 'common-auth', 'common-account', 'other', 'su'],
    '/usr/lib/pam.d': ['vendor', 'sshd'],
    [security]: [
      'pam_unix.so',
      'pam_deny.so',
      'pam_permit.so',
      'pam_google_authenticator.so',
      'pam_oath.so',
      'pam_duo.so',
      'pam_access.so',
      'pam_listfile.so',
      'pam_wheel.so',
    ],
  },
  files: {
    '/etc/os-release': 'ID=debian\n',
    '/etc/pam.d/sshd':
      '@include common-auth\nauth required pam_google_authenticator.so nullok\n@include common-account\naccount required pam_access.so\n',
    '/etc/pam.d/common-auth':
      'auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so\n',
    '/etc/pam.d/common-account': 'account required pam_unix.so\n',
    '/etc/pam.d/other': 'auth required pam_deny.so\naccount required pam_deny.so\n',
    '/etc/pam.d/su':
      'auth required pam_wheel.so group=admins\nauth required pam_oath.so\nauth required pam_duo.so\nauth required pam_listfile.so item=user sense=allow file=/etc/allowed onerr=fail\nauth required pam_gone.so passwd=hunter2\naccount required pam_permit.so\n',
    '/usr/lib/pam.d/vendor': 'auth required pam_deny.so\naccount required pam_permit.so\n',
    '/etc/passwd':
      'root:x:0:0::/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\n',
    '/etc/group': 'root:x:0:\nadmins:x:27:alice\nalice:x:1000:\n',
    '/etc/users.oath': 'HOTP/T30/6 alice - 00112233\n',
    '/etc/duo/pam_duo.conf': '[duo]\nskey = secretsecret\nfailmode = secure\n',
    '/etc/security/access.conf': '# rules\n-:bob:ALL\n+:ALL:ALL\n',
    '/etc/allowed': 'alice\n',
  },
  stats: {
    '/home/alice/.google_authenticator': { uid: 1000, mode: 0o600 },
    '/home/alice': { type: 'directory', uid: 1000, mode: 0o755 },
    '/root': { type: 'directory', uid: 0, mode: 0o700 },
    '/etc': { type: 'directory', uid: 0, mode: 0o755 },
    '/etc/users.oath': { uid: 0, mode: 0o600 },
  },
};

/** The other facts of the document are not this collector's. */
const other = unseen('not-applicable', 'not-here', ['system:identity']);
const pamOnly: Collector = {
  name: 'mfa',
  purpose: '',
  documents: ['mfa'],
  budgetSeconds: 60,
  collect: async (host) => ({
    mfa: {
      ...(Object.fromEntries(mfaSchema.required.slice(2).map((name) => [name, other])) as Record<string, typeof other>),
      ...(await collectPam(host)),
    } as never,
  }),
  summarise: () => [],
};

function make(changes: Partial<FakeMachine> = {}): FakeHost {
  return fakeHost({ ...machine, ...changes });
}

describe('PAM as a server has it', () => {
  it('brings what decides, and no secret of it', async () => {
    const facts = await collectPam(make());
    const said = JSON.stringify(facts);
    for (const secret of ['hunter2', 'secretsecret', '00112233']) assert.ok(!said.includes(secret), secret);
    assert.deepEqual(facts.pamModuleSettings, {
      status: 'observed',
      value: [{ module: 'pam_duo', file: '/etc/duo/pam_duo.conf', section: 'duo', settings: { failmode: 'secure' } }],
      sources: ['file:/etc/duo/pam_duo.conf'],
    });
    assert.ok(facts.pamModules.status === 'observed');
    assert.deepEqual(
      facts.pamModules.value.filter(({ present }) => !present),
      [{ module: 'pam_gone.so', present: false }],
    );
    assert.ok(facts.enrolments.status === 'observed');
    assert.deepEqual(
      facts.enrolments.value.map(({ account, method, enrolled, changeableByAccount }) => [
        account,
        method,
        enrolled.status === 'observed' && enrolled.value,
        changeableByAccount.status === 'observed' && changeableByAccount.value,
      ]),
      [
        ['root', 'google-authenticator', false, true],
        ['alice', 'google-authenticator', true, true],
        ['root', 'oath', false, true],
        ['alice', 'oath', true, false],
      ],
    );
  });

  it('takes the first folder that has a service', async () => {
    const facts = await collectPam(make());
    assert.ok(facts.pamStacks.status === 'observed');
    const files = new Map(facts.pamStacks.value.map(({ service, file }) => [service, file]));
    assert.equal(files.get('sshd'), '/etc/pam.d/sshd');
    assert.equal(files.get('vendor'), '/usr/lib/pam.d/vendor');
  });

  it('never says absent, none or no where it could not look', async () => {
    const cases = await checkEachSource({
      collector: pamOnly,
      host: make,
      emptyIsTrue: ['mfa.accessRules'],
    });
    assert.ok(cases > 100, `${cases} cases`);
  });

  it('never claims a second factor because a file was denied', async () => {
    for (const path of Object.keys(machine.files)) {
      const facts = await collectPam(make({ files: { ...machine.files, [path]: miss('denied') } }));
      for (const service of ['sshd', 'su']) {
        const verdict = judgePam(facts, pamFiles(facts), {
          service,
          account: { name: 'alice', uid: 1000, local: true, password: 'set' },
        });
        assert.notEqual(verdict.requirement, 'required', `${service} with ${path} denied`);
      }
    }
  });

  it('says undetermined where a fragment, the folder or os-release is denied', async () => {
    for (const changes of [
      { files: { ...machine.files, '/etc/pam.d/common-auth': miss('denied') } },
      { files: { ...machine.files, '/etc/pam.d/sshd': miss('denied') } },
      { files: { ...machine.files, '/etc/os-release': miss('denied') } },
      { lists: { ...machine.lists, '/etc/pam.d': miss('denied'), '/usr/lib/pam.d': [] } },
    ]) {
      const facts = await collectPam(make(changes));
      assert.equal(
        judgePam(facts, pamFiles(facts), { service: 'sshd' }).requirement,
        'undetermined',
        JSON.stringify(Object.keys(changes)),
      );
    }
  });

  it('reads pam.conf where none of the folders is there', async () => {
    const facts = await collectPam(
      fakeHost({
        restIsAbsent: true,
        files: {
          '/etc/os-release': 'ID=other\n',
          '/etc/pam.conf':
            'SSHD auth required pam_unix.so\nsshd account required pam_permit.so\nother auth required pam_deny.so\n',
        },
      }),
    );
    assert.ok(facts.pamLookup.status === 'observed' && facts.pamLookup.value.configuration === 'single-file');
    assert.equal(judgePam(facts, pamFiles(facts), { service: 'sshd' }).requirement, 'notRequired');
  });

  it('ends at files that include each other, and reads each once', async () => {
    const host = fakeHost({
      restIsAbsent: true,
      lists: { '/etc/pam.d': ['a', 'b'] },
      files: {
        '/etc/os-release': 'ID=debian\n',
        '/etc/pam.d/a': 'auth required pam_unix.so\n@include b\n',
        '/etc/pam.d/b': 'auth include a\nauth substack b\n@include b\n',
      },
    });
    const facts = await collectPam(host);
    assert.equal(host.asked.filter((source) => source === 'file:/etc/pam.d/b').length, 1);
    assert.equal(judgePam(facts, pamFiles(facts), { service: 'a' }).requirement, 'undetermined');
  });
});
