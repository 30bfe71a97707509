/** This very machine, against apt's own solver. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { openHost } from '../../agent/host/door.ts';
import { localLinux } from '../../agent/host/local-linux.ts';
import { updates } from '../../collectors/updates/index.ts';
import { digests } from '../collectors/each-source-denied.ts';

describe('the updates collector on this machine', () => {
  before(function () {
    if (existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg')) return;
    console.log('      skipped: this machine has no dpkg and apt');
    this.skip();
  });

  it('finds what apt-get would upgrade, and lists as many packages as dpkg', async () => {
    const drafts = await updates.collect(openHost(localLinux()).forCollector('updates').host, digests);
    const available = drafts.updates?.availableUpdates;
    const packages = drafts.packages?.packages;
    assert.ok(packages?.status === 'observed', JSON.stringify(packages));
    const installed = run('/usr/bin/dpkg-query', ['-W', '-f=${db:Status-Status} ${db:Status-Eflag}\\n']);
    assert.equal(packages.value.length, installed.split('\n').filter((line) => line === 'installed ok').length);

    const solver = run('/usr/bin/apt-get', ['-s', '-o', 'Debug::NoLocking=true', 'dist-upgrade']);
    if (available?.status !== 'observed') {
      assert.equal(available?.status === 'unsupported' && available.reason, 'no-metadata', JSON.stringify(available));
      assert.doesNotMatch(solver, /^Inst /m);
      return;
    }
    // Packages without an installed version in brackets are new, and no update of anything.
    const inst = [...solver.matchAll(/^Inst (\S+) \[\S+\] \((\S+)/gm)].map(
      ([, name = '', to]) => `${bare(name)} ${to}`,
    );
    // Held packages, and what cannot be upgraded without removing something.
    const back = /^The following packages have been kept back:\n((?: {2}.*\n)*)/m.exec(solver)?.[1] ?? '';
    const keptBack = new Set(back.split(/\s+/).filter(Boolean).map(bare));
    const found = available.value
      .filter(({ name }) => !keptBack.has(name))
      .map(({ name, candidateVersion }) => `${name} ${candidateVersion}`);
    assert.deepEqual(new Set(found), new Set(inst));
  });

  it("finds the same by apt's own cache, and leaves that as it is", async function () {
    const cache = '/var/cache/apt/pkgcache.bin';
    if (process.getuid?.() !== 0) {
      console.log("      skipped: only root can make apt's cache");
      this.skip();
    }
    const had = existsSync(cache);
    const options = ['-o', 'Dir::Cache::pkgcache=pkgcache.bin', '-o', 'Dir::Cache::srcpkgcache='];
    const look = async (): Promise<{ value: unknown; cached: boolean }> => {
      const drafts = await updates.collect(openHost(localLinux()).forCollector('updates').host, digests);
      const available = drafts.updates?.availableUpdates;
      assert.ok(available !== undefined);
      const cached = available.sources.some((source) => source.includes('pkgcache=pkgcache.bin'));
      return { value: available.status === 'observed' ? available.value : available.reason, cached };
    };
    try {
      run('/usr/bin/apt-get', ['check', '-qq', ...options]);
      // Whatever else this machine did in this second: the cache is the newest.
      const later = new Date(Date.now() + 1000);
      utimesSync(cache, later, later);
      const before = statSync(cache);
      const withCache = await look();
      const after = statSync(cache);
      assert.deepEqual([after.ino, after.mtimeMs, after.size], [before.ino, before.mtimeMs, before.size]);
      assert.deepEqual(
        readdirSync('/var/cache/apt').filter((name) => name.startsWith('srcpkgcache')),
        [],
      );
      rmSync(cache);
      const without = await look();
      assert.deepEqual([withCache.cached, without.cached], [true, false]);
      assert.deepEqual(withCache.value, without.value);
    } finally {
      if (!had) rmSync(cache, { force: true });
    }
  });
});

function bare(name: string): string {
  return name.replace(/:.*$/, '');
}

function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    env: { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    maxBuffer: 1 << 26,
  });
}
