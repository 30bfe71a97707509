/** `affiant sweep` into a folder that is full: nobody is asked in vain, and nothing that was kept is lost. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verificationKeyFromPem } from '../../../evidence/signing-key.ts';
import { verifyPack } from '../../../evidence/verify-pack.ts';
import { valueOf } from '../../evidence/sample.ts';
import { type Lab, labMissing, must, openLab, plainAccount, type Sshd } from './lab.ts';
import { knownIn, loginAt, newOut, sweep } from './swept.ts';

describe('affiant sweep into a folder that is full', function () {
  this.timeout(120_000);
  let lab: Lab | undefined;
  let sshd: Sshd;
  let out = '';
  before(async function () {
    const missing = labMissing('/usr/bin/mount');
    if (missing !== undefined) {
      console.error(`skipped: a sweep into a full folder: ${missing}`);
      this.skip();
    }
    lab = openLab();
    sshd = await lab.start();
    out = newOut(lab);
    mkdirSync(out, { mode: 0o700 });
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=56k,mode=0700', 'affiant-full', out]);
    if (mounted.status === 0) return;
    console.error(`skipped: a sweep into a full folder: no tmpfs can be mounted here`);
    this.skip();
  });
  after(async () => {
    spawnSync('umount', [out]);
    await lab?.close();
  });

  it('stops asking, says why, keeps what it has, and goes on once there is room', async () => {
    assert.ok(lab);
    const names = Array.from({ length: 8 }, (_unused, index) => `127.0.3.${index + 1}`);
    const hosts = {
      parallel: 1,
      knownHostsFile: knownIn(
        lab,
        names.map((name) => sshd.knownHost.replaceAll('127.0.0.1', name)),
      ),
      defaults: loginAt(sshd, plainAccount),
      hosts: names.map((name) => ({ name: `h-${name}`, address: name })),
    };
    const full = await sweep(lab, hosts, out, '--only', 'host');
    assert.equal(full.code, 5, full.err);
    assert.match(full.err, /cannot be written \(ENOSPC\)\nfree space there/);
    const collected = (full.summary?.hosts ?? []).filter(({ outcome }) => outcome === 'collected');
    const waiting = (full.summary?.hosts ?? []).filter(({ outcome }) => outcome === 'waiting');
    assert.ok(collected.length > 0 && waiting.length > 1, `${collected.length} of ${names.length}`);
    assert.equal(collected.length + waiting.length, names.length);
    // The one whose pack found no room was asked, and none after it.
    const asked = full.err.split('\n').filter((line) => / of 8 {2}h-/.test(line));
    assert.equal(asked.length, collected.length + 1);
    assert.deepEqual(
      readdirSync(out).filter((name) => name.endsWith('.part')),
      [],
    );
    must('mount', ['-o', 'remount,size=16m', out]);
    const again = await sweep(lab, hosts, out, '--only', 'host');
    assert.equal(again.code, 0, again.err);
    const key = valueOf(verificationKeyFromPem(readFileSync(join(lab.folder, 'state/sweep/public.pem'), 'utf8')));
    for (const { name, bundle } of again.summary?.hosts ?? []) {
      const verified = valueOf(verifyPack(readFileSync(join(out, `${name}.pack.json`)), { key: () => key }));
      assert.equal(verified.digest, bundle);
    }
    for (const { name, bundle } of collected) assert.equal(again.host(name)?.bundle, bundle);
  });
});
