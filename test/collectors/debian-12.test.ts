/** A whole recorded Debian server, and the documents of host, administrators and second factors that it gives, byte for byte. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHost } from '../../agent/host/door.ts';
import { openRecording } from '../../agent/host/replay.ts';
import { admins } from '../../collectors/admins/index.ts';
import { host } from '../../collectors/host/index.ts';
import { mfa } from '../../collectors/mfa/index.ts';
import { judgeMfa } from '../../judge/mfa/matrix.ts';
import { waysToRoot } from '../../judge/ways-to-root.ts';
import { assertValid, digests } from './each-source-denied.ts';

const machine = join(import.meta.dirname, '../fixtures/machines/debian-12');
const expected = join(import.meta.dirname, '../fixtures/expected/debian-12');

describe('host, admins and mfa of the recorded Debian 12 server', () => {
  it('give the expected documents', async () => {
    const opened = openRecording(machine);
    assert.ok(opened.ok, JSON.stringify(opened));
    for (const collector of [host, admins, mfa]) {
      const drafts = await collector.collect(openHost(opened.value.machine).forCollector(collector.name).host, digests);
      assertValid(drafts, collector.name);
      for (const [name, draft] of Object.entries(drafts)) {
        const path = join(expected, `${name}.json`);
        const text = `${JSON.stringify(draft, null, 2)}\n`;
        if (process.env['AFFIANT_WRITE_EXPECTED'] === '1') writeFileSync(path, text);
        assert.equal(text, readFileSync(path, 'utf8'), `${name}: review the difference as behaviour`);
      }
    }
    const ours = opened.value
      .unread()
      .filter((pointer) =>
        /sudo|passwd|(?<!c)group|shadow|nsswitch|dmi|ssh|machine-id|ns~1|timedatectl|chronyc|pam|rescue|emergency|grub|cmdline|krb5|pgrep|cockpit|webmin/.test(
          pointer,
        ),
      );
    assert.deepEqual(ours, []);
  });

  it('let the judge name every way to root, and not pass while the password hashes could not be read', async () => {
    const opened = openRecording(machine);
    assert.ok(opened.ok);
    const drafts = await admins.collect(openHost(opened.value.machine).forCollector('admins').host, digests);
    assert.ok(drafts.admins);
    const verdict = waysToRoot(drafts.admins);
    assert.deepEqual(
      verdict.accounts.map(
        ({ name, ways }) =>
          `${typeof name === 'string' ? name : name.bytes}: ${ways.map(({ kind }) => kind).join(' ')}`,
      ),
      [
        'root: uid0 ssh-key sudo-all',
        'backup: sudo-limited',
        'alice: sudo-all polkit',
        'bob: sudo-all sudo-limited polkit',
        'carol: group sudo-limited',
      ],
    );
    assert.equal(verdict.outcome, 'fail');
    assert.deepEqual(verdict.unknowns, ['passwordStates: permission-denied']);
  });

  it('let the judge find that one factor is enough for everybody', async () => {
    const opened = openRecording(machine);
    assert.ok(opened.ok);
    const door = openHost(opened.value.machine);
    const drafts = {
      ...(await admins.collect(door.forCollector('admins').host, digests)),
      ...(await mfa.collect(door.forCollector('mfa').host, digests)),
    };
    assert.ok(drafts.admins !== undefined && drafts.mfa !== undefined);
    const verdict = judgeMfa(drafts.mfa, drafts.admins);
    assert.equal(verdict.outcome, 'fail');
    assert.deepEqual(
      verdict.administrators.map(({ name, ways }) => [name, ways.find(({ way }) => way === 'ssh')?.judged.requirement]),
      ['root', 'backup', 'alice', 'bob', 'carol'].map((name) => [name, 'notRequired']),
    );
  });
});
