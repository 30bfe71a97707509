/** The functions that are sent over SSH alone, on a real PowerShell over real files and programs (of Linux: what they do is .NET's and the cmdlets' own). */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { remoteText } from '../../agent/host/powershell/script.ts';
import { queries } from '../../agent/host/queries.ts';
import { filesByQuery } from '../../agent/host/windows/files-by-query.ts';
import { programByQuery, windowsArguments } from '../../agent/host/windows/program-by-query.ts';
import { encodeText } from '../../collectors/text.ts';
import { type Engine, engineOrSkip, openEngine } from './engine.ts';

const limits = { maxBytes: 1024 * 1024, deadlineMs: 60_000 };

describe('files and programs through PowerShell', function () {
  this.timeout(120_000);
  let engine: Engine | undefined;
  let folder = '';
  let files: ReturnType<typeof filesByQuery>;
  before(function () {
    engine = openEngine(engineOrSkip(this), remoteText());
    const session = engine;
    files = filesByQuery((name, parameters, within) =>
      session.query(queries[name], parameters, { ...within, deadlineMs: 60_000 }),
    );
    folder = mkdtempSync(join(tmpdir(), 'affiant-remote-'));
  });
  after(() => {
    engine?.close();
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  it('gives the bytes of a file, whatever they are, and cuts them where told', async () => {
    const bytes = Uint8Array.from({ length: 200_000 }, (_unused, index) => (index * 7) % 256);
    const path = join(folder, "it's $(x) [1].bin");
    writeFileSync(path, bytes);
    writeFileSync(join(folder, 'empty'), '');
    assert.deepEqual(await files.readFile(path, limits), {
      outcome: 'ok',
      value: { bytes: Buffer.from(bytes), truncated: false },
    });
    assert.deepEqual(await files.readFile(path, { ...limits, maxBytes: 1000 }), {
      outcome: 'ok',
      value: { bytes: Buffer.from(bytes.subarray(0, 1000)), truncated: true },
    });
    assert.deepEqual(await files.readFile(join(folder, 'empty'), limits), {
      outcome: 'ok',
      value: { bytes: Buffer.alloc(0), truncated: false },
    });
  });

  it('tells what is not there, what is a folder, and what a folder holds', async () => {
    const place = join(folder, 'place');
    mkdirSync(place);
    for (const name of ['.hidden', 'ü日本']) writeFileSync(join(place, name), 'x');
    const gone = { outcome: 'absent', reason: 'no-such-file' };
    assert.deepEqual(await files.readFile(join(folder, 'nothing'), limits), gone);
    assert.deepEqual(await files.list(join(folder, 'nothing', 'below'), limits), gone);
    assert.deepEqual(await files.readFile(place, limits), { outcome: 'failed', reason: 'eisdir' });
    const listed = await files.list(place, limits);
    assert.ok(listed.outcome === 'ok');
    assert.deepEqual(
      listed.value.toSorted((left, right) => Buffer.compare(left, right)),
      ['.hidden', 'ü日本'].map(encodeText),
    );
    mkdirSync(join(folder, 'void'));
    assert.deepEqual(await files.list(join(folder, 'void'), limits), { outcome: 'ok', value: [] });
  });

  it('gives size and date, and follows a link for its content alone', async () => {
    const path = join(folder, 'dated');
    writeFileSync(path, 'abc');
    utimesSync(path, 1_700_000_000, 1_700_000_000.25);
    symlinkSync(path, join(folder, 'link'));
    assert.deepEqual(await files.stat(path, limits), {
      outcome: 'ok',
      value: { type: 'file', mode: 0, uid: 0, gid: 0, size: 3, mtime: '2023-11-14T22:13:20.250Z' },
    });
    const link = await files.stat(join(folder, 'link'), limits);
    assert.deepEqual(link, { outcome: 'unsupported', reason: 'link-not-followed' });
    const read = await files.readFile(join(folder, 'link'), limits);
    assert.equal(read.outcome === 'ok' && Buffer.from(read.value.bytes).toString(), 'abc');
  });

  it('runs a program with its arguments as they are, without input, and ends it past the cap', async () => {
    const session = engine;
    assert.ok(session);
    const program = join(folder, 'program');
    writeFileSync(program, '#!/bin/sh\ncat\nprintf "%s|" "$@"\nhead -c 300000 /dev/zero >&2\nexit 7\n');
    chmodSync(program, 0o755);
    const run = (path: string, args: readonly string[], within = limits) =>
      programByQuery(
        (parameters, given) => session.query(queries['program-output'], parameters, { ...given, deadlineMs: 60_000 }),
        path,
        windowsArguments(args),
        within,
      );
    const ran = await run(program, ['/c', 'a b', '', 'c"d', '$(x)']);
    assert.ok(ran.outcome === 'ok', JSON.stringify(ran));
    const { stdout, exitCode, truncated } = ran.value;
    assert.deepEqual([String(stdout), exitCode, truncated], ['/c|a b||c"d|$(x)|', 7, false]);
    const endless = await run('/usr/bin/yes', [], { ...limits, maxBytes: 10 });
    assert.ok(endless.outcome === 'ok', JSON.stringify(endless));
    assert.deepEqual([String(endless.value.stdout), endless.value.truncated], ['y\ny\ny\ny\ny\n', true]);
    assert.notEqual((await run(join(folder, 'nothing'), [])).outcome, 'ok');
  });
});
