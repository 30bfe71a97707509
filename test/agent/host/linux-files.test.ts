import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createAccessGuard } from '../../../agent/host/access-guard.ts';
import { linuxFiles } from '../../../agent/host/linux-files.ts';
import { decodeBytes } from '../../../collectors/text.ts';
import { temporaryFolder } from './temporary-folder.ts';

const limits = { maxBytes: 1024 * 1024, deadlineMs: 10_000 };

describe('files of a live Linux machine', () => {
  const folder = temporaryFolder();
  const files = linuxFiles(createAccessGuard());
  const at = (name: string): string => join(folder(), name);

  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('refuses a FIFO that nobody writes to instead of waiting for it', async () => {
    execFileSync('mkfifo', [at('fifo')]);
    assert.deepEqual(await files.readFile(at('fifo'), limits), { outcome: 'failed', reason: 'not-a-regular-file' });
  });

  it('refuses devices, folders and sockets', async () => {
    const server = createServer().listen(at('socket'));
    try {
      await new Promise((resolve) => server.once('listening', resolve));
      assert.deepEqual(await files.readFile(at('socket'), limits), { outcome: 'failed', reason: 'not-a-regular-file' });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    assert.deepEqual(await files.readFile('/dev/zero', limits), { outcome: 'failed', reason: 'not-a-regular-file' });
    assert.deepEqual(await files.readFile(folder(), limits), { outcome: 'failed', reason: 'eisdir' });
  });

  it('reads a file of /proc to its end although its size is 0', async () => {
    const status = await files.readFile('/proc/self/status', limits);
    assert.ok(status.outcome === 'ok' && !status.value.truncated);
    assert.match(Buffer.from(status.value.bytes).toString(), /^nonvoluntary_ctxt_switches/m);
  });

  it('cuts at the cap and says so, and calls a file of exactly the cap whole', async () => {
    writeFileSync(at('ten'), '0123456789');
    const cut = await files.readFile(at('ten'), { ...limits, maxBytes: 9 });
    assert.deepEqual(cut, { outcome: 'ok', value: { bytes: Buffer.from('012345678'), truncated: true } });
    const whole = await files.readFile(at('ten'), { ...limits, maxBytes: 10 });
    assert.deepEqual(whole, { outcome: 'ok', value: { bytes: Buffer.from('0123456789'), truncated: false } });
  });

  it('follows links, and calls one without a target or in a circle by its name', async () => {
    writeFileSync(at('target'), 'x');
    symlinkSync('target', at('link'));
    symlinkSync('nowhere', at('dangling'));
    symlinkSync('circle', at('circle'));
    assert.equal((await files.readFile(at('link'), limits)).outcome, 'ok');
    assert.deepEqual(await files.readFile(at('dangling'), limits), { outcome: 'absent', reason: 'no-such-file' });
    assert.deepEqual(await files.readFile(at('circle'), limits), { outcome: 'failed', reason: 'eloop' });
    assert.deepEqual(await files.readFile(at('target/below'), limits), { outcome: 'absent', reason: 'no-such-file' });
    assert.deepEqual(await files.readLink(at('link'), limits), { outcome: 'ok', value: Buffer.from('target') });
    assert.deepEqual(await files.readLink(at('target'), limits), { outcome: 'absent', reason: 'not-a-link' });
    assert.deepEqual(await files.readLink(at('none'), limits), { outcome: 'absent', reason: 'no-such-file' });
  });

  it('lists and reads names that are not UTF-8', async () => {
    mkdirSync(at('names'));
    const raw = Buffer.concat([Buffer.from(`${at('names')}/j`), Buffer.from([0xf6, 0x72, 0x67])]);
    writeFileSync(raw, 'grüezi');
    const names = await files.list(at('names'), limits);
    assert.ok(names.outcome === 'ok');
    assert.deepEqual(names.value, [Buffer.from([0x6a, 0xf6, 0x72, 0x67])]);
    const read = await files.readFile(decodeBytes(raw), limits);
    assert.ok(read.outcome === 'ok');
    assert.equal(Buffer.from(read.value.bytes).toString(), 'grüezi');
  });

  it('gives no half listing of a folder with more names than the cap', async () => {
    mkdirSync(at('many'));
    for (let index = 0; index < 30; index += 1) writeFileSync(at(`many/file-${index}`), '');
    const many = await files.list(at('many'), { ...limits, maxBytes: 100 });
    assert.deepEqual(many, { outcome: 'failed', reason: 'too-many-entries' });
    assert.deepEqual(await files.list(at('ten'), limits), { outcome: 'absent', reason: 'no-such-file' });
  });

  it('gives mode with set-id bits, and fails on a time that no document can hold', async () => {
    writeFileSync(at('tool'), '#');
    chmodSync(at('tool'), 0o4755);
    utimesSync(at('tool'), 0, 1_700_000_000);
    const tool = await files.stat(at('tool'), limits);
    assert.ok(tool.outcome === 'ok');
    assert.deepEqual([tool.value.mode, tool.value.type, tool.value.size], [0o4755, 'file', 1]);
    assert.equal(tool.value.mtime, '2023-11-14T22:13:20.000Z');
    utimesSync(at('tool'), 0, 300_000_000_000);
    const far = await files.stat(at('tool'), limits);
    // ext4 and others cut the time on their own; what they keep must be a time that a document can hold.
    if (far.outcome === 'ok') assert.match(far.value.mtime, /^\d{4}-/);
    else assert.deepEqual(far, { outcome: 'failed', reason: 'time-out-of-range' });
  });

  it('tells denied from absent when it is not root (symptom: EACCES taken for ENOENT)', async function () {
    if (process.geteuid?.() !== 0) this.skip();
    mkdirSync(at('closed'), { mode: 0o700 });
    writeFileSync(at('closed/inside'), 'x');
    writeFileSync(at('own'), 'secret', { mode: 0o600 });
    chmodSync(folder(), 0o755);
    process.seteuid?.(65_534);
    try {
      const denied = { outcome: 'denied', reason: 'permission-denied' };
      assert.deepEqual(await files.readFile(at('own'), limits), denied);
      assert.deepEqual(await files.readFile(at('closed/inside'), limits), denied);
      assert.deepEqual(await files.readFile(at('closed/not-there'), limits), denied);
      assert.deepEqual(await files.list(at('closed'), limits), denied);
      assert.deepEqual(await files.stat(at('closed/not-there'), limits), denied);
      assert.deepEqual(await files.readLink(at('closed/not-there'), limits), denied);
      assert.equal((await files.readFile(at('not-there'), limits)).outcome, 'absent');
    } finally {
      process.seteuid?.(0);
    }
  });
});
