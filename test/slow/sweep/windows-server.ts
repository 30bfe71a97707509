/** A recorded Windows that the windows servers of the tests are put together to: all five documents, files and a program among them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memberServer } from '../../collectors/windows/member-server.ts';
import type { WindowsMachine } from '../../powershell/engine-machine.ts';
import { windowsFolder } from './windows-lab.ts';

const fixture = join(import.meta.dirname, '../../fixtures/windows/windows-2022-ja.json');
const bitdefender = String.raw`C:\Program Files\Bitdefender\Endpoint Security`;
const console = `${bitdefender}\\product.console.exe`;
const ssh = String.raw`C:\ProgramData\ssh`;
/** TrustedInstaller's, and nobody else's to change. */
const guarded = 'O:SYG:SYD:(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x1200a9;;;BU)';
const version = String.raw`HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion`;
const network = String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters`;

/** The directory is read at a moment that does not change. */
export const fixedClock = `function Get-Date { return [datetime]::SpecifyKind([datetime]'2026-11-29T00:00:00', 'Utc') }\n\n`;

/** `hostKey` is the public key that lies there as the server's own. */
export function windowsServer(hostKey: string): WindowsMachine {
  const base = JSON.parse(readFileSync(fixture, 'utf8')) as WindowsMachine;
  const member = memberServer('ja');
  const services = member.cim?.['Win32_Service'];
  const bitdefenderService = {
    Name: 'EPSecurityService',
    State: 'Running',
    StartMode: 'Auto',
    StartName: 'LocalSystem',
    PathName: `"${bitdefender}\\EPSecurityService.exe"`,
    ExitCode: 0,
  };
  const registry = { ...base.registry, ...member.registry };
  const old = base.registry?.[version];
  const values = old !== undefined && 'values' in old ? old.values : {};
  return {
    ...base,
    ...member,
    caller: { user: String.raw`APP01\affiant`, sid: 'S-1-5-21-1-2-3-1105', elevated: true },
    identity: { ...base.identity, user: String.raw`APP01\affiant` },
    cim: {
      ...base.cim,
      ...member.cim,
      Win32_Service: [...(Array.isArray(services) ? services : []), bitdefenderService],
    },
    com: { ...base.com, ...member.com },
    registry: {
      ...registry,
      [version]: { values: { ...values, SystemRoot: { kind: 'String', value: windowsFolder } } },
      [network]: { values: { Hostname: { kind: 'String', value: base.identity.hostname } } },
    },
    folders: {
      [ssh]: ['sshd_config', 'ssh_host_ed25519_key', 'ssh_host_ed25519_key.pub'],
      [bitdefender]: ['product.console.exe'],
    },
    files: {
      ...base.files,
      ...member.files,
      [`${ssh}\\ssh_host_ed25519_key.pub`]: { text: hostKey },
      ...Object.fromEntries(
        [console, bitdefender, String.raw`C:\Program Files\Bitdefender`, String.raw`C:\Program Files`, 'C:\\'].map(
          (path) => [path, { text: guarded }],
        ),
      ),
    },
    programs: {
      [`${console} /c GetVersion product`]: { stdout: '7.9.5.318\r\n' },
      [`${console} /c GetVersion antivirus`]: { stdout: '7.95000\r\n' },
      [`${console} /c GetUpdateStatus antivirus`]: {
        stdout: 'lastSucceededTime: 1691587153\r\nlastAttemptedTime: 1691587153\r\nlastError: 0\r\n',
      },
    },
  };
}
