/** Servers that differ from the member server in one thing: a domain that is away, a controller, Exchange. */
import type { RecordedWindows } from '../../powershell/engine.ts';
import { hklm, key } from './base-registry.ts';
import {
  configuration,
  delegated,
  directory,
  distinguished,
  type Entry,
  group,
  headRules,
  holderRules,
  naming,
  replication,
  user,
} from './directory.ts';
import { domain, machine, people, sidBytes } from './identities.ts';
import { type Language, words } from './languages.ts';
import { memberServer, namespace, preference } from './member-server.ts';

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
      // Directory synchronisation that somebody set up by hand, a help desk that may change Domain Admins, and an old
      // server that keeps the tickets of whoever logs on to it.
      [`${naming}|(objectClass=*)|Base`]: [
        {
          objectSid: [domain],
          'msDS-LogonTimeSyncInterval': ['14'],
          nTSecurityDescriptor: [headRules + replication(`${domain}-1301`)],
        },
      ],
      [`CN=AdminSDHolder,CN=System,${naming}|(objectClass=*)|Base`]: [
        { nTSecurityDescriptor: [`${holderRules}(A;;WD;;;${domain}-1302)`] },
      ],
      ...user('sync', 1301, { adminCount: ['0'] }),
      ...group('Help Desk', `${domain}-1302`, [distinguished('bob', people.bob)]),
      [`${naming}|${delegated}|Subtree`]: [
        { objectSid: [`${domain}-1000`], sAMAccountName: ['SRV1$'], userAccountControl: ['532480'] },
        { objectSid: [`${domain}-1303`], sAMAccountName: ['OLD$'], userAccountControl: ['528384'] },
        {
          objectSid: [`${domain}-1304`],
          sAMAccountName: ['WEB$'],
          userAccountControl: ['4096'],
          'msDS-AllowedToActOnBehalfOfOtherIdentity': [`O:BAD:(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;${domain}-1303)`],
        },
      ],
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

/** Role groups of Exchange in its own unit: each is found by its name, and then by its SID. */
function roleGroups(): Record<string, readonly Entry[]> {
  const groups = [
    ['Organization Management', 1601, [distinguished('carol', `${domain}-1107`)]],
    ['Exchange Trusted Subsystem', 1602, [distinguished('SRV1', `${domain}-1120`)]],
    ['Exchange Windows Permissions', 1603, [distinguished('Exchange Trusted Subsystem', `${domain}-1602`)]],
  ] as const;
  return {
    ...Object.assign(
      {},
      ...groups.map(([name, rid, members]) => ({
        [`${naming}|(sAMAccountName=${name})|Subtree`]: [
          {
            distinguishedName: [distinguished(name, `${domain}-${rid}`)],
            objectSid: [`${domain}-${rid}`],
            objectClass: ['top', 'group'],
            sAMAccountName: [name],
          },
        ],
        ...group(name, `${domain}-${rid}`, members),
      })),
    ),
    ...user('carol', 1107),
    ...user('SRV1$', 1120, {
      objectClass: ['top', 'person', 'organizationalPerson', 'user', 'computer'],
      userAccountControl: ['4096'],
    }),
  };
}

/** An Exchange server, whose mail protocols take passwords and whose policy blocks some of them. */
export function exchangeServer(language: Language, server: RecordedWindows = memberServer(language)): RecordedWindows {
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
      ...roleGroups(),
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
