/** Package databases that were cut short, which their own tools take for shorter ones. */
import assert from 'node:assert/strict';
import { updates } from '../../../collectors/updates/index.ts';
import { digests } from '../each-source-denied.ts';
import { type FakeMachine, fakeHost, miss } from '../fake-host.ts';
import { collect, debian, fact, pkg, withCommands, withLists } from './debian-machine.ts';

const info = '/var/lib/dpkg/info';
const files = [
  'format',
  'bash.list',
  'bash.md5sums',
  'unattended-upgrades.list',
  'unattended-upgrades.postinst',
  'linux-image-6.1.0-40-amd64.list',
];

describe("dpkg's database that has lost packages, of which dpkg-query says nothing", () => {
  it('fails every fact that rests on it, what apt offers among them', async () => {
    const machine = withLists({ [info]: [...files, 'openssl.list', 'openssl.md5sums'] });
    const names = ['heldPackages', 'brokenPackages', 'kernels', 'rebootRequired', 'availableUpdates'] as const;
    for (const name of names) assert.equal(await fact(name, machine), 'failed database-incomplete', name);
    const { packages } = await collect(machine);
    assert.ok(packages.packages.status === 'failed' && packages.packages.sources.includes(`list:${info}`));
    assert.equal(packages.packages.detail, 'not in the database: openssl');
  });

  it('is seen where one of two architectures is lost', async () => {
    const both = ['libc6:amd64.list', 'libc6:amd64.md5sums', 'libc6:i386.list', 'libc6:i386.md5sums'];
    const rest = debian.commands['dpkg-query'];
    const of = (text: string): FakeMachine => ({
      ...withCommands({ 'dpkg-query': text + rest }),
      lists: { ...debian.lists, [info]: [...files, ...both] },
    });
    const amd64 = 'libc6:amd64\t2.36\tamd64\tglibc\t2.36\tii \t0\n';
    const i386 = 'libc6:i386\t2.36\ti386\tglibc\t2.36\tii \t0\n';
    assert.deepEqual(await fact('heldPackages', of(amd64 + i386)), []);
    assert.equal(await fact('heldPackages', of(amd64)), 'failed database-incomplete');
  });

  it('is none where a list is what somebody left over, or of a package whose configuration alone is kept', async () => {
    const left = [...files, 'stray.list', 'gone:i386.list', 'gone:i386.postrm', 'kept.list', 'kept.postrm'];
    const machine = { ...withCommands({ 'dpkg-query': debian.commands['dpkg-query'] + pkg('kept', 'rc ') }) };
    const { packages } = await collect({ ...machine, lists: { ...debian.lists, [info]: left } });
    assert.equal(packages.packages.status, 'observed');
  });

  it('is none where every list has its package, or none can be looked at', async () => {
    for (const machine of [withLists({ [info]: files }), withLists({ [info]: miss('denied') })])
      assert.equal((await collect(machine)).packages.packages.status, 'observed');
  });

  it('is seen too where there is no dpkg to ask', async () => {
    const stanza = 'Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-1\n\n';
    const of = (lists: readonly string[]): FakeMachine => ({
      ...withCommands({ 'dpkg-query': miss('absent') }),
      files: { ...debian.files, '/var/lib/dpkg/status': stanza },
      lists: { ...debian.lists, [info]: lists },
    });
    assert.deepEqual(await fact('heldPackages', of(['bash.list', 'bash.md5sums'])), []);
    assert.equal(await fact('heldPackages', of(files)), 'failed database-incomplete');
  });
});

/** Packages and what is offered, in short. */
async function facts(machine: FakeMachine): Promise<unknown[]> {
  const drafts = await updates.collect(fakeHost({ restIsAbsent: true, ...machine }), digests);
  return [drafts.packages?.packages, drafts.updates?.availableUpdates].map((each) =>
    each?.status === 'observed' ? each.value.map(({ name }) => name) : `${each?.status} ${each?.reason}`,
  );
}

describe("apk's database that has lost packages", () => {
  const busybox = 'P:busybox\nV:1.36.1-r28\nA:x86_64\nD:so:libc.musl-x86_64.so.1\np:/bin/sh cmd:sh=1.36.1-r28\n\n';
  const musl = 'P:musl\nV:1.2.5-r0\nA:x86_64\np:so:libc.musl-x86_64.so.1=1\n\n';
  const nginx = 'P:nginx\nV:1.26.1-r0\nA:x86_64\nD:/bin/sh busybox>=1.30 !apache2 nginx-core@edge\np:nginx-core\n\n';
  const world = 'busybox\nnginx@edge=1.26.1-r0\n!vim\n';
  const of = (installed: string, wanted = world): FakeMachine => ({
    stats: { '/lib/apk/db/installed': { size: installed.length } },
    files: { '/lib/apk/db/installed': installed, '/etc/apk/world': wanted, '/etc/os-release': 'ID=alpine\n' },
    lists: { '/var/cache/apk': ['APKINDEX.1.tar.gz'] },
    commands: {
      'apk-list-upgradable':
        'busybox-1.36.1-r29 x86_64 {busybox} (GPL-2.0-only) [upgradable from: busybox-1.36.1-r28]\n',
    },
  });

  it('is whole where the world and every need is met, by a name, by what provides it, whatever the version', async () => {
    assert.deepEqual(await facts(of(busybox + musl + nginx)), [['busybox', 'musl', 'nginx'], ['busybox']]);
  });

  it('is seen by what the rest needs, and by the world', async () => {
    const unmet = ['failed requirements-unmet', 'failed requirements-unmet'];
    assert.deepEqual(await facts(of(busybox + nginx)), unmet);
    assert.deepEqual(await facts(of(busybox + musl)), unmet);
    assert.deepEqual(await facts(of(busybox + musl, 'busybox\n')), [['busybox', 'musl'], ['busybox']]);
  });
});

describe("pacman's database that has lost packages", () => {
  const entry = (name: string, needs = 'None', provides = 'None'): string =>
    `Name            : ${name}\nVersion         : 1:2-3\nArchitecture    : any\nProvides        : ${provides}\nDepends On      : ${needs}\nInstall Date    : Tue Nov 14 22:15:00 2023\n\n`;
  const log = (...lines: readonly string[]): string =>
    ['transaction started', ...lines, 'transaction completed']
      .map((line) => `[2026-11-20T06:26:10+0000] [ALPM] ${line}\n`)
      .join('');
  const whole = entry('bash', 'readline  libreadline.so=8-64', 'sh') + entry('readline', 'None', 'libreadline.so=8-64');
  const of = (listed: string, logged: string | undefined, folders = ['ALPM_DB_VERSION']): FakeMachine => ({
    stats: { '/var/lib/pacman/local': { type: 'directory' } },
    files: { '/etc/os-release': 'ID=arch\n', ...(logged !== undefined && { '/var/log/pacman.log': logged }) },
    lists: { '/var/lib/pacman/local': folders, '/var/lib/pacman/sync': ['core.db'] },
    commands: { 'pacman-installed': listed, 'pacman-upgrades': 'bash 1:2-3 -> 1:2-4\n', 'pacman-conf': miss('failed') },
  });
  const installed = log('installed bash (1:2-3)', 'installed readline (1:2-3)');
  const fine = [['bash', 'readline'], ['bash']];
  const lost = ['failed database-incomplete', 'failed database-incomplete'];

  it('is whole where the log, the folders and the needs say nothing else', async () => {
    assert.deepEqual(await facts(of(whole, installed, ['bash-1:2-3', 'readline-1:2-3', 'ALPM_DB_VERSION'])), fine);
    assert.deepEqual(await facts(of(whole, undefined)), fine);
  });

  it('is seen by a folder that pacman does not name', async () => {
    assert.deepEqual(await facts(of(whole, installed, ['bash-1:2-3', 'bash-1:2-2', 'readline-1:2-3'])), lost);
  });

  it('is seen by the log, where nobody needs the package', async () => {
    const leaf = log('installed leaf (1:2-3)');
    assert.deepEqual(await facts(of(whole, installed + leaf)), lost);
    assert.deepEqual(await facts(of(whole, installed + leaf + log('removed leaf (1:2-3)'))), fine);
  });

  it('is seen by what the rest needs, where the log does not reach back', async () => {
    const unmet = ['failed requirements-unmet', 'failed requirements-unmet'];
    assert.deepEqual(await facts(of(entry('bash', 'readline>=8'), undefined)), unmet);
    assert.deepEqual(await facts(of(entry('bash', 'libreadline.so=8-64'), log('removed vim (1-1)'))), unmet);
  });

  it('is none where a package was taken away by force, or never was there', async () => {
    const alone = entry('bash', 'readline');
    assert.deepEqual(await facts(of(alone, installed + log('removed readline (1:2-3)'))), [['bash'], ['bash']]);
    assert.deepEqual(await facts(of(alone, log('removed readline (1:2-3)'))), [['bash'], ['bash']]);
    assert.deepEqual(await facts(of(alone, log('installed bash (1:2-3)'))), [['bash'], ['bash']]);
  });
});
