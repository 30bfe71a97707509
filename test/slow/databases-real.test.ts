/** Real dpkg and pacman on databases in folders of their own that lose packages, and what people leave over in them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commands } from '../../agent/host/commands.ts';
import { lostPackages } from '../../collectors/updates/deb-installed.ts';
import { type DpkgPackage, parseDpkgQuery } from '../../collectors/updates/dpkg-query.ts';
import { shortOf } from '../../collectors/updates/pacman-installed.ts';
import { parsePacmanLog } from '../../collectors/updates/pacman-log.ts';
import { parsePacmanInfo } from '../../collectors/updates/pacman-query.ts';

let folder = '';

function run(program: string, args: readonly string[], cwd = folder): string {
  const done = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { LC_ALL: 'C', TZ: 'UTC', HOME: folder, PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  assert.equal(done.status, 0, `${program} ${args.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

function skipWithout(context: Mocha.Context, ...programs: readonly string[]): void {
  const missing = programs.filter((program) => !existsSync(program));
  if (missing.length === 0 && process.getuid?.() === 0) return;
  console.log(`      skipped: not root, or not installed: ${missing.join(', ')}`);
  context.skip();
}

describe('package databases of real tools', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-databases-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  describe('dpkg', () => {
    before(function () {
      skipWithout(this, '/usr/bin/dpkg', '/usr/bin/dpkg-deb');
    });

    it('loses no package in silence where its database is cut short, wherever it is cut', () => {
      mkdirSync(join(folder, 'info'));
      const files = readdirSync('/var/lib/dpkg/info');
      const status = readFileSync('/var/lib/dpkg/status', 'utf8');
      const stanzas = [...status.matchAll(/\n\n/g)].map(({ index }) => index + 2).slice(0, -1);
      let silent = 0;
      for (let part = 1; part <= 40; part++) {
        // Between two stanzas dpkg-query is content; anywhere else it says so itself.
        const cut =
          part % 2 === 0
            ? Math.floor((status.length * part) / 41)
            : (stanzas[Math.floor((stanzas.length * part) / 41)] ?? 0);
        writeFileSync(join(folder, 'status'), status.slice(0, cut));
        const args = [`--admindir=${folder}`, ...commands['dpkg-query'].args];
        const { status: code, stdout } = spawnSync('/usr/bin/dpkg-query', args, { encoding: 'utf8', env: {} });
        if (code !== 0) continue;
        silent += 1;
        const read = parseDpkgQuery(stdout);
        assert.ok(!read.ok || lostPackages(read.value, files).length > 0, `cut at ${cut}`);
      }
      assert.ok(silent > 10, `${silent} of them dpkg-query does not complain of`);
    });

    it('leaves nothing that reads as a loss when packages go, change their architecture, or are swallowed by another', () => {
      const admin = join(folder, 'root/var/lib/dpkg');
      for (const name of ['info', 'updates', 'triggers']) mkdirSync(join(admin, name), { recursive: true });
      for (const name of ['status', 'available']) writeFileSync(join(admin, name), '');
      const dpkg = (...args: readonly string[]): string =>
        run('/usr/bin/dpkg', [`--root=${join(folder, 'root')}`, '--log=/dev/null', ...args]);
      const install = (name: string, architecture: string, more = '', path = `usr/share/${name}`): void => {
        const tree = join(folder, 'tree');
        rmSync(tree, { recursive: true, force: true });
        for (const each of ['DEBIAN', 'etc', path]) mkdirSync(join(tree, each), { recursive: true });
        writeFileSync(join(tree, path, `of-${architecture}`), 'x');
        if (name === 'kept') writeFileSync(join(tree, 'etc/kept.conf'), 'x');
        if (name === 'kept') writeFileSync(join(tree, 'DEBIAN/conffiles'), '/etc/kept.conf\n');
        const version = more.includes('same') ? '1' : '2';
        const control = `Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}\n${more}Maintainer: a <a@b>\nDescription: x\n`;
        writeFileSync(join(tree, 'DEBIAN/control'), control);
        dpkg(
          '-i',
          run('/usr/bin/dpkg-deb', ['-b', tree, folder]) && `${folder}/${name}_${version}_${architecture}.deb`,
        );
      };
      const read = (): { packages: readonly DpkgPackage[]; lost: readonly string[] } => {
        const stdout = run('/usr/bin/dpkg-query', [`--admindir=${admin}`, ...commands['dpkg-query'].args]);
        const result = parseDpkgQuery(stdout);
        assert.ok(result.ok, stdout);
        return { packages: result.value, lost: lostPackages(result.value, readdirSync(join(admin, 'info'))) };
      };
      dpkg('--add-architecture', 'i386');
      for (const name of ['kept', 'plain', 'swallowed']) install(name, 'all');
      for (const architecture of ['amd64', 'i386']) install('both', architecture, 'Multi-Arch: same\n');
      install('crossed', 'amd64', 'Multi-Arch: same\n');
      assert.deepEqual(read().lost, []);

      dpkg('-r', 'kept', 'plain', 'both:i386');
      install('crossed', 'all');
      install('eater', 'all', 'Replaces: swallowed\n', 'usr/share/swallowed');
      const after = read();
      assert.deepEqual(after.lost, []);
      assert.deepEqual(
        after.packages.map(({ name, state }) => [name, state]),
        [
          ['both', 'installed'],
          ['crossed', 'installed'],
          ['eater', 'installed'],
          ['kept', 'gone'],
        ],
      );

      writeFileSync(join(admin, 'info/stray.list'), '/.\n');
      assert.deepEqual(read().lost, []);
      const status = readFileSync(join(admin, 'status'), 'utf8');
      writeFileSync(join(admin, 'status'), status.replace(/Package: eater\n(?:.+\n)+\n/, ''));
      assert.deepEqual(read().lost, ['eater']);
    });
  });

  describe('pacman', () => {
    before(function () {
      skipWithout(this, '/usr/bin/pacman');
    });

    it('loses no package in silence, and what is taken away by force is no loss', () => {
      const root = join(folder, 'root');
      const database = join(root, 'var/lib/pacman');
      const log = join(folder, 'pacman.log');
      mkdirSync(database, { recursive: true });
      writeFileSync(
        join(folder, 'conf'),
        '[options]\nArchitecture = x86_64\nSigLevel = Never\nLocalFileSigLevel = Never\n',
      );
      const pacman = (...args: readonly string[]): string =>
        run('/usr/bin/pacman', ['--config', 'conf', '--root', root, '--dbpath', database, '--logfile', log, ...args]);
      const build = (name: string, ...lines: readonly string[]): string => {
        const tree = join(folder, 'tree');
        rmSync(tree, { recursive: true, force: true });
        mkdirSync(join(tree, 'usr/share'), { recursive: true });
        writeFileSync(join(tree, 'usr/share', name), 'x');
        writeFileSync(
          join(tree, '.PKGINFO'),
          [
            `pkgname = ${name}`,
            'pkgver = 1:2-3',
            'arch = any',
            'size = 1',
            'builddate = 1700000000',
            ...lines,
            '',
          ].join('\n'),
        );
        run('/usr/bin/tar', ['-czf', join(folder, `${name}.pkg.tar.gz`), '.PKGINFO', 'usr'], tree);
        return `${name}.pkg.tar.gz`;
      };
      const reasonOf = (logged = readFileSync(log, 'utf8')): string | undefined => {
        const listed = parsePacmanInfo(pacman(...commands['pacman-installed'].args));
        const said = parsePacmanLog(logged);
        assert.ok(listed.ok && said.ok);
        return shortOf(listed.value, readdirSync(join(database, 'local')), said.value)?.reason;
      };
      const without = (name: string, act: () => void): void => {
        const at = join(database, 'local', `${name}-1:2-3`);
        renameSync(at, join(folder, 'aside'));
        act();
        renameSync(join(folder, 'aside'), at);
      };
      pacman(
        '--noconfirm',
        '-U',
        build('glibc'),
        build('leaf', 'depend = bash'),
        build('bash', 'depend = glibc>=1', 'depend = libreadline.so=8-64', 'provides = sh'),
        build('readline', 'depend = glibc', 'provides = libreadline.so=8-64'),
      );
      assert.equal(reasonOf(), undefined);
      assert.equal(reasonOf(''), undefined);
      for (const name of ['glibc', 'readline', 'leaf'])
        without(name, () => assert.equal(reasonOf(), 'database-incomplete', name));
      for (const name of ['glibc', 'readline', 'bash'])
        without(name, () => assert.equal(reasonOf(''), 'requirements-unmet', name));
      mkdirSync(join(database, 'local/leaf-1:2-2'));
      assert.equal(reasonOf(), 'database-incomplete');
      rmSync(join(database, 'local/leaf-1:2-2'), { recursive: true });

      pacman('--noconfirm', '-Rdd', 'readline');
      assert.equal(reasonOf(), undefined);
    });
  });
});
