/** A whole recorded Debian server, and the two documents that it gives, byte for byte. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHost } from '../../../agent/host/door.ts';
import { openRecording } from '../../../agent/host/replay.ts';
import { updates } from '../../../collectors/updates/index.ts';
import { digests } from '../each-source-denied.ts';

const machine = join(import.meta.dirname, '../../fixtures/machines/debian-12');
const expected = join(import.meta.dirname, '../../fixtures/expected/debian-12');

describe('the recorded Debian 12 server', () => {
  it('gives the expected documents, and every record of it is read', async () => {
    const opened = openRecording(machine);
    assert.ok(opened.ok, JSON.stringify(opened));
    const { host } = openHost(opened.value.machine).forCollector('updates');
    const drafts = await updates.collect(host, digests);
    for (const [name, draft] of Object.entries(drafts)) {
      const path = join(expected, `${name}.json`);
      const text = `${JSON.stringify(draft, null, 2)}\n`;
      if (process.env['AFFIANT_WRITE_EXPECTED'] === '1') writeFileSync(path, text);
      assert.equal(text, readFileSync(path, 'utf8'), `${name}: review the difference as behaviour`);
    }
    // dpkg's diversions are for the collector of administrators, which asks who brought set-id programs.
    const ours = opened.value
      .unread()
      .filter((pointer) =>
        /apt|dpkg(?!~1diversions)|reboot|localtime|systemd~1container|containerenv|dockerenv|unattended|livepatch|ostree|transactional|\/proc~1\d{3}/.test(
          pointer,
        ),
      );
    assert.deepEqual(ours, []);
  });

  it('shows no password of its archives and proxies in its documents', async () => {
    const opened = openRecording(machine);
    assert.ok(opened.ok);
    const drafts = await updates.collect(openHost(opened.value.machine).forCollector('updates').host, digests);
    assert.doesNotMatch(JSON.stringify(drafts), /hollybrook|ilexmoor|operations@example/);
  });
});
