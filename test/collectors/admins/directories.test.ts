import assert from 'node:assert/strict';
import { admins } from '../../../collectors/admins/index.ts';
import { parseRealmList } from '../../../collectors/admins/realm-list.ts';
import { parseSssdConf } from '../../../collectors/admins/sssd-conf.ts';
import { parseSudoList } from '../../../collectors/admins/sudo-list.ts';
import { debianServer } from '../debian-server.ts';
import { digests } from '../each-source-denied.ts';
import { type FakeMachine, fakeHost, miss } from '../fake-host.ts';

const nsswitch = 'passwd: files sss\ngroup: files sss\nsudoers: files sss\n';
const askedFor = ['root', 'sudo', 'wheel', 'admin', 'docker', 'lxd', 'libvirt', 'disk'];

function joined(changes: NonNullable<FakeMachine['commands']> = {}): FakeMachine {
  const none = Object.fromEntries(askedFor.map((name) => [`getent-group ${name}`, { stdout: '', exitCode: 2 }]));
  return {
    ...debianServer,
    files: { ...debianServer.files, '/etc/nsswitch.conf': nsswitch },
    commands: {
      ...debianServer.commands,
      ...none,
      'getent-group wheel': 'wheel:*:10:svc@ad.example,alice\n',
      'sudo-list root': 'User root may run the following commands on web1:\n    (ALL : ALL) ALL\n',
      'sudo-list alice': 'User alice may run the following commands on web1:\n    (root) NOPASSWD: ALL\n',
      'sudo-list bob': { stderr: 'User bob is not allowed to run sudo on web1.\n', exitCode: 1 },
      ...changes,
    },
  };
}

async function collected(machine: FakeMachine) {
  const { admins: document } = await admins.collect(fakeHost(machine), digests);
  assert.ok(document);
  return document;
}

describe('a server that has joined a directory', () => {
  it("tells the name service's view of groups, and what sudo itself grants", async () => {
    const { directoryGroups, sudoListings } = await collected(joined());
    assert.deepEqual(directoryGroups.status === 'observed' && directoryGroups.value, [
      { name: 'wheel', gid: 10, members: ['svc@ad.example', 'alice'], view: 'nss' },
    ]);
    assert.deepEqual(
      sudoListings.status === 'observed' && sudoListings.value.map(({ account, allowed }) => [account, allowed]),
      [
        ['root', true],
        ['alice', true],
        ['bob', false],
      ],
    );
  });

  it('has no view at all where one group got no answer in time', async () => {
    const { directoryGroups } = await collected(joined({ 'getent-group admin': miss('timed-out') }));
    assert.equal(directoryGroups.status, 'timed-out');
  });

  it('asks sudo as root alone: anybody else would be asked for a password', async () => {
    const { sudoListings } = await collected({ ...joined(), identity: { uid: 1000, elevated: false } });
    assert.deepEqual(
      [sudoListings.status, sudoListings.status !== 'observed' && sudoListings.reason],
      ['denied', 'not-root'],
    );
  });
});

describe('sssd.conf', () => {
  it('gives domains and whom they let in, and no password', () => {
    const result = parseSssdConf([
      '[sssd]\ndomains = Example.org, other\n[domain/Example.org]\nid_provider = ad\naccess_provider = simple\nsimple_allow_groups = admins,\n  ops\nldap_default_authtok = hunter2\nldap_group_nesting_level = 2\n[domain/unused]\nid_provider = ldap\n',
      '[domain/Example.org]\naccess_provider = ad\nad_access_filter = (memberOf=cn=x)\n',
    ]);
    assert.deepEqual(result, {
      ok: true,
      value: [
        {
          name: 'Example.org',
          toldBy: 'sssd',
          idProvider: 'ad',
          accessProvider: 'ad',
          simpleAllowGroups: ['admins', 'ops'],
          accessFilter: true,
          groupNestingLevel: 2,
        },
        { name: 'other', toldBy: 'sssd' },
      ],
    });
    assert.doesNotMatch(JSON.stringify(result), /hunter2|memberOf/);
  });

  it('fails on a line that is none', () => {
    assert.equal(parseSssdConf(['[sssd]\nnonsense\n']).ok, false);
    assert.equal(parseSssdConf(['domains = x\n']).ok, false);
  });
});

describe('realm list', () => {
  it('is empty where nothing is joined, and fails on anything else', () => {
    assert.deepEqual(parseRealmList(''), { ok: true, value: [] });
    assert.equal(parseRealmList('realm: No such realm found\n').ok, false);
  });
});

describe('sudo -l', () => {
  it('is read by its form in any language, with broken lines', () => {
    const text =
      'Passende Defaults-Einträge für a auf b:\n    env_reset\n\nDer Benutzer a darf:\n    (root : wheel) NOPASSWD: SETENV: /usr/bin/apt,\n        /usr/bin/dpkg\n    (postgres) TIMEOUT=1d ALL\n';
    assert.deepEqual(parseSudoList(text), {
      ok: true,
      value: {
        allowed: true,
        rules: [
          { runAs: 'root : wheel', tags: ['NOPASSWD', 'SETENV'], commands: '/usr/bin/apt, /usr/bin/dpkg' },
          { runAs: 'postgres', tags: [], commands: 'ALL' },
        ],
      },
    });
  });

  it('allows nothing where there is a sentence and no rule, and is no answer where there is nothing', () => {
    assert.deepEqual(parseSudoList('Sorry, user x may not run sudo on y.\n'), {
      ok: true,
      value: { allowed: false, rules: [] },
    });
    assert.equal(parseSudoList('\n').ok, false);
  });
});
