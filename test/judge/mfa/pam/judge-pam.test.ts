import assert from 'node:assert/strict';
import { observed, unseen } from '../../../../collectors/fact.ts';
import { judgePam, type PamVerdict, pamFiles } from '../../../../judge/mfa/pam/judge-pam.ts';
import type { PamFacts, PamSubject } from '../../../../judge/mfa/pam/outcome.ts';
import { accounts, usualFacts } from './named-stack.ts';
import { pamSource } from './pam-source.ts';

const google = 'auth required pam_google_authenticator.so';
const password = 'auth required pam_unix.so';
const deny = 'auth required pam_deny.so\naccount required pam_permit.so\n';

function judge(
  files: string | Readonly<Record<string, string | null>>,
  subject: Partial<PamSubject> = { account: accounts.alice },
  facts: Partial<PamFacts> & { readonly atIncludes?: boolean } = {},
): PamVerdict {
  const given = typeof files === 'string' ? { svc: files } : files;
  const source = pamSource(new Map(Object.entries({ other: deny, ...given })), { ...usualFacts, ...facts });
  return judgePam(source, pamFiles(source), { service: 'svc', ...subject });
}

describe('whether PAM asks for a second factor', () => {
  it('is conditional where nullok decides and no account is named', () => {
    const verdict = judge(`${password}\n${google} nullok\n`, {});
    assert.equal(verdict.requirement, 'conditional');
    assert.deepEqual(
      verdict.ways.map(({ factors, when }) => [factors, when]),
      [
        [['knowledge'], ['the account is not enrolled']],
        [['knowledge', 'possession'], ['the account is enrolled']],
      ],
    );
  });

  it('is undetermined where the enrolment was not seen and nullok is set, and required without nullok', () => {
    const blind = { enrolments: unseen('denied', 'permission-denied', ['stat:/home']) };
    assert.equal(judge(`${password}\n${google} nullok\n`, undefined, blind).requirement, 'undetermined');
    assert.equal(judge(`${password}\n${google}\n`, undefined, blind).requirement, 'required');
  });

  it('is undetermined where it is not known whether an empty password would do', () => {
    const { password: _password, ...account } = accounts.alice;
    const verdict = judge(`auth required pam_unix.so nullok\n${google}\n`, { account });
    assert.equal(verdict.requirement, 'undetermined');
    assert.deepEqual(verdict.reasons, ['not known whether the password is empty']);
  });

  it('is no more than required with a bypass where a code is not asked for again for a while', () => {
    const verdict = judge(`${password}\n${google} grace_period=86400\n`);
    assert.equal(verdict.requirement, 'requiredWithBypass');
    assert.match(JSON.stringify(verdict.ways), /within 86400 seconds/);
    assert.equal(judge(`${password}\n${google} grace_period=0\n`).requirement, 'required');
  });

  it('takes no name for that of a group where pam_access is told not to', () => {
    const rules = (users: string) => ({
      accessRules: observed(
        [
          {
            definedIn: '/etc/security/access.conf',
            line: 1,
            permission: 'allow' as const,
            users: [users],
            origins: ['ALL'],
          },
          {
            definedIn: '/etc/security/access.conf',
            line: 2,
            permission: 'deny' as const,
            users: ['ALL'],
            origins: ['ALL'],
          },
        ],
        'file:/etc/security/access.conf',
      ),
      conditionGroups: observed([{ group: 'staff', members: ['alice'], view: 'nss' as const }], 'file:/etc/group'),
    });
    const skips = (option: string, users: string): string =>
      judge(`auth [success=1 default=ignore] pam_access.so${option}\n${google}\n${password}\n`, undefined, rules(users))
        .requirement;
    assert.equal(skips('', 'staff'), 'optional');
    assert.equal(skips(' nodefgroup', 'staff'), 'required');
    assert.equal(skips(' nodefgroup', '(staff)'), 'optional');
  });

  it('names each line on the way in, and where a holder of one factor is stopped', () => {
    const verdict = judge(`${password}\n${google}\n`);
    assert.deepEqual(
      verdict.stops.map(({ holds, at }) => [holds, at]),
      [
        [[], ['/etc/pam.d/svc:1 pam_unix.so']],
        [['knowledge'], ['/etc/pam.d/svc:2 pam_google_authenticator.so']],
        [['possession'], ['/etc/pam.d/svc:1 pam_unix.so']],
      ],
    );
    assert.deepEqual(
      verdict.ways[0]?.witness.map(({ line, module, outcome }) => [line, module, outcome]),
      [
        [1, 'pam_unix.so', 'success'],
        [2, 'pam_google_authenticator.so', 'success'],
      ],
    );
  });

  it('never takes a module that it does not know for a factor', () => {
    assert.equal(judge(`${password}\nauth required pam_new_thing.so\n`).requirement, 'undetermined');
    assert.equal(judge(`auth sufficient pam_new_thing.so\n${password}\n${google}\n`).requirement, 'undetermined');
    assert.equal(judge(`auth optional pam_new_thing.so\n${password}\n`).requirement, 'notRequired');
    assert.equal(judge(`${password}\nauth required pam_radius_auth.so\n`).requirement, 'undetermined');
    assert.equal(judge(`${password}\nauth required pam_exec.so /bin/x\n${google}\n`).requirement, 'required');
    assert.equal(
      judge(`auth [success=1 default=ignore] pam_exec.so /bin/x\n${google}\n${password}\n`).requirement,
      'undetermined',
    );
  });

  it('says undetermined of a fragment that was not read, unless a weak way does without it', () => {
    assert.equal(judge({ svc: '@include x\n', x: null }).requirement, 'undetermined');
    assert.equal(judge({ svc: 'auth include x\n', x: null }).requirement, 'undetermined');
    assert.equal(judge({ svc: 'auth sufficient pam_unix.so\nauth substack x\n', x: null }).requirement, 'notRequired');
    assert.equal(
      judge({ svc: 'auth [success=1 default=die] pam_unix.so\nauth substack x\n', x: null }).requirement,
      'pathDisabled',
    );
    assert.equal(
      judge({ svc: `auth [success=2 default=die] pam_unix.so\nauth include x\n${google}\n`, x: null }).requirement,
      'undetermined',
    );
  });

  it('does not close a way that only a directory opens', () => {
    assert.equal(judge('auth required pam_sss.so\n').requirement, 'undetermined');
    assert.equal(
      judge('auth required pam_sss.so\n', { account: { name: 'zoe', local: false } }).requirement,
      'notRequired',
    );
    const ipa = {
      pamModuleSettings: observed(
        [{ module: 'sssd', file: '/etc/sssd/sssd.conf', section: 'domain/x', settings: { id_provider: 'ipa' } }],
        'file:/etc/sssd/sssd.conf',
      ),
    };
    assert.equal(
      judge('auth required pam_sss.so\n', { account: { name: 'zoe', local: false } }, ipa).requirement,
      'undetermined',
    );
  });

  it('lets @include fail where libpam is not Debian’s', () => {
    const files = { svc: `@include x\n`, x: `${password}\n` };
    assert.equal(judge(files).requirement, 'notRequired');
    assert.equal(judge(files, undefined, { atIncludes: false }).requirement, 'pathDisabled');
  });

  it('reads groups, lists and rules for the account', () => {
    const gate = (line: string): string => `auth [success=1 default=ignore] ${line}\n${google}\n${password}\n`;
    const of = (line: string, account: keyof typeof accounts, facts: Partial<PamFacts> = {}): string =>
      judge(gate(line), { account: { ...accounts[account] }, origin: 'remote' }, facts).requirement;
    assert.equal(of('pam_succeed_if.so user = alice', 'alice'), 'optional');
    assert.equal(of('pam_succeed_if.so user in bob:carol', 'alice'), 'required');
    assert.equal(of('pam_succeed_if.so user != bob uid < 1600', 'alice'), 'optional');
    assert.equal(of('pam_succeed_if.so uid eq 0', 'alice'), 'required');
    assert.equal(of('pam_succeed_if.so user =~ al*', 'alice'), 'optional');
    assert.equal(of('pam_succeed_if.so user notingroup robots', 'alice'), 'optional');
    assert.equal(of('pam_succeed_if.so rhost = 10.0.0.1', 'alice'), 'conditional');
    const list = { listFiles: observed([{ file: '/etc/l', entries: ['alice'] }], 'file:/etc/l') };
    assert.equal(of('pam_listfile.so item=user sense=allow file=/etc/l', 'alice', list), 'optional');
    assert.equal(of('pam_listfile.so item=user sense=deny file=/etc/l', 'alice', list), 'required');
    assert.equal(
      of('pam_listfile.so item=group sense=allow file=/etc/l', 'alice', {
        listFiles: observed([{ file: '/etc/l', entries: ['robots'] }], 'file:/etc/l'),
      }),
      'required',
    );
    // pam_listfile passes over `apply=` for these items: "not applied" was taken for "goes on", and asked for a code.
    for (const item of ['user', 'group'])
      assert.equal(
        of(`pam_listfile.so item=${item} sense=deny file=/etc/l apply=@robots`, 'alice', {
          listFiles: observed([{ file: '/etc/l', entries: ['robots'] }], 'file:/etc/l'),
        }),
        'optional',
        item,
      );
    assert.equal(
      of('pam_listfile.so item=shell sense=deny file=/etc/l apply=@robots', 'alice', {
        listFiles: observed([{ file: '/etc/l', entries: ['/bin/nothing'] }], 'file:/etc/l'),
      }),
      'required',
    );
    const rule = (permission: 'allow' | 'deny', users: string[], origins: string[]): Partial<PamFacts> => ({
      accessRules: observed(
        [{ definedIn: '/etc/security/access.conf', line: 1, permission, users, origins }],
        'file:/etc/security/access.conf',
      ),
    });
    assert.equal(of('pam_access.so', 'alice', rule('deny', ['alice'], ['ALL'])), 'required');
    assert.equal(of('pam_access.so', 'alice', rule('deny', ['ALL', 'EXCEPT', 'alice'], ['ALL'])), 'optional');
    assert.equal(of('pam_access.so', 'alice', rule('deny', ['(staff)'], ['ALL'])), 'required');
    assert.equal(of('pam_access.so', 'alice', rule('deny', ['ALL'], ['LOCAL'])), 'optional');
    assert.equal(of('pam_access.so', 'alice', rule('deny', ['ALL'], ['10.'])), 'conditional');
  });

  it('closes a way that the account lines deny to this account alone', () => {
    const files = `${password}\naccount required pam_access.so\n`;
    const rules = {
      accessRules: observed(
        [
          {
            definedIn: '/etc/security/access.conf',
            line: 1,
            permission: 'deny' as const,
            users: ['bob'],
            origins: ['ALL'],
          },
        ],
        'file:/etc/security/access.conf',
      ),
    };
    assert.equal(judge(files, { account: accounts.bob }, rules).requirement, 'pathDisabled');
    assert.equal(judge(files, { account: accounts.alice }, rules).requirement, 'notRequired');
  });

  it('asks pam_wheel about who calls', () => {
    const files = `auth sufficient pam_wheel.so trust group=staff\n${password}\n`;
    const as = (name: string): PamVerdict =>
      judge(files, { account: { name: 'root', uid: 0, local: true, password: 'set' }, caller: { name } });
    assert.deepEqual(as('alice').ways[0]?.factors, []);
    assert.deepEqual(as('bob').ways[0]?.factors, ['knowledge']);
  });
});

describe('bad input to the PAM judge', () => {
  it('ends in bounded time at a stack of 10,000 lines', () => {
    const jumps = 'auth [success=2 user_unknown=1 default=ignore] pam_new_thing.so\n'.repeat(10_000);
    assert.equal(judge(`${jumps}${password}\n${google}\n`).requirement, 'undetermined');
    const plain = `${`${password}\n`.repeat(9_999)}${google}\n`;
    assert.equal(judge(plain).requirement, 'required');
  });

  it('ends at files that include themselves over and over, and says so', () => {
    const verdict = judge({ svc: 'auth include svc\nauth include svc\nauth substack svc\nauth include svc\n' });
    assert.equal(verdict.requirement, 'undetermined');
    const weak = judge({ svc: `auth sufficient pam_unix.so\nauth include svc\n` });
    assert.equal(weak.requirement, 'notRequired');
    // Only substacks: every release stops at the sixteenth.
    assert.equal(judge({ svc: `${password}\n${google}\nauth substack svc\n` }).requirement, 'pathDisabled');
  });

  it('takes options that no module knows for nothing', () => {
    assert.equal(judge(`auth required pam_unix.so nullock =x [=] a=b=c\n${google} nulok\n`).requirement, 'required');
  });

  it('says undetermined without PAM at all', () => {
    const facts = { ...pamSource(new Map()), pamStacks: unseen('denied', 'permission-denied', ['list:/etc/pam.d']) };
    assert.deepEqual(judgePam(facts, pamFiles(facts), { service: 'sshd' }), {
      requirement: 'undetermined',
      ways: [],
      stops: [],
      reasons: ['pam-not-read'],
    });
  });

  it('takes too many open conditions for undetermined', () => {
    const gates = Array.from(
      { length: 7 },
      (_, at) => `auth [success=ignore default=1] pam_succeed_if.so rhost = h${at}\n${google} nullok\n`,
    );
    assert.equal(judge(`${gates.join('')}${password}\n`).reasons[0], 'too-many-conditions');
  });
});
