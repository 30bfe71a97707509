/** Files, programs and the identity of a Windows that only its PowerShell reaches: what its answers mean. */
import assert from 'node:assert/strict';
import type { Raw } from '../../../../agent/host/machine.ts';
import { startOf } from '../../../../agent/host/windows/batch-file.ts';
import { filesByQuery, looksByQuery } from '../../../../agent/host/windows/files-by-query.ts';
import { programByQuery, windowsArguments } from '../../../../agent/host/windows/program-by-query.ts';
import { readRegistryAnswer } from '../../../../agent/host/windows/registry-values.ts';
import { readRemoteIdentity } from '../../../../agent/host/windows/remote-identity.ts';
import { encodeText } from '../../../../collectors/text.ts';

const limits = { maxBytes: 4, deadlineMs: 1000 };
const modified = '2026-01-02T03:04:05.1234567Z';
const file = { kind: 'file', link: '', size: 3, modified };

function answering(answer: Raw<unknown>): ReturnType<typeof filesByQuery> {
  return filesByQuery(() => Promise.resolve(answer));
}
const told = (value: unknown): ReturnType<typeof filesByQuery> => answering({ outcome: 'ok', value });
const missed = (outcome: 'absent' | 'denied' | 'failed', reason: string): ReturnType<typeof filesByQuery> =>
  answering({ outcome, reason });

describe('a file that a query reads', () => {
  it('is its bytes, as base64 or as numbers, cut where it is longer than asked for', async () => {
    for (const data of ['YWJj', [97, 98, 99]])
      assert.deepEqual(await told({ ...file, data }).readFile('C:\\x', limits), {
        outcome: 'ok',
        value: { bytes: Buffer.from('abc'), truncated: false },
      });
    assert.deepEqual(await told({ ...file, data: 'YWJjZGU=' }).readFile('C:\\x', limits), {
      outcome: 'ok',
      value: { bytes: Buffer.from('abcd'), truncated: true },
    });
    for (const [size, data, text] of [
      [1, 98, 'b'],
      [0, null, ''],
      [0, '', ''],
    ] as const)
      assert.deepEqual(await told({ ...file, size, data }).readFile('C:\\x', limits), {
        outcome: 'ok',
        value: { bytes: Buffer.from(text), truncated: false },
      });
  });

  it('is missed in the words of a look from inside', async () => {
    const read = (files: ReturnType<typeof filesByQuery>, path = 'C:\\x') => files.readFile(path, limits);
    const gone = { outcome: 'absent', reason: 'no-such-file' };
    assert.deepEqual(await read(missed('absent', 'not-found')), gone);
    assert.deepEqual(await read(missed('failed', 'hresult-0x80070002')), gone);
    assert.deepEqual(await read(missed('failed', 'hresult-0x80070003')), gone);
    assert.deepEqual(await read(missed('denied', 'access-denied')), { outcome: 'denied', reason: 'permission-denied' });
    assert.deepEqual(await read(missed('failed', 'hresult-0x80070020')), { outcome: 'failed', reason: 'ebusy' });
    assert.deepEqual(await read(missed('failed', 'win32-1')), { outcome: 'failed', reason: 'win32-1' });
    assert.deepEqual(await read(told({ ...file, kind: 'directory' })), { outcome: 'failed', reason: 'eisdir' });
    assert.deepEqual(await read(told(file), 'C:\\x\\NUL.txt'), { outcome: 'failed', reason: 'not-a-regular-file' });
    for (const value of [
      null,
      'x',
      { ...file, data: '!!' },
      // A file of three bytes of which none came is not known to be empty.
      { ...file, data: null },
      { ...file, data: undefined },
      { ...file, data: [256] },
      { ...file, modified: 'yesterday' },
    ])
      assert.deepEqual(await read(told(value)), { outcome: 'failed', reason: 'answer-not-understood' });
  });

  it('lies in a folder whose names are all known, or none', async () => {
    const folder = { ...file, kind: 'directory', size: 1 };
    const list = (names: unknown) => told({ ...folder, names }).list('C:\\x', { ...limits, maxBytes: 100 });
    assert.deepEqual(await list(['a', { value: 'b', PSPath: 'C:\\x\\b' }]), {
      outcome: 'ok',
      value: [encodeText('a'), encodeText('b')],
    });
    assert.deepEqual(await list('one'), { outcome: 'ok', value: [encodeText('one')] });
    assert.deepEqual(await list(null), { outcome: 'ok', value: [] });
    assert.deepEqual(await told(folder).list('C:\\x', { ...limits, maxBytes: 100 }), {
      outcome: 'failed',
      reason: 'answer-not-understood',
    });
    assert.deepEqual(await list(['a', 7]), { outcome: 'failed', reason: 'answer-not-understood' });
    assert.deepEqual(await list(['x'.repeat(101)]), { outcome: 'failed', reason: 'too-many-entries' });
    assert.deepEqual(await told(file).list('C:\\x', limits), { outcome: 'absent', reason: 'no-such-file' });
  });

  it('is told by kind, size and date; of a link nothing is told that could be its own', async () => {
    assert.deepEqual(await told(file).stat('C:\\x', limits), {
      outcome: 'ok',
      value: { type: 'file', mode: 0, uid: 0, gid: 0, size: 3, mtime: '2026-01-02T03:04:05.123Z' },
    });
    const link = told({ ...file, link: 'SymbolicLink' });
    assert.deepEqual(await link.stat('C:\\x', limits), { outcome: 'unsupported', reason: 'link-not-followed' });
    assert.equal((await told({ ...file, link: 'HardLink' }).stat('C:\\x', limits)).outcome, 'ok');
    // Whether it is there is known all the same.
    assert.equal(await looksByQuery(link, limits).gone('C:\\x'), undefined);
    assert.deepEqual(await looksByQuery(missed('denied', 'access-denied'), limits).gone('C:\\x'), {
      outcome: 'denied',
      reason: 'permission-denied',
    });
  });
});

describe('a program that a query runs', () => {
  it('gets its arguments back as they were', () => {
    assert.equal(windowsArguments(['/c', 'GetVersion', 'product']), '/c GetVersion product');
    assert.equal(windowsArguments(['', 'a b', 'c"d', 'e\\', 'f g\\']), '"" "a b" "c\\"d" e\\ "f g\\\\"');
    assert.equal(windowsArguments([String.raw`a b\"c`]), String.raw`"a b\\\"c"`);
  });

  it('is cmd.exe for a batch file, where none of its words means anything to cmd.exe', () => {
    const folders = { system32: String.raw`C:\Windows\System32` };
    const trend = String.raw`C:\Program Files\Trend Micro (x86)\dsa_query.cmd`;
    assert.deepEqual(startOf(trend, ['-c', 'GetAgentStatus'], folders), {
      file: String.raw`C:\Windows\System32\cmd.exe`,
      args: ['/d', '/s', '/c', `""${trend}" -c GetAgentStatus"`],
      verbatim: true,
    });
    for (const [program, word] of [
      [trend, 'a&calc'],
      [trend, '%PATH%'],
      [trend, 'a b'],
      [trend, '"'],
      [trend, ''],
      [String.raw`C:\100%\x.bat`, 'a'],
      [String.raw`C:\a&b\x.CMD`, 'a'],
    ] as const)
      assert.equal(startOf(program, [word], folders), undefined, `${program} ${word}`);
    const plain = { file: String.raw`C:\x.exe`, args: ['a&b'], verbatim: false };
    assert.deepEqual(startOf(plain.file, plain.args, folders), plain);
  });

  it('gives bytes and an exit code, or nothing that could pass for them', async () => {
    const value = { exitCode: 3, stdout: 'YQ==', truncated: false };
    const run = (answer: unknown) =>
      programByQuery(() => Promise.resolve({ outcome: 'ok', value: answer }), 'C:\\x.exe', '', limits);
    assert.deepEqual(await run(value), {
      outcome: 'ok',
      value: { ...value, stdout: Buffer.from('a'), stderr: Buffer.alloc(0), signal: undefined },
    });
    for (const broken of [null, {}, { ...value, exitCode: null }, { ...value, truncated: undefined }])
      assert.deepEqual(await run(broken), { outcome: 'failed', reason: 'answer-not-understood' });
  });
});

describe('the identity of a Windows by its registry', () => {
  const text = (value: string) => ({ kind: 'String', value });
  const number = (value: number) => ({ kind: 'DWord', value });
  const machine = 'HKEY_LOCAL_MACHINE';
  const version = (values: object) => ({ key: `${machine}\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion`, values });
  const product = (type: string) => ({
    key: `${machine}\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions`,
    values: { ProductType: text(type) },
  });
  const current = {
    CurrentMajorVersionNumber: number(10),
    CurrentMinorVersionNumber: number(0),
    CurrentBuildNumber: text('26100'),
    ProductName: text('Windows 10 Pro'),
    SystemRoot: text(String.raw`C:\Windows`),
  };

  it('has the words that Node has from inside', () => {
    const network = {
      key: `${machine}\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters`,
      values: { Hostname: text('APP01') },
    };
    assert.deepEqual(readRemoteIdentity({ keys: [version(current), network, product('WinNT')] }, 'AMD64'), {
      systemRoot: String.raw`C:\Windows`,
      identity: {
        hostname: 'APP01',
        kernelRelease: '10.0.26100',
        kernelVersion: 'Windows 11 Pro',
        architecture: 'x64',
      },
    });
    const server = readRemoteIdentity({ keys: [version(current), product('ServerNT')] }, 'ARM64').identity;
    assert.deepEqual([server.kernelVersion, server.architecture], ['Windows 10 Pro', 'arm64']);
    const old = { CurrentVersion: text('6.3'), CurrentBuildNumber: text('9600'), CSDVersion: text('Service Pack 1') };
    const before = readRemoteIdentity({ keys: [version({ ...old, ProductName: text('Windows Server 2012 R2') })] }, '');
    assert.deepEqual(before.identity, {
      kernelRelease: '6.3.9600',
      kernelVersion: 'Windows Server 2012 R2 Service Pack 1',
    });
  });

  it('leaves out what could not be read', () => {
    assert.deepEqual(readRemoteIdentity({ keys: [{ key: version({}).key, error: { hresults: ['80070005'] } }] }, ''), {
      systemRoot: undefined,
      identity: {},
    });
  });
});

describe('names of registry keys as Windows PowerShell 5.1 writes them', () => {
  const below = (value: unknown) =>
    readRegistryAnswer({ keys: [{ key: 'HKEY_LOCAL_MACHINE\\A', values: {}, keys: { value } }] }).get(
      'hkey_local_machine\\a',
    );
  it('are strings with members of their own', () => {
    assert.deepEqual(below([{ value: 'Sub', PSPath: 'x' }, 'Other']), {
      outcome: 'ok',
      value: { values: {}, keys: ['Other', 'Sub'] },
    });
    assert.deepEqual(below({ value: ['a', 'b'], Count: 2 }), {
      outcome: 'ok',
      value: { values: {}, keys: ['a', 'b'] },
    });
  });
  it('are not known at all where one is not understood', () => {
    assert.deepEqual(below(['Sub', 7]), { outcome: 'ok', value: { values: {} } });
  });
});
