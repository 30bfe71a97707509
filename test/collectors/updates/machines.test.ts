/** A recorded server of each family, and the two documents that it gives, byte for byte. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHost } from '../../../agent/host/door.ts';
import { openRecording } from '../../../agent/host/replay.ts';
import type { Drafts } from '../../../collectors/collector.ts';
import { updates } from '../../../collectors/updates/index.ts';
import { judgeUpdates } from '../../../judge/updates.ts';
import { assertValid, digests } from '../each-source-denied.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');

async function collect(name: string): Promise<{ drafts: Drafts; unread: readonly string[] }> {
  const opened = openRecording(join(fixtures, 'machines', name));
  assert.ok(opened.ok, JSON.stringify(opened));
  const drafts = await updates.collect(openHost(opened.value.machine).forCollector('updates').host, digests);
  return { drafts, unread: opened.value.unread() };
}

/** What a judge at noon of that day finds: what is missing, what runs, whom it trusts. */
const faults: Readonly<Record<string, readonly string[]>> = {
  'rocky-9': [
    '3 security updates not installed: kernel-core, openssl, openssl-libs',
    'a restart is asked for by kernel-core, openssl-libs',
    'kernel 5.14.0-503.40.1.el9_5 runs, newer 5.14.0-570.12.1.el9_6 is installed',
    'old code still runs: sshd.service',
    'packages are taken without a signature check from practice',
    'certificates are not checked of practice',
  ],
  'opensuse-leap': [
    '1 security update not installed: libopenssl1_1',
    'a restart is asked for',
    'kernel 6.4.0-150600.23.25.1 runs, newer 6.4.0-150600.23.33.1 is installed',
  ],
  'alpine-3': [
    '1 package left half installed: nginx',
    'kernel 6.6.28-0-lts runs, 6.6.31-0-lts is installed in its place',
  ],
  arch: [
    'kernel 6.9.4-arch1-1 runs, 6.9.5-arch1-1 is installed in its place',
    'packages are taken without a signature check from practice',
  ],
};
const unknowns: Readonly<Record<string, readonly string[]>> = {
  'rocky-9': ['1 update that may be security updates: practice-agent'],
  'opensuse-leap': [],
  'alpine-3': ['2 updates that may be security updates: busybox, libcrypto3'],
  arch: ['2 updates that may be security updates: containers-common, openssl'],
};

describe('recorded servers of other families', () => {
  for (const name of Object.keys(faults)) {
    it(`${name}: gives the expected documents, and every record of it is read`, async () => {
      const { drafts, unread } = await collect(name);
      assertValid(drafts, name);
      for (const [document, draft] of Object.entries(drafts)) {
        const path = join(fixtures, 'expected', name, `${document}.json`);
        const text = `${JSON.stringify(draft, null, 2)}\n`;
        if (process.env['AFFIANT_WRITE_EXPECTED'] === '1') writeFileSync(path, text);
        assert.equal(text, readFileSync(path, 'utf8'), `${document}: review the difference as behaviour`);
      }
      assert.deepEqual(unread, []);
      assert.doesNotMatch(JSON.stringify(drafts), /hollybrook|operations@example/);
    });

    it(`${name}: is judged by its own family’s rules`, async () => {
      const { drafts } = await collect(name);
      assert.ok(drafts.updates);
      const verdict = judgeUpdates(drafts.updates, { at: '2026-11-20T12:00:00Z' });
      assert.deepEqual(verdict.faults, faults[name]);
      assert.deepEqual(verdict.unknowns, unknowns[name]);
    });
  }
});
