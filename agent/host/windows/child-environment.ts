/** The whole environment of what we start on Windows: folders of the system, and no more of whoever started us. */
import { join } from 'node:path/win32';
import type { SystemFolders } from './system-folders.ts';

export function windowsEnvironment(
  { windows, system32 }: SystemFolders,
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const kept = [
    'COMPUTERNAME',
    'USERNAME',
    'USERDOMAIN',
    'USERDNSDOMAIN',
    'PROCESSOR_ARCHITECTURE',
    'NUMBER_OF_PROCESSORS',
  ];
  const drive = windows.slice(0, 2);
  return {
    ...Object.fromEntries(kept.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]]))),
    SystemRoot: windows,
    windir: windows,
    SystemDrive: drive,
    ComSpec: join(system32, 'cmd.exe'),
    PATH: [system32, windows, join(system32, 'Wbem')].join(';'),
    PATHEXT: '.COM;.EXE',
    ProgramData: join(`${drive}\\`, 'ProgramData'),
    ProgramFiles: join(`${drive}\\`, 'Program Files'),
    'ProgramFiles(x86)': join(`${drive}\\`, 'Program Files (x86)'),
    TEMP: join(windows, 'Temp'),
    TMP: join(windows, 'Temp'),
    // Modules of the system alone: a user's own folder of modules could bring another Get-CimInstance.
    PSModulePath: join(system32, 'WindowsPowerShell', 'v1.0', 'Modules'),
    // about_PSModulePath: PowerShell would otherwise write its cache of modules into the profile.
    PSModuleAnalysisCachePath: 'nul',
    POWERSHELL_TELEMETRY_OPTOUT: '1',
  };
}
