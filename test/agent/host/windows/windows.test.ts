import assert from 'node:assert/strict';
import { windowsEnvironment } from '../../../../agent/host/windows/child-environment.ts';
import { readWindowsIdentity } from '../../../../agent/host/windows/identity.ts';
import { parseRegQuery } from '../../../../agent/host/windows/reg-query.ts';
import { createRegistryReader, fullKey } from '../../../../agent/host/windows/registry-batch.ts';
import { readRegistryAnswer } from '../../../../agent/host/windows/registry-values.ts';
import { readDescriptor, strangersIn } from '../../../../agent/host/windows/sddl.ts';
import { systemFolders } from '../../../../agent/host/windows/system-folders.ts';
import { isDevicePath } from '../../../../agent/host/windows/windows-files.ts';

const limits = { maxBytes: 1000, deadlineMs: 1000 };

describe('the registry of Windows', () => {
  it('is read with one query for all keys that are asked for at once', async () => {
    const asked: (readonly string[])[] = [];
    const read = createRegistryReader(async (keys) => {
      asked.push(keys);
      return { outcome: 'ok', value: { keys: keys.map((key) => ({ key, values: {}, keys: { value: null } })) } };
    });
    const answers = await Promise.all(['HKLM\\A', 'HKLM\\B', 'HKLM\\A'].map((key) => read(key, limits)));
    assert.deepEqual(asked, [['HKEY_LOCAL_MACHINE\\A', 'HKEY_LOCAL_MACHINE\\B']]);
    assert.deepEqual(answers[0], { outcome: 'ok', value: { values: {}, keys: [] } });
    assert.deepEqual(await read('C:\\x', limits), { outcome: 'failed', reason: 'invalid-key' });
  });

  it('gives the query’s own miss to every key, and a failure to a key that it forgot', async () => {
    const late = createRegistryReader(async () => ({ outcome: 'timed-out', reason: 'deadline' }));
    assert.deepEqual(await late('HKLM\\A', limits), { outcome: 'timed-out', reason: 'deadline' });
    const forgetful = createRegistryReader(async () => ({ outcome: 'ok', value: { keys: [] } }));
    assert.deepEqual(await forgetful('HKLM\\A', limits), { outcome: 'failed', reason: 'answer-not-understood' });
  });

  it('tells absent from denied, keeps numbers unsigned and lists of one as lists', () => {
    const answers = readRegistryAnswer({
      keys: [
        { key: 'HKEY_LOCAL_MACHINE\\N', error: { type: 'ItemNotFoundException' } },
        { key: 'HKEY_LOCAL_MACHINE\\D', error: { hresults: ['80070005'] } },
        {
          key: 'HKEY_LOCAL_MACHINE\\A',
          values: {
            d: { kind: 'DWord', value: -1 },
            m: { kind: 'MultiString', value: 'one' },
            b: { kind: 'Bytes', value: [0, 255] },
          },
          keys: { value: 'Sub' },
        },
        { key: 'HKEY_LOCAL_MACHINE\\H', values: {}, keys: { error: { hresults: ['80070005'] } } },
      ],
    });
    assert.deepEqual(answers.get('hkey_local_machine\\n'), { outcome: 'absent', reason: 'no-such-key' });
    assert.deepEqual(answers.get('hkey_local_machine\\d'), { outcome: 'denied', reason: 'access-denied' });
    assert.deepEqual(answers.get('hkey_local_machine\\a'), {
      outcome: 'ok',
      value: {
        values: {
          d: { type: 'REG_DWORD', value: 4_294_967_295 },
          m: { type: 'REG_MULTI_SZ', value: ['one'] },
          b: { type: 'REG_BINARY', value: 'AP8=' },
        },
        keys: ['Sub'],
      },
    });
    assert.deepEqual(answers.get('hkey_local_machine\\h'), { outcome: 'ok', value: { values: {} } });
  });

  it('is read by reg.exe where PowerShell may not run, in any language', () => {
    const key = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\X Y';
    const text = `\r\n${key}\r\n    (par défaut)    REG_SZ    a    b\r\n    UBR    REG_DWORD    0xa8c\r\n    Empty    REG_SZ\r\n    M    REG_MULTI_SZ    a\\0b\r\n\r\n${key}\\Sub\r\n`;
    assert.deepEqual(parseRegQuery(text, key), {
      outcome: 'ok',
      value: {
        values: {
          '': { type: 'REG_SZ', value: 'a    b' },
          UBR: { type: 'REG_DWORD', value: 2700 },
          Empty: { type: 'REG_SZ', value: '' },
          M: { type: 'REG_MULTI_SZ', value: ['a', 'b'] },
        },
        keys: ['Sub'],
      },
    });
    assert.equal(parseRegQuery('garbage\r\n', key).outcome, 'failed');
    assert.equal(fullKey('hklm\\a\\b'), 'HKEY_LOCAL_MACHINE\\a\\b');
    assert.equal(fullKey('HKLM\\a\\\\b'), undefined);
  });
});

describe('who may change a file of Windows', () => {
  const system32 =
    'O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464G:SYD:PAI(A;;FA;;;S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464)(A;;0x1200a9;;;BA)(A;;0x1200a9;;;BU)';
  const drive =
    'O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464D:AI(A;;FA;;;SY)(A;;LC;;;AU)(A;OICIIO;SDGXGWGR;;;AU)(A;OICIIO;GA;;;CO)(A;;0x1200a9;;;BU)';
  const strangers = (sddl: string, kind: 'file' | 'folder-above' = 'file'): readonly string[] | undefined => {
    const descriptor = readDescriptor(sddl, kind);
    return descriptor === undefined ? undefined : strangersIn(descriptor);
  };

  it('is nobody but the masters of the machine for what Windows ships', () => {
    assert.deepEqual(strangers(system32), []);
    assert.deepEqual(strangers(drive, 'folder-above'), []);
  });

  it('is found in letters and in bits, as owner and by rules, and denied rules count for nothing', () => {
    assert.deepEqual(strangers('O:BAD:(A;;FA;;;BU)'), ['BU']);
    assert.deepEqual(strangers('O:BAD:(A;;0x1301bf;;;S-1-5-21-1-2-3-1001)'), ['S-1-5-21-1-2-3-1001']);
    assert.deepEqual(strangers('O:S-1-5-21-1-2-3-1001D:(A;;FA;;;SY)'), ['S-1-5-21-1-2-3-1001']);
    assert.deepEqual(strangers('O:BAD:(D;;FA;;;BU)(A;;FR;;;BU)'), []);
    assert.deepEqual(strangers('O:BAD:(A;;DCLC;;;BU)', 'folder-above'), []);
    assert.deepEqual(strangers('O:BAD:(A;;DCLC;;;BU)'), ['BU']);
    assert.deepEqual(strangers('O:BAD:(A;;DT;;;BU)', 'folder-above'), ['BU']);
  });

  it('is not known without an owner or a list of rules', () => {
    for (const sddl of ['', 'O:BA', 'D:(A;;FA;;;SY)', 'O:BAD:NO_ACCESS_CONTROL'])
      assert.equal(strangers(sddl), undefined);
  });
});

describe('a Windows machine', () => {
  it('has its system folder where the loader says, not where a variable does', () => {
    const loaded = { sharedObjects: ['D:\\app\\node.exe', 'E:\\WINNT\\SYSTEM32\\ntdll.dll'] };
    assert.deepEqual(systemFolders(loaded, 64, true), { windows: 'E:\\WINNT', system32: 'E:\\WINNT\\System32' });
    assert.equal(systemFolders(loaded, 32, true).system32, 'E:\\WINNT\\Sysnative');
    assert.equal(systemFolders({}, 64, true).windows, 'C:\\Windows');
  });

  it('gives its children folders of the system and nothing that steers them', () => {
    const env = windowsEnvironment(systemFolders({}, 64, true), {
      SystemRoot: 'C:\\evil',
      PSModulePath: 'C:\\evil',
      __PSLockdownPolicy: '0',
      COR_PROFILER: '{x}',
      COMPUTERNAME: 'SRV1',
    });
    assert.ok(!JSON.stringify(env).includes('evil'));
    assert.equal(env['COMPUTERNAME'], 'SRV1');
    assert.equal(env['COR_PROFILER'], undefined);
    assert.equal(env['__PSLockdownPolicy'], undefined);
  });

  it('opens no device, by whatever name', () => {
    for (const path of ['C:\\x\\CON', 'C:\\NUL.txt', 'C:\\com1:', 'C:\\aux .log\\x'])
      assert.ok(isDevicePath(path), path);
    for (const path of ['C:\\config', 'C:\\null\\x', 'C:\\lpt0x']) assert.ok(!isDevicePath(path), path);
  });

  it('claims no right that nothing shows', () => {
    const own = { hostname: 'SRV1' };
    assert.deepEqual(readWindowsIdentity(undefined, own), { privilege: 'user', identity: own });
    const caller = (given: object) => readWindowsIdentity({ caller: { value: given } }, own).privilege;
    assert.equal(caller({ user: 'X\\a', sid: 'S-1-5-21-1', elevated: true }), 'administrator');
    assert.equal(caller({ user: 'X\\a', sid: 'S-1-5-21-1', elevated: false }), 'user');
    assert.equal(caller({ user: 'x', sid: 'S-1-5-18', elevated: true }), 'system');
    const groups = (level: string) =>
      readWindowsIdentity(
        { account: 'a', caller: { error: {} }, groups: { value: [`"Mandatory Label","Label","${level}",""`] } },
        own,
      );
    assert.equal(groups('S-1-16-12288').privilege, 'administrator');
    assert.equal(groups('S-1-16-8192').privilege, 'user');
    assert.equal(groups('S-1-16-8192').identity.elevated, false);
  });
});
