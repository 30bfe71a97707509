import assert from 'node:assert/strict';
import {
  hidingPin,
  isPreferencesFile,
  type Pin,
  parsePreferences,
  pinAgainstFixes,
} from '../../../collectors/updates/apt-preferences.ts';
import { preferredToFixes } from '../../../collectors/updates/apt-preferred.ts';
import { judgeUpdates } from '../../../judge/updates.ts';
import { miss } from '../fake-host.ts';
import { collect, debian, fact, pkg, withFiles } from './debian-machine.ts';
import { aptPreferences } from './sample-texts.ts';

function pins(text: string): readonly Pin[] {
  const result = parsePreferences(text);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

const one = (packages: string, pin: string, priority: number | string): readonly Pin[] =>
  pins(`Package: ${packages}\nPin: ${pin}\nPin-Priority: ${priority}\n`);

describe('parsePreferences', () => {
  it('reads stanzas, several packages, explanations and comments', () => {
    assert.deepEqual(pins(aptPreferences), [
      { packages: ['postgresql-15', 'src:libpq'], pin: 'version 15.3*', priority: 1001 },
      { packages: ['*'], pin: 'release a=bookworm-backports', priority: 50 },
    ]);
  });

  it('fails on what it does not cover, and never passes it over', () => {
    for (const text of [
      'Package /x/',
      'Package: /^libx/\nPin: version 1\nPin-Priority: 1001',
      'Package: a\nPin: b\nPin-Priority: c',
    ])
      assert.equal(parsePreferences(text).ok, false, text);
    assert.deepEqual(['a', 'a.pref', 'a_b-1'].map(isPreferencesFile), [true, true, true]);
    assert.deepEqual(['a.bak', 'a.dpkg-old', 'ä'].map(isPreferencesFile), [false, false, false]);
  });

  it('knows which pin keeps an update away, and which only chooses', () => {
    const hides = (list: readonly Pin[]) =>
      hidingPin(list, { name: 'libpq5', sourceName: 'postgresql-15' }) !== undefined;
    for (const list of [
      one('libpq5', 'version 15.3*', 1001),
      one('libpq*', 'version 15.3*', 990),
      one('src:postgresql-15', 'release a=bookworm-security', -1),
      one('libpq5', 'origin apt.postgresql.org', 'never'),
      one('libpq5', 'release a=bookworm-security', 90),
    ])
      assert.ok(hides(list), JSON.stringify(list));
    for (const list of [
      one('libpq5', 'version 15.3*', 400),
      one('libpq', 'version 15.3*', 1001),
      one('libpq5', 'release a=bookworm-backports', 500),
      one('*', 'version 15.3*', 1001),
      one('nodejs', 'origin deb.nodesource.com', 600),
    ])
      assert.ok(!hides(list), JSON.stringify(list));
  });

  it('knows which pin takes a distribution’s fixes away, and leaves those that keep third parties and backports out', () => {
    for (const pin of [
      'release a=bookworm-security',
      'release l=Debian-Security',
      'release o=Debian',
      'release *',
      'origin "security.ubuntu.com"',
    ])
      assert.ok(pinAgainstFixes(one('*', pin, -1)), pin);
    for (const pin of [
      'release a=bookworm-backports',
      'origin repo.example.org',
      'release o=UbuntuESM,a=jammy-infra-security',
      'release o=Docker',
    ])
      assert.equal(pinAgainstFixes(one('*', pin, -1)), undefined, pin);
    assert.equal(pinAgainstFixes(one('*', 'release l=Debian-Security', 990)), undefined);
  });
});

describe('a Debian server with pins', () => {
  const pinned = (text: string) => ({
    ...withFiles({ '/etc/apt/preferences.d/practice': text }),
    lists: { ...debian.lists, '/etc/apt/preferences.d': ['practice', 'old.bak'] },
    commands: {
      ...debian.commands,
      'dpkg-query': pkg('postgresql-15') + pkg('bash'),
      'apt-list-upgradable': 'Listing...\n',
    },
  });
  const version = 'Package: postgresql-15\nPin: version 1.0*\nPin-Priority: 1001\n';

  it('passes no package that a pin keeps at its version (symptom: apt lists no update of it, and all was installed)', async () => {
    const { updates } = await collect(pinned(version));
    assert.deepEqual(updates.heldPackages.status === 'observed' && updates.heldPackages.value, [
      { name: 'postgresql-15', architecture: 'amd64', version: '1.0-1', rule: 'version 1.0* 1001', by: 'pin' },
    ]);
    const { unknowns } = judgeUpdates(updates, { at: '2026-11-20T12:00:00Z' });
    assert.ok(
      unknowns.includes('updates of 1 package held back, which none would show: postgresql-15'),
      unknowns.join(),
    );
  });

  it('takes no list of apt for an answer that was told to take no fixes', async () => {
    const away = 'Package: *\nPin: release l=Debian-Security\nPin-Priority: -10\n';
    assert.equal(await fact('availableUpdates', pinned(away)), 'failed fixes-pinned-away');
  });

  it('says that it could not see the pins', async () => {
    const machine = pinned(version);
    const denied = { ...machine, files: { ...machine.files, '/etc/apt/preferences.d/practice': miss('denied') } };
    assert.equal(await fact('heldPackages', denied), 'denied permission-denied');
    assert.equal(
      await fact('heldPackages', pinned('Package: /x/\nPin: version 1\nPin-Priority: 1001\n')),
      'failed pattern-not-covered',
    );
  });
});

describe('preferredToFixes', () => {
  const debianOf = (suite: string, codename: string, label = 'Debian') =>
    ({ archive: codename, origin: 'Debian', label, suite, codename, fetchedAt: '2026-11-20T00:00:00Z' }) as const;
  const archives = [
    debianOf('stable', 'bookworm'),
    debianOf('stable-updates', 'bookworm-updates'),
    debianOf('stable-security', 'bookworm-security', 'Debian-Security'),
  ];

  // Seen with apt 2.6: with "bookworm" it lists 22 security updates of 78, with the expression all of them.
  it('is a default release that does not name the archive of fixes (symptom: apt lists none, and all was installed)', () => {
    for (const release of ['bookworm', 'stable', '/^bookworm(|-updates)$/', '/^bookworm/'])
      assert.equal(preferredToFixes([], release, archives), `APT::Default-Release ${release}`, release);
    for (const release of [undefined, '', '/^bookworm(|-security|-updates)$/', 'stable*', '12'])
      assert.equal(preferredToFixes([], release, archives), undefined, release);
  });

  it('is a pin of all packages of a release above what nobody pinned', () => {
    const why = (pin: string, priority: number) => preferredToFixes(one('*', pin, priority), undefined, archives);
    for (const pin of ['release l=Debian', 'release a=stable', 'release n=bookworm, o=Debian'])
      assert.equal(why(pin, 900), `${pin} 900`);
    for (const pin of ['release o=Debian', 'release n=bookworm*', 'release o=Docker', 'origin "x.example.org"'])
      assert.equal(why(pin, 900), undefined, pin);
    assert.equal(why('release a=stable', 500), undefined);
  });

  it('takes no list of apt for an answer', async () => {
    const dump = `${debian.commands['apt-config-dump']}APT::Default-Release "stable";\n`;
    const machine = { ...debian, commands: { ...debian.commands, 'apt-config-dump': dump } };
    assert.equal(await fact('availableUpdates', machine), 'failed fixes-pinned-away');
  });
});
