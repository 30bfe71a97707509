import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../../../agent/host/machine.ts';
import { type OpenedRecording, openRecording } from '../../../agent/host/replay.ts';
import { temporaryFolder } from './temporary-folder.ts';

const limits = { maxBytes: 1000, deadlineMs: 1000 };
const notRecorded = { outcome: 'unsupported', reason: 'not-recorded' };

describe('a recorded machine', () => {
  const folder = temporaryFolder();
  let count = 0;

  function write(recording: object | string, files: Readonly<Record<string, string>> = {}): string {
    count += 1;
    const place = join(folder(), `recording-${count}`);
    mkdirSync(place);
    const index =
      typeof recording === 'string'
        ? recording
        : JSON.stringify({ format: 'affiant-recording/1', os: 'linux', ...recording });
    writeFileSync(join(place, 'host.json'), index);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text);
    return place;
  }

  function opened(recording: object, files: Readonly<Record<string, string>> = {}): OpenedRecording {
    const result = openRecording(write(recording, files));
    assert.ok(result.ok, JSON.stringify(result));
    return result.value;
  }

  function refusalOf(place: string): { code: string; message: string; pointer?: string } {
    const result = openRecording(place);
    assert.ok(!result.ok);
    return result.refusal;
  }

  const stdoutOf = async (machine: Machine, programs: string[], ...args: string[]): Promise<string> => {
    const raw = await machine.run({ programs, args }, limits);
    return raw.outcome === 'ok' ? Buffer.from(raw.value.stdout).toString() : `${raw.outcome} ${raw.reason}`;
  };

  it('gives files as text, as base64 and from the folder, cut at the cap', async () => {
    const { machine } = opened(
      { files: { '/a': { text: 'ä' }, '/b': { base64: 'APY=' }, '/c': { file: 'c.txt' } } },
      { 'c.txt': 'x'.repeat(1001) },
    );
    const read = async (path: string) => {
      const raw = await machine.readFile(path, limits);
      assert.ok(raw.outcome === 'ok');
      return [Buffer.from(raw.value.bytes).toString('latin1'), raw.value.truncated];
    };
    assert.deepEqual(await read('/a'), ['\u00c3\u00a4', false]);
    assert.deepEqual(await read('/b'), ['\0\u00f6', false]);
    assert.deepEqual(await read('/c'), ['x'.repeat(1000), true]);
  });

  it('keeps the outcomes apart, and a reason of its own where one is recorded', async () => {
    const { machine } = opened({
      files: {
        '/absent': { outcome: 'absent' },
        '/denied': { outcome: 'denied' },
        '/late': { outcome: 'timed-out' },
        '/eio': { outcome: 'failed', reason: 'eio' },
      },
      lists: { '/closed': { outcome: 'denied' } },
      links: { '/link': 'target', '/none': { outcome: 'absent', reason: 'not-a-link' } },
    });
    assert.deepEqual(await machine.readFile('/absent', limits), { outcome: 'absent', reason: 'no-such-file' });
    assert.deepEqual(await machine.readFile('/denied', limits), { outcome: 'denied', reason: 'permission-denied' });
    assert.deepEqual(await machine.readFile('/late', limits), { outcome: 'timed-out', reason: 'deadline' });
    assert.deepEqual(await machine.readFile('/eio', limits), { outcome: 'failed', reason: 'eio' });
    assert.deepEqual(await machine.list('/closed', limits), { outcome: 'denied', reason: 'permission-denied' });
    assert.deepEqual(await machine.readLink('/link', limits), {
      outcome: 'ok',
      value: new TextEncoder().encode('target'),
    });
    assert.deepEqual(await machine.readLink('/none', limits), { outcome: 'absent', reason: 'not-a-link' });
  });

  it('never calls what was not recorded absent (symptom: a fixture without a file passes as "not installed")', async () => {
    const { machine } = opened({
      files: { '/etc/pam.d/sshd': { text: '' } },
      commands: [{ argv: ['dpkg-query', '-W'] }],
    });
    assert.deepEqual(await machine.readFile('/etc/other', limits), notRecorded);
    assert.deepEqual(await machine.list('/etc/pam.d', limits), notRecorded, 'a file in a folder is no listing of it');
    assert.deepEqual(await machine.stat('/etc/pam.d/sshd', limits), notRecorded);
    assert.deepEqual(await machine.readLink('/etc/localtime', limits), notRecorded);
    assert.deepEqual(await machine.run({ programs: ['/usr/bin/dpkg-query'], args: ['-l'] }, limits), notRecorded);
    assert.deepEqual(await machine.registry('HKLM\\X', limits), notRecorded);
    assert.deepEqual(await machine.query('X', limits), notRecorded);
    assert.deepEqual(await machine.system('bios', limits), notRecorded);
    assert.deepEqual(await machine.identity(), notRecorded);
    assert.equal(machine.privilege('own'), 'user');
  });

  it('throws at what was not recorded where it is strict', async () => {
    const { machine } = opened({ strict: true, host: { hostname: 'web1' } });
    await assert.rejects(machine.readFile('/etc/other', limits), /strict recording .* \/etc\/other/);
    await assert.rejects(machine.run({ programs: ['/usr/bin/apt'], args: ['list'] }, limits), /apt list/);
  });

  it('knows that a file which is absent has no attributes, and the other way round', async () => {
    const { machine } = opened({ files: { '/a': { outcome: 'absent' } }, stats: { '/b': { outcome: 'absent' } } });
    assert.equal((await machine.stat('/a', limits)).outcome, 'absent');
    assert.equal((await machine.readFile('/b', limits)).outcome, 'absent');
    assert.equal((await machine.list('/b', limits)).outcome, 'absent');
  });

  it('gives attributes only where all of them were recorded', async () => {
    const whole = { type: 'file', mode: '4755', uid: 0, gid: 0, size: 1, mtime: '2026-01-02T03:04:05Z' };
    const { machine } = opened({ stats: { '/whole': whole, '/half': { type: 'file' } } });
    assert.deepEqual(await machine.stat('/whole', limits), { outcome: 'ok', value: { ...whole, mode: 0o4755 } });
    assert.deepEqual(await machine.stat('/half', limits), notRecorded);
  });

  it('finds commands by base name, takes the longest match, and lets a last * stand for any rest', async () => {
    const { machine } = opened({
      commands: [
        { argv: ['tool', '*'], stdout: 'any' },
        { argv: ['/opt/x/tool', 'show', '*'], stdout: 'show any' },
        { argv: ['tool', 'show', 'one'], stdout: 'show one' },
        { argv: ['tool', 'show', 'one', '*'], stdout: 'show one any' },
        { argv: ['other', 'a*'], stdout: 'a star' },
        { argv: ['denied'], outcome: 'denied' },
        { argv: ['gone', '*'], outcome: 'absent' },
      ],
    });
    assert.equal(await stdoutOf(machine, ['/usr/bin/tool']), 'any');
    assert.equal(await stdoutOf(machine, ['/usr/bin/tool'], 'hide'), 'any');
    assert.equal(await stdoutOf(machine, ['/usr/bin/tool'], 'show'), 'show any');
    assert.equal(await stdoutOf(machine, ['/usr/bin/tool'], 'show', 'two'), 'show any');
    assert.equal(await stdoutOf(machine, ['/usr/bin/tool'], 'show', 'one'), 'show one');
    assert.equal(await stdoutOf(machine, ['/usr/bin/tool'], 'show', 'one', 'x'), 'show one any');
    assert.equal(await stdoutOf(machine, ['/usr/bin/other'], 'ab'), 'unsupported not-recorded');
    assert.equal(await stdoutOf(machine, ['/usr/bin/denied']), 'denied permission-denied');
    assert.equal(await stdoutOf(machine, ['/usr/bin/gone'], 'x'), 'absent no-such-program');
    assert.equal(await stdoutOf(machine, ['/usr/bin/gone', '/usr/bin/tool'], 'x'), 'any');
    assert.equal(await stdoutOf(machine, ['/usr/bin/gone', '/usr/bin/unknown'], 'x'), 'unsupported not-recorded');
  });

  it('gives successive answers, of which the last one stays', async () => {
    const sequence = [{ stdout: '1' }, { outcome: 'timed-out' }, { stdoutFile: 'three' }];
    const { machine } = opened({ commands: [{ argv: ['clock'], sequence }] }, { three: '3' });
    const answers = [];
    for (let turn = 0; turn < 4; turn += 1) answers.push(await stdoutOf(machine, ['/bin/clock']));
    assert.deepEqual(answers, ['1', 'timed-out deadline', '3', '3']);
  });

  it('gives exit code and signal as recorded, and 0 where neither is', async () => {
    const commands = [{ argv: ['a'] }, { argv: ['b'], exitCode: 3, stderr: 'e' }, { argv: ['c'], signal: 'SIGSEGV' }];
    const { machine } = opened({ commands });
    const end = async (program: string) => {
      const raw = await machine.run({ programs: [program], args: [] }, limits);
      assert.ok(raw.outcome === 'ok');
      return [raw.value.exitCode, raw.value.signal, Buffer.from(raw.value.stderr).toString()];
    };
    assert.deepEqual(await end('/a'), [0, undefined, '']);
    assert.deepEqual(await end('/b'), [3, undefined, 'e']);
    assert.deepEqual(await end('/c'), [undefined, 'SIGSEGV', '']);
  });

  it('ignores case in paths and registry keys of Windows, and only there', async () => {
    const files = { 'C:\\Windows\\A.txt': { text: 'a' }, '/etc/A': { text: 'a' } };
    const registry = { 'HKLM\\SOFTWARE\\X': { values: { UBR: { type: 'REG_DWORD', value: 1 } } } };
    const windows = opened({ os: 'windows', files, registry, user: { name: 'SYSTEM', elevated: true } }).machine;
    assert.equal((await windows.readFile('c:/windows/a.TXT', limits)).outcome, 'ok');
    assert.deepEqual(await windows.registry('HKEY_LOCAL_MACHINE\\software\\x', limits), {
      outcome: 'ok',
      value: { values: { UBR: { type: 'REG_DWORD', value: 1 } } },
    });
    assert.equal(windows.privilege('own'), 'system');
    assert.deepEqual(await opened({ files }).machine.readFile('/etc/a', limits), notRecorded);
  });

  it('gives queries as objects, from a file with a byte order mark too, and their errors by HRESULT', async () => {
    const error = { hresult: '0x800106BA', message: 'not running' };
    const queries = {
      A: { json: [1] },
      B: { jsonFile: 'b.json' },
      C: { error },
      D: { outcome: 'timed-out' },
      E: { json: null },
    };
    const { machine } = opened({ os: 'windows', queries }, { 'b.json': '\uFEFF{"x": 1}' });
    assert.deepEqual(await machine.query('A', limits), { outcome: 'ok', value: [1] });
    assert.deepEqual(await machine.query('B', limits), { outcome: 'ok', value: { x: 1 } });
    assert.deepEqual(await machine.query('C', limits), {
      outcome: 'failed',
      reason: 'hresult-0x800106ba',
      detail: 'not running',
    });
    assert.deepEqual(await machine.query('D', limits), { outcome: 'timed-out', reason: 'deadline' });
    assert.deepEqual(await machine.query('E', limits), { outcome: 'ok', value: null });
  });

  it('gives of the identity what was recorded and nothing else', async () => {
    const { machine } = opened({ host: { hostname: { bytes: '9g==' } }, user: { uid: 0, elevated: true } });
    const identity = await machine.identity();
    assert.deepEqual(identity, { outcome: 'ok', value: { hostname: '\udcf6', uid: 0, elevated: true } });
    assert.equal(machine.privilege('own'), 'root');
  });

  it('names what nobody has read', async () => {
    const { machine, unread } = opened({
      files: { '/a/b': { text: '' }, '/c': { text: '' } },
      commands: [{ argv: ['x'] }, { argv: ['y'] }],
      system: { uuid: {} },
    });
    await machine.readFile('/c', limits);
    await machine.run({ programs: ['/x'], args: [] }, limits);
    assert.deepEqual(unread(), ['/files/~1a~1b', '/system/uuid', '/commands/1']);
  });

  it('refuses a missing file before anything runs, naming file and pointer', () => {
    const recording = { commands: [{ argv: ['a'] }, { argv: ['b'], sequence: [{ stdoutFile: 'gone.txt' }] }] };
    const { code, message, pointer } = refusalOf(write(recording));
    assert.deepEqual([code, pointer], ['recording-file-missing', '/commands/1/sequence/0/stdoutFile']);
    assert.match(message, /gone\.txt/);
    const file = refusalOf(write({ files: { '/etc/x': { file: 'x.txt' } } }));
    assert.equal(file.pointer, '/files/~1etc~1x/file');
    assert.equal(refusalOf(write({ queries: { Q: { jsonFile: 'q.json' } } })).pointer, '/queries/Q/jsonFile');
  });

  it('refuses files outside the folder, by path or by link', () => {
    for (const file of ['../host.json', '/etc/passwd', 'a/../../b', 'C:\\x', '..\\x'])
      assert.equal(refusalOf(write({ files: { '/x': { file } } })).code, 'recording-file-outside', file);
    const place = write({ files: { '/x': { file: 'link' } } });
    symlinkSync('/etc/passwd', join(place, 'link'));
    assert.equal(refusalOf(place).code, 'recording-file-outside');
    const nested = write({ files: { '/x': { file: 'out/passwd' } } });
    symlinkSync('/etc', join(nested, 'out'));
    assert.equal(refusalOf(nested).code, 'recording-file-outside');
    const folderItself = write({ files: { '/x': { file: 'sub' } } });
    mkdirSync(join(folderItself, 'sub'));
    assert.equal(refusalOf(folderItself).code, 'recording-file-unreadable');
  });

  it('refuses an index that is missing, no JSON, doubled or not of the format, with the pointer', () => {
    assert.equal(refusalOf(join(folder(), 'nowhere')).code, 'recording-unreadable');
    assert.equal(refusalOf(write('{')).code, 'json-syntax');
    const doubled = refusalOf(
      write('{"format":"affiant-recording/1","os":"linux","files":{"/a":{"text":""},"/a":{"text":"b"}}}'),
    );
    assert.deepEqual([doubled.code, doubled.pointer], ['json-duplicate-key', '/files/~1a']);
    const unknown = refusalOf(write({ files: { '/a': { mode: '0644' } } }));
    assert.deepEqual([unknown.code, unknown.pointer], ['schema-violation', '/files/~1a/mode']);
    assert.equal(refusalOf(write({ files: { '/a': { text: 'x', outcome: 'denied' } } })).code, 'schema-violation');
    assert.equal(
      refusalOf(write({ queries: { Q: { jsonFile: 'q' } } }, { q: 'not json' })).code,
      'recording-file-not-json',
    );
  });
});
