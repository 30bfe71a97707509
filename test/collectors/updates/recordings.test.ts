/** Outputs of real systems, read where they lie; a checkout without them passes, and says so. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseOsRelease } from '../../../collectors/host/os-release.ts';
import { parseAptConfig } from '../../../collectors/updates/apt-config.ts';
import { lastHistoryEntry } from '../../../collectors/updates/apt-history.ts';
import { type DpkgPackage, parseDpkgQuery } from '../../../collectors/updates/dpkg-query.ts';

const folder = join(import.meta.dirname, '../../../../shared/recordings');

function text(name: string): string {
  return readFileSync(join(folder, 'updates-linux', name), 'utf8');
}

/** The key facts that the index names for a recording. */
function expected(name: string): Record<string, unknown> {
  const row = readFileSync(join(folder, 'INDEX.tsv'), 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`updates-linux/${name}\t`));
  const quoted = row?.split('\t').at(-1) ?? '""';
  return JSON.parse(quoted.replace(/^"|"$/g, '').replaceAll('""', '"')) as Record<string, unknown>;
}

function packages(lines: readonly string[]): readonly DpkgPackage[] {
  const result = parseDpkgQuery(lines.join('\n'));
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

describe('recordings of real Debian and Ubuntu systems', function () {
  before(function () {
    if (existsSync(join(folder, 'INDEX.tsv'))) return;
    console.log('      skipped: the recordings of real systems are not beside this checkout');
    this.skip();
  });

  for (const name of [
    'apt-history-firefox-bionic.log',
    'apt-history-unattended-bionic-2020.log',
    'apt-history-unattended-noble.log',
    'apt-history-unattended-remove-bionic.log',
  ]) {
    it(`${name}: counts what the index counts`, () => {
      const result = lastHistoryEntry(text(name));
      assert.ok(result.ok && result.value !== undefined);
      const { upgraded = [], removed = [] } = expected(name) as { upgraded?: unknown[]; removed?: unknown[] };
      assert.equal(result.value.upgraded, upgraded.length);
      assert.equal(result.value.removed, removed.length);
      assert.equal(result.value.commandLine, '/usr/bin/unattended-upgrade');
      assert.ok(result.value.end !== undefined);
    });
  }

  it('vuls_dpkg-query-kernels-debian12.txt: keeps the source version of a signed kernel', () => {
    const rows = text('vuls_dpkg-query-kernels-debian12.txt').split('\n').filter(Boolean);
    const found = packages(
      rows.map((row) => {
        const [name = '', state = '', version = '', source = '', sourceVersion = ''] = row.split(',');
        return [name, version, 'amd64', source, sourceVersion, state, ''].join('\t');
      }),
    );
    const signed = found.find(({ name }) => name === 'linux-image-6.1.0-18-amd64');
    assert.equal(signed?.sourceVersion, expected('vuls_dpkg-query-kernels-debian12.txt')['signed_source_version']);
    assert.equal(found.at(-1)?.name, 'linux-libc-dev');
  });

  it('jc_dpkg-l-status-codes-ubuntu18.txt: tells removed, damaged and installed apart', () => {
    const rows = text('jc_dpkg-l-status-codes-ubuntu18.txt')
      .split('\n')
      .map((line) => /^([a-zA-Z ]{3}) (\S+)\s+(\S+)\s+(\S+)/.exec(line))
      // Someone wrote `rh` into this one; dpkg itself has only an upper-case H.
      .filter((match) => match !== null && match[1] !== 'rh ')
      .map((match) => [match?.[2], match?.[3], match?.[4], '', '', match?.[1], ''].join('\t'));
    const found = packages(rows);
    const named = (state: DpkgPackage['state'], pattern: RegExp): string[] =>
      found.filter((entry) => entry.state === state && pattern.test(entry.name)).map(({ name }) => name);
    const index = expected('jc_dpkg-l-status-codes-ubuntu18.txt');
    for (const name of index['removed_config_only'] as string[]) assert.ok(named('gone', /./).includes(name), name);
    for (const name of index['not_installed'] as string[]) assert.ok(named('gone', /./).includes(name), name);
    assert.deepEqual(named('broken', /./), index['reinst_required']);
    const kernels = named('installed', /^linux-image-\d/);
    for (const name of index['installed_kernels'] as string[]) assert.ok(kernels.includes(name), name);
  });

  it('jc_os-release-*.txt: finds the distribution', () => {
    const id = (name: string): string | undefined => {
      const result = parseOsRelease(text(name));
      return result.ok ? result.value.id : result.reason;
    };
    assert.equal(id('jc_os-release-ubuntu1804.txt'), 'ubuntu');
    assert.equal(id('jc_os-release-centos7.txt'), 'centos');
  });

  it('uu_*.conf: finds what apt makes of the settings of unattended-upgrades', function () {
    if (!existsSync('/usr/bin/apt-config')) {
      console.log('      skipped: no apt-config on this machine to read them');
      this.skip();
    }
    const dump = (name: string): ReturnType<typeof parseAptConfig> =>
      parseAptConfig(
        execFileSync('/usr/bin/apt-config', ['-c', join(folder, 'updates-linux', name), 'dump'], {
          encoding: 'utf8',
          env: { LC_ALL: 'C' },
        }),
      );
    assert.equal(dump('uu_20auto-upgrades-disabled.conf').value('APT::Periodic::Unattended-Upgrade'), '0');
    const debian = dump('uu_50unattended-upgrades.Debian.conf').list('Unattended-Upgrade::Origins-Pattern');
    assert.ok(debian.some((origin) => origin.includes('label=Debian-Security')));
    const ubuntu = dump('uu_50unattended-upgrades.Ubuntu.conf').list('Unattended-Upgrade::Allowed-Origins');
    assert.ok(ubuntu.some((origin) => origin.endsWith('-security')));
  });
});
