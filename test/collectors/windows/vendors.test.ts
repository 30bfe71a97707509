/** What vendors print and write on Windows. */
import assert from 'node:assert/strict';
import { parseUpdateStatus } from '../../../collectors/edr/products/windows/bitdefender.ts';
import { parseWindowsRuntime } from '../../../collectors/edr/products/windows/cortex.ts';
import { esetInfo, parseEsetStatus } from '../../../collectors/edr/products/windows/eset.ts';
import { parseSentinelStatus } from '../../../collectors/edr/products/windows/sentinelone.ts';
import { windowsPathClassOf } from '../../../collectors/edr/windows-path-class.ts';
import { methodsOf, parseDirectories } from '../../../collectors/mfa/windows/exchange.ts';
import { registryValues } from '../../../collectors/registry-values.ts';

describe('what vendors print on Windows', () => {
  it('is read as SentinelOne means it', () => {
    const good =
      'Disable State: Not disabled by the user\r\nSentinelMonitor is loaded\r\nSelf-Protection status: On\r\nMonitor Build id: 22.2.3.402+a1-Release.x64\r\nSentinelAgent is loaded\r\nMitigation policy: quarantineThreat\r\n';
    const modeOf = (text: string): string | undefined => {
      const read = parseSentinelStatus(text);
      return read.ok ? read.value.mode?.mode : read.reason;
    };
    assert.equal(modeOf(good), 'active');
    assert.equal(modeOf(good.replace('quarantineThreat', 'none')), 'detect-only');
    assert.equal(
      modeOf(good.replace('SentinelMonitor is loaded', 'SentinelMonitor is not loaded')),
      'reduced-functionality',
    );
    assert.equal(modeOf(good.replace('Not disabled by the user', 'Disabled by the user')), 'disabled');
    assert.equal(modeOf(good.replace('quarantineThreat', 'somethingNew')), undefined);
    assert.equal(modeOf(good.replace(/SentinelAgent[^\n]*\n/, '')), undefined);
    assert.equal(modeOf('Access denied'), 'unexpected-output');
  });

  it('is read as ESET, Bitdefender and Cortex mean it, and refused otherwise', () => {
    const status = parseEsetStatus('{"id":1,"result":{"status":2,"description":"Achtung"},"error":null}');
    assert.ok(status.ok && status.value.vendorHealth?.healthy === false);
    assert.equal(parseEsetStatus('{"error":{"id":1}}').ok, false);
    const info = esetInfo(registryValues({ ScannerVersion: { type: 'REG_SZ', value: '28341 (20231205)' } }));
    assert.deepEqual(info.signatureUpdatedAt, { moment: { on: '2023-12-05' }, basis: 'built' });
    const update = parseUpdateStatus(
      'lastSucceededTime: 1691587153\r\nlastAttemptedTime: 1691590000\r\nlastError: -1002\r\n',
    );
    assert.ok(update.ok && update.value.signatureUpdate?.lastError === '-1002');
    const runtime = parseWindowsRuntime(
      'Type      Name     State\r\n          cyserver   Running\r\n          cyvrfsfd   Stopped\r\n',
    );
    assert.ok(runtime.ok && runtime.value.vendorHealth?.healthy === false);
    assert.equal(parseWindowsRuntime('Zugriff verweigert').ok, false);
  });

  it('keeps of a path its kind, whatever its case, slashes and variables', () => {
    const classes: Readonly<Record<string, string>> = {
      'C:\\': 'whole-system',
      '*': 'whole-system',
      'c:/windows/SYSTEM32/inetsrv/': 'iis-system',
      '%SystemRoot%\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files': 'iis-temporary',
      '%ExchangeInstallPath%FrontEnd\\HttpProxy\\owa\\auth': 'exchange-frontend-auth',
      'C:\\inetpub\\wwwroot\\aspnet_client': 'web-root',
      'C:\\Users\\*\\AppData\\Local\\Temp': 'temporary-folder',
      'C:\\Users\\Dr. Meier\\x': 'user-profile',
      'D:\\Microsoft SQL Server\\MSSQL\\Data': 'database-data',
      '\\\\srv\\share': 'network-share',
      'E:\\Praxis\\Befunde': 'other',
      'C:\\ProgramData\\*': 'shared-folder',
      '%ProgramData%\\': 'shared-folder',
      'C:\\ProgramData\\Vendor\\Data': 'program-data',
      '%ProgramFiles%': 'shared-folder',
      'C:\\Program Files\\Vendor': 'program-folder',
      'C:\\Users\\Public\\x': 'shared-folder',
    };
    for (const [path, kind] of Object.entries(classes)) assert.equal(windowsPathClassOf(path), kind, path);
  });

  it('is read as Exchange means it: the back end is no way in, bits that nobody knows are not nothing', () => {
    const row = (name: string, internalMethods: unknown) => ({
      objectClass: ['msExchOwaVirtualDirectory'],
      name,
      internalMethods,
    });
    const read = parseDirectories([row('owa (Default Web Site)', 5), row('owa (Exchange Back End)', 16)]);
    assert.ok(read.ok);
    assert.deepEqual(
      read.value.map(({ authentication }) => authentication),
      [['basic', 'forms']],
    );
    assert.equal(parseDirectories([row('owa (Exchange Back End)', 16)]).ok, false);
    assert.deepEqual(methodsOf(1 + 0x10_00_00), ['basic', 'other']);
    assert.deepEqual(methodsOf(0), ['none']);
    assert.equal(parseDirectories([row('owa', null)]).ok, false);
  });
});
