/** Real rpm, dnf and zypper on databases and a repository in a folder of their own, and what our parsers make of them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandId, commands } from '../../agent/host/commands.ts';
import { parseCheckUpdate } from '../../collectors/updates/dnf-check-update.ts';
import { parseDnfLog } from '../../collectors/updates/dnf-log.ts';
import { joinAdvisories, parseUpdateinfoInfo, parseUpdateinfoList } from '../../collectors/updates/dnf-updateinfo.ts';
import { parseRepomd } from '../../collectors/updates/repomd.ts';
import { parseZyppLocks } from '../../collectors/updates/rpm-held.ts';
import { parseRpmQuery } from '../../collectors/updates/rpm-query.ts';
import { parseZyppLog } from '../../collectors/updates/zypp-log.ts';
import { parsePatchInfo } from '../../collectors/updates/zypper-patch-info.ts';
import { parseZypperPatches, parseZypperUpdates } from '../../collectors/updates/zypper-xml.ts';

const tools = ['/usr/bin/rpm', '/usr/bin/rpmbuild', '/usr/bin/dnf', '/usr/bin/zypper', '/usr/bin/createrepo_c'];

const updateinfo = `<?xml version="1.0" encoding="UTF-8"?>
<updates>
<update from="security@example.org" status="final" type="security" version="1"><id>EXSA-2026:0001</id><title>Important: beta security update</title><issued date="2026-10-02 03:04:05"/><updated date="2026-10-05 00:00:00"/><severity>Important</severity><references><reference href="https://example.org/1" id="CVE-2026-0001" type="cve" title="CVE-2026-0001"/><reference href="https://example.org/2" id="CVE-2026-0002" type="cve" title="CVE-2026-0002"/></references><description>first line
second line</description><pkglist><collection short="x"><name>x</name><package name="beta" version="2.0" release="2.el9" epoch="3" arch="noarch" src="beta-2.0-2.el9.src.rpm"><filename>beta-2.0-2.el9.noarch.rpm</filename><reboot_suggested>True</reboot_suggested></package></collection></pkglist></update>
<update from="someone@example.org" status="final" type="bugfix" version="1"><id>EXBA-2026:0002</id><title>alpha bug fix</title><issued date="2026-10-03 03:04:05"/><severity>None</severity><description>x</description><pkglist><collection short="x"><name>x</name><package name="alpha" version="1.0" release="2" epoch="0" arch="noarch" src="alpha-1.0-2.src.rpm"><filename>alpha-1.0-2.noarch.rpm</filename></package></collection></pkglist></update>
</updates>
`;

type Run = { readonly stdout: string; readonly exitCode: number };

let folder = '';

function run(program: string, args: readonly string[], codes: readonly number[] = [0]): Run {
  const done = spawnSync(program, args, {
    encoding: 'utf8',
    env: { LC_ALL: 'C.UTF-8', TZ: 'UTC', HOME: folder, PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  assert.ok(
    codes.includes(done.status ?? -1),
    `${program} ${args.join(' ')}: ${done.status} ${done.stderr} ${done.stdout}`,
  );
  return { stdout: done.stdout, exitCode: done.status ?? -1 };
}

/** A command of the list with its own arguments; what leads the tool to our folder stands before them. */
function listed(id: CommandId, before: readonly string[], rest: readonly string[] = []): Run {
  const {
    programs,
    args,
    exitCodes,
  }: { programs: readonly string[]; args: readonly string[]; exitCodes?: readonly number[] } = commands[id];
  return run(programs[0] ?? id, [...before, ...args, ...rest], exitCodes ?? [0]);
}

function build(name: string, version: string, release: string, epoch: number, into: string): void {
  const spec = join(folder, `${name}.spec`);
  writeFileSync(
    spec,
    `Name: ${name}\nEpoch: ${epoch}\nVersion: ${version}\nRelease: ${release}\nSummary: x\nLicense: MIT\nVendor: Example\nBuildArch: noarch\n%description\nx\n%files\n`,
  );
  run('/usr/bin/rpmbuild', [
    '--quiet',
    '--define',
    `_topdir ${folder}/build`,
    '--define',
    `_rpmdir ${into}`,
    '-bb',
    spec,
  ]);
}

function value<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string },
): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

describe('rpm, dnf and zypper in a folder', () => {
  before(function () {
    const missing = tools.filter((tool) => !existsSync(tool));
    if (missing.length > 0) {
      console.log(`      skipped: this machine has no ${missing.join(', ')}`);
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'affiant-rpm-'));
    for (const name of ['old', 'repo', 'root/etc/yum.repos.d', 'root/etc/zypp/repos.d'])
      mkdirSync(join(folder, name), { recursive: true });
    build('alpha', '1.0', '1', 0, `${folder}/old`);
    build('beta', '2.0', '1.el9', 3, `${folder}/old`);
    build('gamma', '1.0~rc1', '1', 0, `${folder}/old`);
    build('alpha', '1.0', '2', 0, `${folder}/repo`);
    build('beta', '2.0', '2.el9', 3, `${folder}/repo`);
    build('gamma', '1.0', '1', 0, `${folder}/repo`);
    writeFileSync(join(folder, 'updateinfo.xml'), updateinfo);
    run('/usr/bin/createrepo_c', ['-q', `${folder}/repo`]);
    run('/usr/bin/modifyrepo_c', [`${folder}/updateinfo.xml`, `${folder}/repo/repodata`]);
    const repository = `[local]\nname=Local\nbaseurl=file://${folder}/repo\nenabled=1\ngpgcheck=0\n`;
    for (const place of ['yum.repos.d', 'zypp/repos.d'])
      writeFileSync(join(folder, 'root/etc', place, 'local.repo'), repository);
    // Debian's rpm keeps its database in the home of whoever runs it; dnf and zypper look in /var/lib/rpm.
    writeFileSync(join(folder, '.rpmmacros'), '%_dbpath /var/lib/rpm\n');
    const old = readdirSync(`${folder}/old/noarch`).map((name) => `${folder}/old/noarch/${name}`);
    run('/usr/bin/rpm', ['--root', `${folder}/root`, '--initdb']);
    run('/usr/bin/rpm', ['--root', `${folder}/root`, '-i', '--nodeps', '--justdb', ...old]);
  });

  after(() => {
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  it('rpm lists what is installed, with epoch and vendor', () => {
    const packages = value(parseRpmQuery(listed('rpm-qa', ['--root', `${folder}/root`]).stdout));
    const found = packages.map(({ name, version, vendor }) => `${name} ${version} ${vendor}`);
    assert.deepEqual(
      new Set(found),
      new Set(['alpha 1.0-1 Example', 'beta 3:2.0-1.el9 Example', 'gamma 1.0~rc1-1 Example']),
    );
    assert.equal(found.length, 3);
  });

  it('rpm answers nothing of a database that is cut short, wherever it is cut', () => {
    const cut = join(folder, 'cut');
    cpSync(join(folder, 'root'), cut, { recursive: true });
    const database = join(cut, 'var/lib/rpm/rpmdb.sqlite');
    const { size } = statSync(database);
    for (let tenth = 9; tenth > 0; tenth--) {
      truncateSync(database, Math.floor((size * tenth) / 10));
      for (const log of ['-wal', '-shm']) rmSync(`${database}${log}`, { force: true });
      // An exit code that the list of commands does not allow is `failed` to the collector, never an empty list.
      assert.ok(!('exitCodes' in commands['rpm-qa']));
      const { stdout, exitCode } = run('/usr/bin/rpm', ['--root', cut, ...commands['rpm-qa'].args], [0, 1]);
      assert.deepEqual([stdout, exitCode], ['', 1], `${tenth} tenths`);
    }
  });

  it('dnf 4 lists updates and advisories', () => {
    const before = [
      `--installroot=${folder}/root`,
      `--setopt=reposdir=${folder}/root/etc/yum.repos.d`,
      '--releasever=9',
    ];
    run('/usr/bin/dnf', [...before, '-q', 'makecache']);
    const check = listed('dnf-check-update', before);
    assert.equal(check.exitCode, 100);
    assert.deepEqual(
      value(parseCheckUpdate(check.stdout)).map(({ name, version, repository }) => `${name} ${version} ${repository}`),
      ['alpha 1.0-2 local', 'beta 3:2.0-2.el9 local', 'gamma 1.0-1 local'],
    );
    const advisories = joinAdvisories(
      value(parseUpdateinfoList(listed('dnf-updateinfo-list', before).stdout)),
      value(parseUpdateinfoInfo(listed('dnf-updateinfo-info', before).stdout)),
    );
    const security = advisories.find(({ id }) => id === 'EXSA-2026:0001');
    assert.deepEqual(security, {
      id: 'EXSA-2026:0001',
      kind: 'security',
      severity: 'important',
      updatedAt: '2026-10-05T00:00:00Z',
      cveIds: ['CVE-2026-0001', 'CVE-2026-0002'],
      packages: ['beta-3:2.0-2.el9.noarch'],
    });
    assert.equal(advisories.find(({ id }) => id === 'EXBA-2026:0002')?.kind, 'bugfix');
    const [cache] = readdirSync(`${folder}/root/var/cache/dnf`).filter((name) => /^local-[0-9a-f]{16}$/.test(name));
    const repomd = value(
      parseRepomd(readFileSync(`${folder}/root/var/cache/dnf/${cache}/repodata/repomd.xml`, 'utf8')),
    );
    assert.ok(repomd.hasAdvisories && repomd.releasedAt !== undefined);
  });

  it('zypper lists updates, patches and their packages', () => {
    const before = ['--root', `${folder}/root`];
    run('/usr/bin/zypper', [...before, '--non-interactive', '--no-gpg-checks', 'refresh']);
    assert.deepEqual(
      value(parseZypperUpdates(listed('zypper-list-updates', before).stdout)).map(
        ({ name, installedVersion, version, repository }) => `${name} ${installedVersion} ${version} ${repository}`,
      ),
      ['alpha 1.0-1 1.0-2 local', 'beta 3:2.0-1.el9 3:2.0-2.el9 local', 'gamma 1.0~rc1-1 1.0-1 local'],
    );
    const patches = value(parseZypperPatches(listed('zypper-list-patches', before).stdout));
    assert.deepEqual(
      patches.map(({ id, kind, severity, releasedAt, restart, cveIds }) => [
        id,
        kind,
        severity,
        releasedAt,
        restart,
        cveIds.length,
      ]),
      [
        ['EXSA-2026:0001', 'security', 'important', '2026-10-05T00:00:00Z', 'reboot', 2],
        ['EXBA-2026:0002', 'bugfix', undefined, '2026-10-03T03:04:05Z', 'none', 0],
      ],
    );
    const info = value(
      parsePatchInfo(
        listed(
          'zypper-patch-info',
          before,
          patches.map(({ id }) => id),
        ).stdout,
      ),
    );
    assert.deepEqual(
      [...info],
      [
        ['EXSA-2026:0001', ['beta']],
        ['EXBA-2026:0002', ['alpha']],
      ],
    );
    run('/usr/bin/zypper', [...before, 'addlock', 'ga*']);
    const locks = parseZyppLocks(readFileSync(`${folder}/root/etc/zypp/locks`, 'utf8'));
    assert.deepEqual(locks, [{ pattern: 'ga*', by: 'lock' }]);
  });

  it('both write logs that tell what changed', () => {
    run('/usr/bin/zypper', [
      '--root',
      `${folder}/root`,
      '--non-interactive',
      '--no-refresh',
      '--no-gpg-checks',
      'update',
      'alpha',
    ]);
    const runs = value(parseZyppLog(readFileSync(`${folder}/root/var/log/zypp/history`, 'utf8')));
    assert.deepEqual(runs.at(-1)?.changes, [
      { action: 'installed', name: 'alpha', architecture: 'noarch', to: '1.0-2' },
    ]);
    const before = [
      `--installroot=${folder}/root`,
      `--setopt=reposdir=${folder}/root/etc/yum.repos.d`,
      '--releasever=9',
    ];
    run('/usr/bin/dnf', [...before, '-q', '-y', '--nogpgcheck', 'upgrade', 'beta']);
    const found = value(parseDnfLog(readFileSync(`${folder}/root/var/log/dnf.rpm.log`, 'utf8')));
    assert.deepEqual(found.at(-1)?.changes, [
      { action: 'upgraded', name: 'beta', architecture: 'noarch', from: '3:2.0-1.el9', to: '3:2.0-2.el9' },
    ]);
  });
});
