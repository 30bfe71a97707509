/**
 * Recorded Windows servers as the real engine sees them: what CIM classes, registry, ADSI, LDAP and tools
 * give, by Microsoft's documentation and the published samples that the field names follow. Names are in
 * the language of the server; nothing that decides is.
 */
import type { RecordedWindows } from '../../powershell/engine.ts';
import { type Language, words } from './languages.ts';

export const machine = 'S-1-5-21-1111111111-2222222222-3333333333';
export const domain = 'S-1-5-21-1004336348-1177238915-682003330';

/** The bytes of a SID in base64, as objectSid has them. */
export function sidBytes(sid: string): string {
  const [, , authority = '5', ...rest] = sid.split('-');
  const bytes = Buffer.alloc(8 + 4 * rest.length);
  bytes[0] = 1;
  bytes[1] = rest.length;
  bytes.writeUIntBE(Number(authority), 2, 6);
  for (const [at, part] of rest.entries()) bytes.writeUInt32LE(Number(part), 8 + 4 * at);
  return bytes.toString('base64');
}

/** FILETIME of an instant. */
export function filetime(instant: string): string {
  return String((BigInt(Date.parse(instant)) + 11_644_473_600_000n) * 10_000n);
}

type Values = Readonly<Record<string, string | number | readonly string[]>>;

function key(values: Values): { values: Record<string, { kind: string; value: unknown }> } {
  return {
    values: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        { kind: typeof value === 'number' ? 'DWord' : typeof value === 'string' ? 'String' : 'MultiString', value },
      ]),
    ),
  };
}

const hklm = 'HKEY_LOCAL_MACHINE';
const current = String.raw`${hklm}\SOFTWARE\Microsoft\Windows\CurrentVersion`;
const control = String.raw`${hklm}\SYSTEM\CurrentControlSet\Control`;
const services = String.raw`${hklm}\SYSTEM\CurrentControlSet\Services`;
const auth = String.raw`${current}\Authentication`;

const passwordProvider = '{60b78e88-ead8-445c-9cfd-0b87f74ea6cd}';
const genericFilter = '{DDC0EED2-ADBE-40b6-A217-EDE16A79A0DE}';

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

/** 59 subcategories with consecutive GUIDs, in the words of the language; all log both. */
function auditLines(language: Language, off: readonly string[] = []): string[] {
  const ids = Array.from({ length: 59 }, (_, at) => (0x0cce_9210 + at).toString(16).toUpperCase().padStart(8, '0'));
  return [
    'Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting,Setting Value',
    ...ids.map((id) => {
      const none = off.includes(id.toLowerCase());
      return `SRV1,${words[language].system},${language}-${id},{${id}-69AE-11D9-BED3-505054503030},${words[language].successAndFailure},,${none ? 0 : 3}`;
    }),
    `SRV1,S-1-5-21-1-2-3-1001,${language},{0CCE9215-69AE-11D9-BED3-505054503030},x,,0`,
    'SRV1,,Option:CrashOnAuditFail,,Disabled,,0',
  ];
}

const rightLines = [
  '\uFEFF[Unicode]',
  'Unicode=yes',
  '[Privilege Rights]',
  'SeNetworkLogonRight = *S-1-5-32-544,*S-1-5-11',
  'SeDenyNetworkLogonRight = *S-1-5-32-546',
  'SeDebugPrivilege = *S-1-5-32-544',
  'SeBackupPrivilege = *S-1-5-32-544,*S-1-5-32-551',
  'SeRestorePrivilege = *S-1-5-32-544,*S-1-5-32-551',
  'SeTakeOwnershipPrivilege = *S-1-5-32-544',
  'SeLoadDriverPrivilege = *S-1-5-32-544',
  'SeImpersonatePrivilege = *S-1-5-19,*S-1-5-20,*S-1-5-32-544,*S-1-5-6',
  '[Version]',
  'signature="$CHICAGO$"',
];

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

const namespace = 'root/Microsoft/Windows/Defender';

const preference = {
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

function baseRegistry(): NonNullable<RecordedWindows['registry']> {
  return {
    [String.raw`${current}\Policies\System`]: key({ EnableLUA: 1, ConsentPromptBehaviorAdmin: 5, scforceoption: 0 }),
    [String.raw`${current}\Policies\System\Audit`]: key({ ProcessCreationIncludeCmdLine_Enabled: 1 }),
    [String.raw`${hklm}\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon`]: key({
      AutoAdminLogon: '0',
      CachedLogonsCount: '10',
      DefaultPassword: 'must never be read',
      ScRemoveOption: '1',
    }),
    [String.raw`${control}\Lsa`]: key({ SCENoApplyLegacyAuditPolicy: 1, LmCompatibilityLevel: 5, RunAsPPL: 1 }),
    [String.raw`${control}\Terminal Server`]: key({ fDenyTSConnections: 0 }),
    [String.raw`${control}\Terminal Server\WinStations\RDP-Tcp`]: key({
      UserAuthentication: 1,
      SecurityLayer: 2,
      MinEncryptionLevel: 3,
      PortNumber: 3389,
    }),
    [String.raw`${hklm}\SOFTWARE\Policies\Microsoft\Windows\PowerShell\ScriptBlockLogging`]: key({
      EnableScriptBlockLogging: 1,
    }),
    [String.raw`${hklm}\SOFTWARE\Policies\Microsoft\Windows\EventLog\EventForwarding\SubscriptionManager`]: key({
      '1': 'Server=https://wec.corp.example:5986/wsman/SubscriptionManager/WEC,Refresh=60',
    }),
    [String.raw`${hklm}\SOFTWARE\Microsoft\AMSI\Providers\{2781761E-28E0-4109-99FE-B9D127C57AFE}`]: key({}),
    [String.raw`${hklm}\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Listener\*+HTTP`]: key({ Port: 5985 }),
    [String.raw`${hklm}\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Service`]: key({ auth_basic: 0 }),
    [String.raw`${current}\Uninstall\7-Zip`]: key({ DisplayName: '7-Zip 24.08 (x64)', DisplayVersion: '24.08' }),
    [String.raw`${current}\Policies\LAPS`]: key({ BackupDirectory: 2, PasswordAgeDays: 30 }),
    [`${auth}\\Credential Providers\\${passwordProvider}`]: key({ '(default)': 'PasswordProvider' }),
    [`${auth}\\Credential Provider Filters\\${genericFilter}`]: key({ '(default)': 'GenericFilter' }),
    [String.raw`${services}\WdFilter\Instances\WdFilter Instance`]: key({ Altitude: '328010' }),
    [String.raw`${services}\EventLog`]: key({ Start: 2 }),
  };
}

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

/** Domain naming of the recorded directory. */
const naming = 'DC=corp,DC=example';
const configuration = `CN=Configuration,${naming}`;

export function distinguished(name: string, sid: string, ttl?: number): string {
  const plain = `<GUID=00000000-0000-0000-0000-000000000000>;<SID=${sid}>;CN=${name},CN=Users,${naming}`;
  return ttl === undefined ? plain : `<TTL=${ttl}>,${plain}`;
}

type Entry = Readonly<Record<string, readonly string[]>>;

export function user(name: string, rid: number, more: Entry = {}): Record<string, readonly Entry[]> {
  const sid = `${domain}-${rid}`;
  return {
    [`<SID=${sid}>|(objectClass=*)|Base`]: [
      {
        distinguishedName: [distinguished(name, sid)],
        objectSid: [sid],
        objectClass: ['top', 'person', 'organizationalPerson', 'user'],
        sAMAccountName: [name],
        userAccountControl: ['512'],
        pwdLastSet: [filetime('2026-10-01T08:00:00Z')],
        lastLogonTimestamp: [filetime('2026-11-20T08:00:00Z')],
        accountExpires: ['9223372036854775807'],
        lockoutTime: ['0'],
        adminCount: ['1'],
        ...more,
      },
    ],
  };
}

export function group(
  name: string,
  sid: string,
  members: readonly string[],
  primary: readonly string[] = [],
): Record<string, readonly Entry[]> {
  const plain = `CN=${name},CN=Users,${naming}`;
  const rid = sid.slice(sid.lastIndexOf('-') + 1);
  return {
    [`<SID=${sid}>|(objectClass=*)|Base`]: [
      {
        distinguishedName: [distinguished(name, sid)],
        objectSid: [sid],
        objectClass: ['top', 'group'],
        sAMAccountName: [name],
      },
    ],
    [`${plain}|(objectClass=*)|Base`]: [{ member: members }],
    [`${naming}|(primaryGroupID=${rid})|Subtree`]: primary.map((each) => ({ objectSid: [each] })),
  };
}

export function directory(more: Record<string, readonly Entry[]>): NonNullable<RecordedWindows['ldap']> {
  return {
    '|(objectClass=*)|Base': [
      {
        defaultNamingContext: [naming],
        rootDomainNamingContext: [naming],
        configurationNamingContext: [configuration],
      },
    ],
    [`${naming}|(objectClass=*)|Base`]: [{ objectSid: [domain], 'msDS-LogonTimeSyncInterval': ['14'] }],
    [`CN=Partitions,${configuration}|(objectClass=*)|Base`]: [
      { 'msDS-EnabledFeature': [`CN=Privileged Access Management Feature,CN=Optional Features,${configuration}`] },
    ],
    [`${naming}|(&(objectCategory=computer)(sAMAccountName=SRV1$))|Subtree`]: [
      { 'msLAPS-PasswordExpirationTime': [filetime('2026-12-20T00:00:00Z')] },
    ],
    ...more,
  };
}

export const people = {
  alice: `${domain}-1104`,
  bob: `${domain}-1105`,
  sqlService: `${domain}-1301`,
  domainAdmins: `${domain}-512`,
  serverTeam: `${domain}-1200`,
  gone: `${domain}-9999`,
};

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
      'S-1-5-18': `${w.system}`,
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

/** The domain cannot be asked: names come as SIDs, LDAP says that the server is not operational. */
export function domainAway(language: Language): RecordedWindows {
  const server = memberServer(language);
  const w = words[language];
  return {
    ...server,
    ldap: { error: { kind: 'com', code: '8007203a', message: 'The server is not operational.' } },
    localGroups: {
      ...server.localGroups,
      [w.administrators]: [
        { path: `WinNT://CORP/SRV1/${w.administrator}`, sid: sidBytes(`${machine}-500`) },
        { path: `WinNT://${people.domainAdmins}`, error: { kind: 'com', code: '80070035', message: w.denied } },
        { path: 'WinNT://CORP/Server Team', error: { kind: 'com', code: '8007054b', message: w.denied } },
        { path: `WinNT://${machine}-1999`, sid: sidBytes(`${machine}-1999`) },
      ],
    },
  };
}

/** A domain controller: its builtin groups are those of the domain, and nobody lists its users. */
export function domainController(language: Language): RecordedWindows {
  const server = memberServer(language);
  const w = words[language];
  const builtin = 'S-1-5-32-544';
  return {
    ...server,
    cim: { ...server.cim, Win32_ComputerSystem: [{ Name: 'SRV1', Domain: 'corp.example', DomainRole: 5 }] },
    // On a controller these cmdlets do not exist, and the list of local accounts is that of the domain.
    cmdlets: { ...server.cmdlets, 'Get-LocalUser': { error: { kind: 'no-cmdlet', message: 'Get-LocalUser' } } },
    localGroups: {},
    ldap: directory({
      ...group(w.administrators, builtin, [
        distinguished(w.administrator, `${domain}-500`),
        distinguished(w.domainAdmins, people.domainAdmins),
        distinguished('Enterprise Admins', `${domain}-519`),
      ]),
      ...group('Account Operators', 'S-1-5-32-548', []),
      ...group('Server Operators', 'S-1-5-32-549', [distinguished('bob', people.bob)]),
      ...group('Print Operators', 'S-1-5-32-550', []),
      ...group(w.backup, 'S-1-5-32-551', []),
      ...group(w.remote, 'S-1-5-32-555', []),
      ...group(w.domainAdmins, people.domainAdmins, [distinguished('alice', people.alice)], [`${domain}-1199`]),
      ...group('Enterprise Admins', `${domain}-519`, [
        distinguished('alice', people.alice, 3600),
        // A cycle: it holds the group that holds it.
        distinguished(w.administrators, builtin),
      ]),
      ...group('Schema Admins', `${domain}-518`, []),
      ...group('Group Policy Creator Owners', `${domain}-520`, []),
      ...group('Protected Users', `${domain}-525`, []),
      ...user(w.administrator, 500),
      ...user('alice', 1104),
      ...user('bob', 1105),
      ...user('primary', 1199, { adminCount: ['0'] }),
      [`${naming}|(sAMAccountName=DnsAdmins)|Subtree`]: [
        {
          distinguishedName: [distinguished('DnsAdmins', `${domain}-1101`)],
          objectSid: [`${domain}-1101`],
          objectClass: ['top', 'group'],
          sAMAccountName: ['DnsAdmins'],
        },
      ],
      ...group('DnsAdmins', `${domain}-1101`, [distinguished('bob', people.bob)]),
    }),
  };
}

const virtualDirectory = (objectClass: string, name: string, inside: number, outside?: number): Entry => ({
  distinguishedName: [`CN=${name},CN=HTTP,CN=Protocols,CN=SRV1,CN=Servers,CN=X,${configuration}`],
  objectClass: ['top', 'msExchVirtualDirectory', objectClass],
  name: [name],
  msExchInternalAuthenticationMethods: [String(inside)],
  ...(outside !== undefined && { msExchExternalAuthenticationMethods: [String(outside)] }),
  msExchInternalHostName: [`https://mail.corp.example/${name.split(' ')[0]}`],
});

/** An Exchange server, whose mail protocols take passwords and whose policy blocks some of them. */
export function exchangeServer(language: Language): RecordedWindows {
  const server = memberServer(language);
  return {
    ...server,
    registry: {
      ...server.registry,
      [String.raw`${hklm}\SOFTWARE\Microsoft\ExchangeServer\v15\Setup`]: key({
        MsiProductMajor: 15,
        MsiProductMinor: 1,
      }),
    },
    cim: {
      ...server.cim,
      // What Microsoft withdrew on 23 February 2023, and what was found there since.
      [`${namespace}/MSFT_MpPreference`]: [
        {
          ...preference,
          ExclusionPath: [
            String.raw`C:\Windows\System32\Inetsrv`,
            String.raw`C:\Program Files\Microsoft\Exchange Server\V15\Mailbox`,
          ],
        },
      ],
      [`${namespace}/MSFT_MpThreat`]: [
        { ThreatID: 2_147_772_084, ThreatName: 'Backdoor:ASP/Webshell!MSR', SeverityID: 5, IsActive: false },
      ],
      [`${namespace}/MSFT_MpThreatDetection`]: Array.from({ length: 54 }, (_, at) => ({
        ThreatID: 2_147_772_084,
        ThreatStatusID: 4,
        ActionSuccess: true,
        'date:InitialDetectionTime': `2021-09-${String(1 + (at % 28)).padStart(2, '0')}T03:04:05Z`,
        'date:LastThreatStatusChangeTime': `2021-09-${String(1 + (at % 28)).padStart(2, '0')}T03:05:05Z`,
        Resources: [
          `file:_C:\\Program Files\\Microsoft\\Exchange Server\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\${at}.aspx`,
        ],
      })),
    },
    cmdlets: {
      ...server.cmdlets,
      'Get-OrganizationConfig': [{ OAuth2ClientProfileEnabled: false, DefaultAuthenticationPolicy: 'Block legacy' }],
      'Get-AuthServer': [],
      'Get-AuthenticationPolicy': [
        { Name: 'Block legacy', BlockLegacyAuthActiveSync: true, BlockLegacyAuthImap: false },
      ],
      'Get-ImapSettings': [{ Name: '1', LoginType: 'SecureLogin' }],
      'Get-PopSettings': [{ Name: '1', LoginType: 'SecureLogin' }],
      'Get-ReceiveConnector': [
        {
          Name: 'Client Frontend SRV1',
          Enabled: true,
          AuthMechanism: 'Tls, Integrated, BasicAuth, BasicAuthRequireTLS',
          PermissionGroups: 'ExchangeUsers',
          Bindings: ['[::]:587', '0.0.0.0:587'],
        },
      ],
      'Get-Service': [{ Name: 'MSExchangeImap4', Status: 'Running' }],
      'Get-Command': [{ Name: 'Get-OrganizationConfig' }],
    },
    ldap: {
      ...server.ldap,
      [`CN=Microsoft Exchange,CN=Services,${configuration}|(objectClass=msExchVirtualDirectory)|Subtree`]: [
        virtualDirectory('msExchOwaVirtualDirectory', 'owa (Default Web Site)', 5),
        virtualDirectory('msExchEcpVirtualDirectory', 'ecp (Default Web Site)', 5),
        virtualDirectory('msExchMobileVirtualDirectory', 'Microsoft-Server-ActiveSync (Default Web Site)', 1),
        virtualDirectory('msExchWebServicesVirtualDirectory', 'EWS (Default Web Site)', 16 + 1024, 1024),
        {
          ...virtualDirectory('msExchOwaVirtualDirectory', 'owa (Default Web Site)', 4),
          distinguishedName: [`CN=owa,CN=HTTP,CN=Protocols,CN=OTHER,CN=Servers,CN=X,${configuration}`],
        },
      ],
    },
  };
}
