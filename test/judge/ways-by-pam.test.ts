import assert from 'node:assert/strict';
import { catalogues } from '../../catalogue/list.ts';
import { admins } from '../../collectors/admins/index.ts';
import type { Draft } from '../../collectors/collector.ts';
import { conclude } from '../../judge/list.ts';
import { waysBySu } from '../../judge/ways-by-pam.ts';
import { waysToRoot } from '../../judge/ways-to-root.ts';
import { digests } from '../collectors/each-source-denied.ts';
import { type FakeMachine, fakeHost } from '../collectors/fake-host.ts';
import { emptyMfa, seen, unseen } from './mfa/facts.ts';
import { usualFacts } from './mfa/pam/named-stack.ts';
import { pamSource } from './mfa/pam/pam-source.ts';

const unix = 'auth required pam_unix.so\n';

async function adminsOf(
  su: string,
  group = '',
  more: Readonly<Record<string, string>> = {},
  stats: FakeMachine['stats'] = {},
): Promise<Draft<'admins'>> {
  const machine: FakeMachine = {
    stats,
    restIsAbsent: true,
    commands: { getcap: '', 'find-set-id': '', 'find-writable-jobs': '' },
    files: {
      '/proc/net/tcp': '  sl  local_address rem_address   st\n',
      '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/a:/bin/sh\nbob:x:1001:1001::/b:/bin/sh\n',
      '/etc/group': `root:x:0:\nalice:x:1000:\nbob:x:1001:\n${group}`,
      '/etc/shadow': 'root:*:20000::::::\nalice:$y$j9T$s$h:20000::::::\nbob:$y$j9T$s$h:20000::::::\n',
      '/etc/nsswitch.conf': 'passwd: files\ngroup: files\n',
      '/etc/pam.d/su': su,
      ...more,
    },
  };
  const { admins: found } = await admins.collect(fakeHost(machine), digests);
  assert.ok(found);
  return found;
}

function mfaOf(su: string, members: Readonly<Record<string, readonly string[]>> = {}): Draft<'mfa'> {
  const files = { su, other: 'auth required pam_deny.so\naccount required pam_permit.so\n' };
  const { conditionGroups: _usual, ...facts } = usualFacts;
  const groups = Object.entries(members).map(([group, names]) => ({
    group,
    members: [...names],
    view: 'nss' as const,
  }));
  return {
    ...emptyMfa,
    ...pamSource(new Map(Object.entries(files)), { ...facts, conditionGroups: seen(groups) }),
    escalationPrograms: seen([{ kind: 'su', path: '/usr/bin/su', setUserId: true }]),
  };
}

describe('ways to root that only the PAM stack of su opens', () => {
  it('are none where su asks for a password of everybody', async () => {
    const su = `auth sufficient pam_rootok.so\n${unix}account required pam_unix.so\n`;
    assert.deepEqual(waysBySu(mfaOf(su), await adminsOf(su)), { faults: [], unknowns: [] });
  });

  it('are found for people who hold no rule and are in no group of root', async () => {
    const all = `auth sufficient pam_permit.so\n${unix}account required pam_permit.so\n`;
    assert.deepEqual(waysBySu(mfaOf(all), await adminsOf(all)).faults, [
      'su asks for nothing, by its PAM stack, of alice, bob',
    ]);
    const one = `auth sufficient pam_succeed_if.so use_uid user = bob\n${unix}account required pam_permit.so\n`;
    assert.match(waysBySu(mfaOf(one), await adminsOf(one)).faults.join(), /of bob$/);
    const some = `auth sufficient pam_succeed_if.so use_uid user ingroup staff\n${unix}account required pam_permit.so\n`;
    const staff = await adminsOf(some, 'staff:x:50:alice\n');
    assert.match(waysBySu(mfaOf(some, { staff: ['alice'] }), staff).faults.join(), /of alice$/);
    assert.equal(waysToRoot(staff).faults.join(), '');
    const [root] = conclude(
      { admins: staff, mfa: mfaOf(some, { staff: ['alice'] }) },
      { at: '2026-11-20T12:00:00Z', catalogues },
    );
    assert.deepEqual([root?.question, root?.verdict.outcome], ['Root only with a password', 'fail']);
  });

  it('are no alarm where nobody is in that group, or su is not there', async () => {
    const some = `auth sufficient pam_succeed_if.so use_uid user ingroup nobodies\n${unix}account required pam_permit.so\n`;
    const found = await adminsOf(some, 'nobodies:x:50:\n');
    assert.deepEqual(waysBySu(mfaOf(some, { nobodies: [] }), found), { faults: [], unknowns: [] });
    const all = `auth sufficient pam_permit.so\n${unix}`;
    for (const escalationPrograms of [seen([]), seen([{ kind: 'su' as const, path: '/bin/su', setUserId: false }])])
      assert.deepEqual(waysBySu({ ...mfaOf(all), escalationPrograms }, found).faults, []);
  });

  it('stay open where the group of who calls was not seen', async () => {
    const some = `auth sufficient pam_succeed_if.so use_uid user ingroup staff\n${unix}account required pam_permit.so\n`;
    const mfa = { ...mfaOf(some), conditionGroups: unseen('denied') };
    const { faults, unknowns } = waysBySu(mfa, await adminsOf(some));
    assert.deepEqual([faults, unknowns], [[], ['whether su asks for anything of alice, bob']]);
  });

  it('are everybody but the group where pam_wheel trusts and denies (symptom: a line for nosu opened root to all others)', async () => {
    const su = `auth sufficient pam_wheel.so trust deny group=nosu use_uid\n${unix}`;
    const { faults } = waysToRoot(await adminsOf(su, 'nosu:x:60:alice\n'));
    assert.deepEqual(faults, ['bob becomes root without a password through /etc/pam.d/su line 1']);
  });
});

describe('groups that only a setting names', () => {
  it('have their members among the ways (symptom: trust for a group of its own, exempt_group, and nobody was in it)', async () => {
    const su = await adminsOf(`auth sufficient pam_wheel.so trust group=operators\n${unix}`, 'operators:x:61:bob\n');
    assert.deepEqual(waysToRoot(su).faults, ['bob becomes root without a password through /etc/pam.d/su line 1']);
    const sudoers = 'Defaults exempt_group=operators\nALL ALL=(ALL) ALL\n';
    const sudo = await adminsOf(unix, 'operators:x:61:bob\n', { '/etc/sudoers': sudoers }, { '/usr/bin/sudo': {} });
    assert.deepEqual(waysToRoot(sudo).faults, ['bob becomes root without a password through /etc/sudoers line 2']);
  });
});
