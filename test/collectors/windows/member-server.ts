/**
 * A recorded member server as the real engine sees it: what CIM classes, registry, ADSI, LDAP and tools give, by
 * Microsoft's documentation and the published samples that the field names follow. Names are in the language
 * of the server; nothing that decides is.
 */
import type { RecordedWindows } from '../../powershell/engine.ts';
import { auditLines, rightLines } from './audit-lines.ts';
import { baseRegistry } from './base-registry.ts';
import { directory, distinguished, group, user } from './directory.ts';
import { domain, machine, people, sidBytes } from './identities.ts';
import { type Language, words } from './languages.ts';

type Service = {
  Name: string;
  State: string;
  StartMode: string;
  PathName?: string;
  StartName?: string;
  ExitCode?: number;
};

const service = (name: string, path: string, more: Partial<Service> = {}): Service & { DelayedAutoStart: boolean } => ({
  Name: name,
  State: 'Running',
  StartMode: 'Auto',
  DelayedAutoStart: false,
  PathName: path,
  StartName: 'LocalSystem',
  ExitCode: 0,
  ...more,
});

const defender = {
  AMEngineVersion: '1.1.24050.5',
  AMProductVersion: '4.18.24050.7',
  AMRunningMode: 'Normal',
  AMServiceEnabled: true,
  AntivirusEnabled: true,
  AntivirusSignatureAge: 0,
  'date:AntivirusSignatureLastUpdated': '2026-11-28T05:10:00Z',
  AntivirusSignatureVersion: '1.413.209.0',
  BehaviorMonitorEnabled: true,
  ComputerState: 0,
  DefenderSignaturesOutOfDate: false,
  FullScanAge: 4_294_967_295,
  FullScanEndTime: null,
  IoavProtectionEnabled: true,
  IsTamperProtected: true,
  NISEnabled: true,
  OnAccessProtectionEnabled: true,
  QuickScanAge: 0,
  'date:QuickScanEndTime': '2026-11-28T02:00:00Z',
  RealTimeProtectionEnabled: true,
  TamperProtectionSource: 'ATP',
  TroubleShootingMode: 'Disabled',
};

export const namespace = 'root/Microsoft/Windows/Defender';

export const preference = {
  ExclusionPath: [String.raw`C:\SQL\Data`],
  ExclusionProcess: null,
  ExclusionExtension: null,
  ExclusionIpAddress: null,
  AttackSurfaceReductionRules_Ids: ['56A863A9-875E-4185-98A7-B882C64B5CE5'],
  AttackSurfaceReductionRules_Actions: [1],
  MAPSReporting: 2,
  CloudBlockLevel: 2,
  SubmitSamplesConsent: 1,
  ScanPurgeItemsAfterDelay: 30,
  DisableRealtimeMonitoring: false,
};

const log = (name: string, oldest: string): Record<string, unknown> => ({
  [name]: {
    LogName: name,
    IsEnabled: true,
    LogMode: 'Circular',
    MaximumSizeInBytes: 1_073_741_824,
    RecordCount: 1,
    oldest,
  },
});

/** A healthy member server with a directory that answers. */
export function memberServer(language: Language): RecordedWindows {
  const w = words[language];
  return {
    caller: { user: `${w.authority}\\${w.system}`, sid: 'S-1-5-18', elevated: true },
    cim: {
      Win32_ComputerSystem: [{ Name: 'SRV1', Domain: 'corp.example', DomainRole: 3 }],
      Win32_Service: [
        service(
          'WinDefend',
          String.raw`"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.24050.7-0\MsMpEng.exe"`,
        ),
        service(
          'WdNisSvc',
          String.raw`"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.24050.7-0\NisSrv.exe"`,
          { StartMode: 'Manual' },
        ),
        service('Sense', String.raw`"C:\Program Files\Windows Defender Advanced Threat Protection\MsSense.exe"`, {
          State: 'Stopped',
          StartMode: 'Manual',
          ExitCode: 1077,
        }),
        service('EventLog', String.raw`C:\Windows\System32\svchost.exe -k LocalServiceNetworkRestricted -p`, {
          StartName: String.raw`NT AUTHORITY\LocalService`,
        }),
        service('WinRM', String.raw`C:\Windows\System32\svchost.exe -k NetworkService -p`, {
          StartName: String.raw`NT AUTHORITY\NetworkService`,
        }),
        service('SQLAgent', String.raw`"C:\Program Files\SQL\sqlagent.exe"`, { StartName: String.raw`CORP\svc-sql` }),
      ],
      Win32_SystemDriver: [
        {
          Name: 'WdFilter',
          State: 'Running',
          StartMode: 'Boot',
          PathName: String.raw`C:\Windows\system32\drivers\wd\WdFilter.sys`,
        },
        { Name: 'Ntfs', State: 'Running', StartMode: 'Boot', PathName: '' },
      ],
      [`${namespace}/MSFT_MpComputerStatus`]: [defender],
      [`${namespace}/MSFT_MpPreference`]: [preference],
      [`${namespace}/MSFT_MpThreat`]: [],
      [`${namespace}/MSFT_MpThreatDetection`]: [],
      Win32_OptionalFeature: [{ Name: 'MicrosoftWindowsPowerShellV2', InstallState: 2 }],
    },
    cmdlets: {
      'Get-LocalUser': [
        {
          Name: w.administrator,
          SID: `${machine}-500`,
          Enabled: false,
          PasswordRequired: true,
          PasswordLastSet: null,
          PasswordExpires: null,
          LastLogon: null,
          AccountExpires: null,
        },
        {
          Name: w.guest,
          SID: `${machine}-501`,
          Enabled: false,
          PasswordRequired: false,
          PasswordLastSet: null,
          PasswordExpires: null,
          LastLogon: null,
          AccountExpires: null,
        },
        {
          Name: 'lapsadmin',
          SID: `${machine}-1001`,
          Enabled: true,
          PasswordRequired: true,
          'date:PasswordLastSet': '2026-11-20T03:04:05Z',
          'date:PasswordExpires': '2027-01-01T00:00:00Z',
          'date:LastLogon': '2026-11-21T06:00:00Z',
          AccountExpires: null,
        },
      ],
      'Get-ScheduledTask': [
        {
          TaskPath: '\\Microsoft\\Windows\\',
          TaskName: 'Defrag',
          State: 'Ready',
          Principal: { UserId: w.system, GroupId: '', RunLevel: 'Highest', LogonType: 'ServiceAccount' },
        },
        {
          TaskPath: '\\',
          TaskName: 'Nightly',
          State: 'Ready',
          Principal: { UserId: String.raw`CORP\bob`, GroupId: '', RunLevel: 'Highest', LogonType: 'S4U' },
        },
      ],
      'Get-AuthenticodeSignature': [{ Status: 'Valid', SignerCertificate: { Subject: 'CN=Microsoft Windows' } }],
    },
    events: { logs: { ...log('Security', '2026-10-01T00:00:00Z'), ...log('System', '2026-03-01T00:00:00Z') } },
    exports: { 'auditpol.exe': auditLines(language), 'SecEdit.exe': rightLines },
    registry: baseRegistry(),
    files: {
      [String.raw`C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.24050.7-0\MsMpEng.exe`]: {
        version: '4.18.24050.7',
      },
    },
    names: {
      'S-1-5-32-544': `BUILTIN\\${w.administrators}`,
      'S-1-5-32-551': `BUILTIN\\${w.backup}`,
      'S-1-5-32-555': `BUILTIN\\${w.remote}`,
      'S-1-5-18': w.system,
      [people.sqlService]: String.raw`CORP\svc-sql`,
      [people.bob]: String.raw`CORP\bob`,
    },
    localGroups: {
      [w.administrators]: [
        { path: `WinNT://CORP/SRV1/${w.administrator}`, sid: sidBytes(`${machine}-500`) },
        { path: 'WinNT://CORP/SRV1/lapsadmin', sid: sidBytes(`${machine}-1001`) },
        { path: `WinNT://CORP/${w.domainAdmins}`, sid: sidBytes(people.domainAdmins) },
        { path: 'WinNT://CORP/Server Team', sid: sidBytes(people.serverTeam) },
      ],
      [w.backup]: [],
      [w.remote]: [{ path: 'WinNT://CORP/bob', sid: sidBytes(people.bob) }],
    },
    ldap: directory({
      ...group(w.domainAdmins, people.domainAdmins, [distinguished('alice', people.alice)]),
      ...group('Server Team', people.serverTeam, [
        distinguished('bob', people.bob, 7200),
        distinguished(w.domainAdmins, people.domainAdmins),
      ]),
      ...group('Protected Users', `${domain}-525`, [distinguished('alice', people.alice)]),
      ...user('alice', 1104),
      ...user('bob', 1105, { userAccountControl: [String(0x200 + 0x4_00_00)] }),
    }),
  };
}
