/** apt's own list beside what is told from its policy, over archives, pins and packages that are made for it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aptCommands } from '../../agent/host/commands-apt.ts';
import type { Parsed } from '../../collectors/fact.ts';
import { asInstalled, policyArguments, upgradableByPolicy } from '../../collectors/updates/apt-candidates.ts';
import { parseAptList, type UpgradablePackage } from '../../collectors/updates/apt-list.ts';
import { parsePolicy } from '../../collectors/updates/apt-policy.ts';
import { parseReleaseHead } from '../../collectors/updates/apt-release.ts';
import { type DpkgPackage, parseDpkgQuery } from '../../collectors/updates/dpkg-query.ts';

type Made = readonly [name: string, version: string, architecture?: string, more?: string];

/** Name, version, architecture and selection or state. */
const installed: readonly Made[] = [
  ['plain', '1.0'],
  ['fixed', '1.0'],
  ['everywhere', '1.0'],
  ['never', '1.0'],
  ['newer', '9.0~rc1'],
  ['kept', '1.0', 'amd64', 'hold ok installed'],
  ['lower', '5.0'],
  ['epoch', '1:1.0-1'],
  ['libboth', '1.0', 'amd64'],
  ['libboth', '1.0', 'i386'],
  ['foreign', '1.0', 'i386'],
  ['was-all', '1.0', 'all'],
  ['lib+c++.x', '1.0'],
  ['gone', '1.0', 'amd64', 'deinstall ok config-files'],
  ['halfway', '1.0', 'amd64', 'install ok half-configured'],
  ['begun', '1.0', 'amd64', 'install reinstreq half-installed'],
  ['unpacked', '1.0', 'amd64', 'install ok unpacked'],
  ['third', '1.0'],
  ['local', '1.0'],
  ['phased', '1.0'],
  ['nowhere', '1.0'],
];

const archives: Readonly<Record<string, { suite?: string; packages: readonly Made[] }>> = {
  'deb/dists/stable/main': {
    suite: 'oldstable',
    packages: [
      ['plain', '2.0'],
      ['fixed', '1.1'],
      ['everywhere', '1.1'],
      ['never', '2.0'],
      ['newer', '8.0'],
      ['kept', '2.0'],
      ['lower', '4.0'],
      ['epoch', '1:1.1-1'],
      ['epoch', '9.0-1'],
      ['libboth', '1.1'],
      ['libboth', '1.1', 'i386'],
      ['foreign', '2.0'],
      ['foreign', '1.1', 'i386'],
      ['was-all', '1.1', 'amd64'],
      ['lib+c++.x', '1.1'],
      ['gone', '2.0'],
      ['halfway', '2.0'],
      ['begun', '2.0'],
      ['unpacked', '2.0'],
      ['local', '1.0'],
      ['phased', '2.0', 'amd64', 'Phased-Update-Percentage: 20\n'],
    ],
  },
  'deb/dists/stable/updates/main': {
    suite: 'oldstable-security',
    packages: [
      ['fixed', '1.2'],
      ['everywhere', '1.1'],
      ['never', '2.1'],
    ],
  },
  'flat/': { packages: [['third', '3.0']] },
};

const preferences = `
Package: never
Pin: release o=Made
Pin-Priority: -1

Package: lower
Pin: release a=oldstable
Pin-Priority: 1001
`;

function stanza([name, version, architecture = 'amd64', more = '']: Made): string {
  const of = `${name}_${version}_${architecture}`;
  return `Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}\nMaintainer: M <m@x>\n${
    name === 'libboth' ? 'Multi-Arch: same\n' : ''
  }${more}Description: d\nFilename: ${of}.deb\nSize: 1\nSHA256: ${createHash('sha256').update(of).digest('hex')}\n\n`;
}

describe("apt's own list and its policy", () => {
  let root = '';
  const environment = (): NodeJS.ProcessEnv => ({
    LC_ALL: 'C',
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    APT_CONFIG: join(root, 'apt.conf'),
  });

  before(function () {
    if (!existsSync('/usr/bin/apt-cache') || !existsSync('/usr/bin/dpkg-query')) {
      console.log('      skipped: this machine has no dpkg and apt');
      this.skip();
    }
    root = mkdtempSync(join(tmpdir(), 'affiant-apt-'));
    put('apt.conf', configuration(root));
    put('etc/preferences', preferences);
    put('dpkg/status', installed.map(statusOf).join(''));
    mkdirSync(join(root, 'dpkg/info'));
    for (const folder of ['lists/partial', 'cache/archives/partial', 'dpkg/updates'])
      mkdirSync(join(root, folder), { recursive: true });
    offer(archives);
  });
  after(() => {
    if (root !== '') rmSync(root, { recursive: true, force: true });
  });

  function put(path: string, text: string): void {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }

  /** Writes archives, and lets apt fetch them and make its cache. */
  function offer(offers: typeof archives): void {
    for (const [folder, { suite, packages }] of Object.entries(offers)) {
      const release = folder.replace(/\/[^/]*$/, '');
      let index = '';
      for (const architecture of ['amd64', 'i386']) {
        const of = packages.filter(([, , each = 'amd64']) => each === architecture).map((each) => stanza(each));
        const path = folder.endsWith('/') ? 'Packages' : `main/binary-${architecture}/Packages`;
        if (folder.endsWith('/') && architecture === 'i386') continue;
        put(join('repo', release, path), of.join(''));
        index += ` ${createHash('sha256').update(of.join('')).digest('hex')} ${of.join('').length} ${path}\n`;
      }
      const head = `Origin: Made\nLabel: Made\n${suite === undefined ? '' : `Suite: ${suite}\n`}`;
      const date = `Date: ${new Date().toUTCString().replace('GMT', 'UTC')}`;
      put(
        join('repo', release, 'Release'),
        `${head}Codename: made\n${date}\nArchitectures: amd64 i386\nComponents: main\nSHA256:\n${index}`,
      );
    }
    const repo = join(root, 'repo');
    put(
      'etc/sources.list',
      `deb [trusted=yes] file:${repo}/deb stable main\ndeb [trusted=yes] file:${repo}/deb stable/updates main\ndeb [trusted=yes] file:${repo}/flat ./\n`,
    );
    run('/usr/bin/apt-get', ['update', '-qq']);
    run('/usr/bin/apt-get', ['check', '-qq', '-o', 'Dir::Cache::pkgcache=pkgcache.bin']);
  }

  function run(program: string, args: readonly string[]): string {
    const { stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env: environment() });
    assert.equal(error, undefined);
    assert.doesNotMatch(stderr, /^E: (?!Unmet|Broken)/m, `${program} ${args.join(' ')}`);
    return stdout;
  }

  function dpkg(): readonly DpkgPackage[] {
    const answer = parseDpkgQuery(
      run('/usr/bin/dpkg-query', [`--admindir=${root}/dpkg`, ...aptCommands['dpkg-query'].args]),
    );
    assert.ok(answer.ok);
    return answer.value;
  }

  function byPolicy(): Parsed<readonly UpgradablePackage[]> {
    const names = readdirSync(join(root, 'lists'));
    const indexes = names.filter((name) => name.endsWith('_Packages'));
    assert.equal(indexes.length, 4, names.join(' '));
    const metadata = names.flatMap((name) => {
      const [, archive] = /^(.*)_Release$/.exec(name) ?? [];
      if (archive === undefined) return [];
      const { suite } = parseReleaseHead(readFileSync(join(root, 'lists', name), 'utf8'), false);
      return [{ archive, ...(suite === undefined ? {} : { suite }), fetchedAt: '2026-11-20T03:00:00Z', signed: false }];
    });
    const args = policyArguments(dpkg(), indexes);
    assert.ok(args !== undefined);
    const text = run('/usr/bin/apt-cache', [...aptCommands['apt-cache-policy-installed'].args, ...args]);
    const entries = parsePolicy(text);
    assert.ok(entries.ok, `${JSON.stringify(entries)}\n${text}`);
    return upgradableByPolicy(dpkg(), entries.value, metadata);
  }

  function byList(): readonly UpgradablePackage[] {
    const list = parseAptList(run('/usr/bin/apt', aptCommands['apt-list-upgradable-cached'].args));
    assert.ok(list.ok);
    return asInstalled(list.value, dpkg());
  }

  const sorted = (list: readonly UpgradablePackage[]): string[] =>
    list
      .map((each) => `${each.name}:${each.architecture} ${each.candidateVersion} ${each.suites.join(',')}`)
      .toSorted();

  it('name the same updates of the same suites: pins, holds, epochs, architectures, halves and flat archives', () => {
    const policy = byPolicy();
    assert.ok(policy.ok, JSON.stringify(policy));
    assert.deepEqual(sorted(policy.value), sorted(byList()));
    assert.deepEqual(sorted(policy.value), [
      'begun:amd64 2.0 oldstable',
      'epoch:amd64 1:1.1-1 oldstable',
      'everywhere:amd64 1.1 oldstable,oldstable-security',
      'fixed:amd64 1.2 oldstable-security',
      'foreign:i386 1.1 oldstable',
      'halfway:amd64 2.0 oldstable',
      'kept:amd64 2.0 oldstable',
      'lib+c++.x:amd64 1.1 oldstable',
      'libboth:amd64 1.1 oldstable',
      'libboth:i386 1.1 oldstable',
      'phased:amd64 2.0 oldstable',
      'plain:amd64 2.0 oldstable',
      'third:amd64 3.0 unknown',
      'unpacked:amd64 2.0 oldstable',
      'was-all:all 1.1 oldstable',
    ]);
  });

  it('are not told apart by policy where one version was built twice: then the list is asked', () => {
    const main = 'deb/dists/stable/main';
    const depends = 'Depends: plain\n';
    const own = archives[main]?.packages ?? [];
    // An archive's build of what is installed: no update, and as policy sees it perhaps the candidate.
    offer({ ...archives, [main]: { suite: 'oldstable', packages: [...own, ['nowhere', '1.0', 'amd64', depends]] } });
    const rebuilt = byPolicy();
    if (rebuilt.ok) assert.deepEqual(sorted(rebuilt.value), sorted(byList()));
    else assert.equal(rebuilt.reason, 'candidate-unclear');
    // Two builds of a fix, of which only one comes from the security archive.
    const twice: readonly Made[] = [...own, ['nowhere', '1.1', 'amd64', depends]];
    const updates = 'deb/dists/stable/updates/main';
    const security = archives[updates]?.packages ?? [];
    offer({
      ...archives,
      [main]: { suite: 'oldstable', packages: twice },
      [updates]: { suite: 'oldstable-security', packages: [...security, ['nowhere', '1.1']] },
    });
    assert.deepEqual(byPolicy(), { ok: false, reason: 'candidate-unclear', detail: 'nowhere' });
    assert.ok(byList().some(({ name }) => name === 'nowhere'));
  });
});

function configuration(root: string): string {
  const paths = {
    'Dir::Etc': `${root}/etc`,
    'Dir::State': root,
    'Dir::State::lists': `${root}/lists`,
    'Dir::State::status': `${root}/dpkg/status`,
    'Dir::Cache': `${root}/cache`,
    'Dir::Log': `${root}/log`,
    'APT::Sandbox::User': 'root',
    'APT::Architecture': 'amd64',
    'Acquire::Languages': 'none',
  };
  const lines = Object.entries(paths).map(([name, value]) => `${name} "${value}";`);
  return `${[...lines, 'APT::Architectures { "amd64"; "i386"; };'].join('\n')}\n`;
}

function statusOf([name, version, architecture = 'amd64', state = 'install ok installed']: Made): string {
  return `Package: ${name}\nStatus: ${state}\nVersion: ${version}\nArchitecture: ${architecture}\nMaintainer: M <m@x>\n${
    name === 'libboth' ? 'Multi-Arch: same\n' : ''
  }${state.includes('config-files') ? 'Config-Version: 1.0\n' : ''}Description: d\n\n`;
}
