/**
 * Second opinions on this very machine: python-apt and unattended-upgrades on what is to be upgraded and what of it
 * is security, needrestart on kernels and on services that run old code. None of them is asked by the product.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHost } from '../../agent/host/door.ts';
import { localLinux } from '../../agent/host/local-linux.ts';
import type { Drafts } from '../../collectors/collector.ts';
import { updates } from '../../collectors/updates/index.ts';
import { digests } from '../collectors/each-source-denied.ts';

const environment = { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

/** What can be upgraded by apt's library, and which of it unattended-upgrades would take from the security archive alone. */
const opinion = `
import json, sys, importlib.machinery, importlib.util
import apt
loader = importlib.machinery.SourceFileLoader('uu', '/usr/bin/unattended-upgrade')
module = importlib.util.module_from_spec(importlib.util.spec_from_loader('uu', loader))
loader.exec_module(module)
security = ['origin=Debian,label=Debian-Security']
print(json.dumps([
    [pkg.shortname, pkg.candidate.version, module.is_in_allowed_origin(pkg.candidate, security)]
    for pkg in apt.Cache() if pkg.is_upgradable
]))
`;

function collect(): Promise<Drafts> {
  return updates.collect(openHost(localLinux()).forCollector('updates').host, digests);
}

describe('second opinions on the updates of this machine', () => {
  before(function () {
    const parts = ['/usr/bin/apt', '/usr/bin/python3', '/usr/bin/unattended-upgrade', '/usr/sbin/needrestart'];
    const missing = process.getuid?.() !== 0 ? 'root' : parts.find((program) => !existsSync(program));
    if (missing === undefined) return;
    console.log(`      skipped: ${missing} is missing`);
    this.skip();
  });

  it('unattended-upgrades names the same updates, and calls the same ones security', async () => {
    const theirs = JSON.parse(
      execFileSync('/usr/bin/python3', ['-c', opinion], {
        encoding: 'utf8',
        env: environment,
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ) as [string, string, boolean][];
    const available = (await collect()).updates?.availableUpdates;
    if (available?.status !== 'observed') {
      assert.equal(available?.status === 'unsupported' && available.reason, 'no-metadata');
      assert.deepEqual(theirs, []);
      return;
    }
    const line = (name: string, version: string, security: boolean): string => `${name} ${version} ${security}`;
    assert.deepEqual(
      available.value.map((each) => line(each.name, each.candidateVersion, each.securityRelevant === 'yes')).toSorted(),
      theirs.map((each) => line(...each)).toSorted(),
    );
    console.log(
      `      ${theirs.length} updates, ${theirs.filter(([, , security]) => security).length} of them security, by both`,
    );
  });

  it('needrestart knows no service with old code that we do not see, and no other kernel', async () => {
    const text = execFileSync('/usr/sbin/needrestart', ['-b', '-r', 'l'], {
      encoding: 'utf8',
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const document = (await collect()).updates;
    const stale = document?.staleProcesses;
    assert.ok(stale?.status === 'observed', JSON.stringify(stale));
    const units = new Set(stale.value.processes.map(({ unit }) => unit));
    const theirs = [...text.matchAll(/^NEEDRESTART-SVC: (\S+)$/gm)].map(([, unit]) => unit ?? '');
    assert.deepEqual(
      theirs.filter((unit) => !units.has(unit)),
      [],
    );
    const kernels = document?.kernels;
    if (kernels?.status === 'observed')
      assert.equal(/^NEEDRESTART-KCUR: (\S+)$/m.exec(text)?.[1], kernels.value.runningRelease);
  });

  it('a program on a library that was taken away is seen', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'affiant-old-code-'));
    const program = join(folder, 'affiant-sleeper');
    copyFileSync('/usr/bin/sleep', program);
    const child = spawn(program, ['60'], { stdio: 'ignore' });
    try {
      await new Promise<void>((done, failed) => {
        child.once('spawn', done);
        child.once('error', failed);
      });
      rmSync(folder, { recursive: true });
      const walk = await openHost(localLinux()).forCollector('updates').host.processes();
      assert.ok(walk.status === 'observed');
      const seen = walk.value.processes.find(({ pid }) => pid === child.pid);
      assert.deepEqual(seen?.goneFiles, [program]);
    } finally {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
