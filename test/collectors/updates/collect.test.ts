import assert from 'node:assert/strict';
import { type FakeMachine, miss } from '../fake-host.ts';
import { collect, fact, pkg, withCommands } from './debian-machine.ts';

describe('the updates collector', () => {
  describe('where the package list cannot be had', () => {
    const bad: readonly (readonly [string, FakeMachine, string])[] = [
      ['is denied', withCommands({ 'dpkg-query': miss('denied') }), 'denied permission-denied'],
      ['takes too long', withCommands({ 'dpkg-query': miss('timed-out') }), 'timed-out deadline'],
      [
        'has no dpkg-query',
        withCommands({ 'dpkg-query': miss('absent', 'no-such-program') }),
        'unsupported no-such-program',
      ],
      ['prints nothing', withCommands({ 'dpkg-query': '' }), 'failed no-packages-listed'],
      [
        'is cut off',
        withCommands({ 'dpkg-query': { stdout: pkg('bash'), truncated: true } }),
        'failed output-truncated',
      ],
    ];
    for (const [symptom, machine, expected] of bad) {
      it(`says so in every fact that rests on it: ${symptom}`, async () => {
        for (const name of ['heldPackages', 'brokenPackages', 'kernels', 'rebootRequired'] as const) {
          assert.equal(await fact(name, machine), expected, name);
        }
        const { packages } = await collect(machine);
        assert.equal(packages.packages.status, expected.split(' ')[0]);
      });
    }
  });

  it('lists packages by code point, with source names and versions only where they differ', async () => {
    const { packages } = await collect(
      withCommands({
        'dpkg-query':
          `${pkg('zip')}libc6:i386\t2.36\ti386\tglibc\t2.35\tii \t\n` +
          `libc6:amd64\t2.36\tamd64\tglibc\t2.36\tii \t0\n${pkg('gone', 'rc ')}${pkg('Zed')}`,
      }),
    );
    assert.ok(packages.packages.status === 'observed');
    assert.deepEqual(
      packages.packages.value.map(({ purl, sourceName, sourceVersion }) => [purl, sourceName, sourceVersion]),
      [
        ['pkg:deb/debian/zed@1.0-1?arch=amd64', undefined, undefined],
        ['pkg:deb/debian/libc6@2.36?arch=amd64', 'glibc', undefined],
        ['pkg:deb/debian/libc6@2.36?arch=i386', 'glibc', '2.35'],
        ['pkg:deb/debian/zip@1.0-1?arch=amd64', undefined, undefined],
      ],
    );
  });

  describe('on another family', () => {
    const families: readonly (readonly [string, FakeMachine['stats']])[] = [
      ['rpm', { '/var/lib/rpm/rpmdb.sqlite': { size: 9 }, '/var/lib/dpkg/status': { size: 0 } }],
      ['apk', { '/lib/apk/db/installed': { size: 9 } }],
      ['pacman', { '/var/lib/pacman/local': { type: 'directory' } }],
    ];
    for (const [family, stats = {}] of families) {
      it(`names ${family}, and takes a database that gives no packages for no list of packages`, async () => {
        const { updates: found, packages } = await collect({ restIsAbsent: true, stats });
        assert.equal(found.packageFamily.status === 'observed' && found.packageFamily.value, family);
        for (const open of [packages.packages, found.availableUpdates, found.heldPackages, found.kernels])
          assert.ok(open.status === 'unsupported', JSON.stringify(open));
      });
    }

    it('leaves everything open where there is no package database, and on Windows', async () => {
      const none = await collect({ restIsAbsent: true });
      assert.equal(none.updates.packageFamily.status, 'absent');
      assert.equal(none.updates.availableUpdates.status, 'unsupported');
      const windows = await collect({ os: 'windows' });
      assert.equal(windows.updates.availableUpdates.status, 'not-applicable');
      assert.equal(windows.updates.osBuild.status, 'unsupported');
    });

    it('asks os-release, then dpkg itself, where a recording has no database', async () => {
      assert.equal(
        await fact('packageFamily', { files: { '/etc/os-release': 'ID=linuxmint\nID_LIKE="ubuntu debian"\n' } }),
        'deb',
      );
      assert.equal(
        await fact('packageFamily', { files: { '/etc/os-release': 'ID="rocky"\nID_LIKE="rhel centos fedora"\n' } }),
        'rpm',
      );
      assert.equal(await fact('packageFamily', { commands: { 'dpkg-query': pkg('bash') } }), 'deb');
      assert.equal(await fact('packageFamily', {}), 'unsupported not-recorded');
      assert.equal(
        await fact('packageFamily', { stats: { '/var/lib/dpkg/status': miss('denied') }, restIsAbsent: true }),
        'denied permission-denied',
      );
    });
  });

  it('answers nothing but "not recorded" for a machine that recorded only its distribution', async () => {
    const { updates: found, packages } = await collect({ files: { '/etc/os-release': 'ID=debian\n' } });
    const { packageFamily: _family, ...others } = found;
    for (const [name, other] of [...Object.entries(others), ['packages', packages.packages] as const]) {
      const isOfTheFamily =
        other.status !== 'observed' && /^linux$|^family-without-|^fixes-without-/.test(other.reason);
      assert.ok(
        isOfTheFamily || (other.status === 'unsupported' && other.reason === 'not-recorded'),
        `${name} ${JSON.stringify(other)}`,
      );
    }
  });
});
