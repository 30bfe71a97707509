/** What Exchange and the settings of its server say of the ways in, in one of the states of the replay. */

export type MailState = {
  /** Directories that still take a password, by the words of their names; the others take tokens alone. */
  readonly passwordsAt: readonly Directory[];
  /** Hybrid modern authentication: clients are told where tokens come from. */
  readonly modern: boolean;
  /** Accounts demand a smart card, and groups of administrators are denied network logons. */
  readonly smartCards?: boolean;
};

/** Class of the directory's object, path of its address, and its methods as bits while it takes passwords. */
const directories = {
  owa: ['msExchOwaVirtualDirectory', 'owa', 1 + 4],
  ecp: ['msExchEcpVirtualDirectory', 'ecp', 1 + 4],
  'active-sync': ['msExchMobileVirtualDirectory', 'Microsoft-Server-ActiveSync', 1],
  'web-services': ['msExchWebServicesVirtualDirectory', 'EWS/Exchange.asmx', 1 + 16],
} as const;
export type Directory = keyof typeof directories;
export const everyDirectory = Object.keys(directories) as readonly Directory[];

/** 1024 is OAuth, 2048 AD FS, which OWA and ECP use (collectors/mfa/windows/exchange.ts). */
const tokens: Readonly<Record<Directory, number>> = { owa: 2048, ecp: 2048, 'active-sync': 1024, 'web-services': 1024 };

const rights = [
  '\uFEFF[Unicode]',
  'Unicode=yes',
  '[Privilege Rights]',
  'SeNetworkLogonRight = *S-1-5-32-544,*S-1-5-11',
  'SeDebugPrivilege = *S-1-5-32-544',
  'SeBackupPrivilege = *S-1-5-32-544,*S-1-5-32-551',
  'SeRestorePrivilege = *S-1-5-32-544,*S-1-5-32-551',
  'SeTakeOwnershipPrivilege = *S-1-5-32-544',
  'SeLoadDriverPrivilege = *S-1-5-32-544',
];

export function exchangeAnswers({ passwordsAt, modern, smartCards }: MailState): Readonly<Record<string, unknown>> {
  const denied = smartCards === true ? '*S-1-5-32-544,*S-1-5-32-546' : '*S-1-5-32-546';
  return {
    'user-rights': { Lines: [...rights, `SeDenyNetworkLogonRight = ${denied}`, '[Version]', 'signature="$CHICAGO$"'] },
    'exchange-virtual-directories': everyDirectory.map((kind) => {
      const [objectClass, path, passwords] = directories[kind];
      const methods = String(passwordsAt.includes(kind) ? passwords : tokens[kind]);
      return {
        name: `${path.split('/')[0]} (Default Web Site)`,
        objectClass: ['top', 'msExchVirtualDirectory', objectClass],
        internalMethods: methods,
        externalMethods: methods,
        internalUrl: `https://mail.corp.example/${path}`,
        externalUrl: `https://mail.example.org/${path}`,
      };
    }),
    'exchange-settings': {
      organisation: {
        value: {
          OAuth2ClientProfileEnabled: modern,
          DefaultAuthenticationPolicy: modern ? 'Block legacy' : null,
        },
      },
      authServers: {
        value: modern ? [{ Name: 'EvoSts', Enabled: true, IsDefaultAuthorizationEndpoint: true }] : null,
      },
      policies: {
        value: modern
          ? [
              {
                Name: 'Block legacy',
                BlockLegacyAuthActiveSync: true,
                BlockLegacyAuthAutodiscover: true,
                BlockLegacyAuthImap: true,
                BlockLegacyAuthMapi: true,
                BlockLegacyAuthOfflineAddressBook: true,
                BlockLegacyAuthPop: true,
                BlockLegacyAuthRpc: true,
                BlockLegacyAuthWebServices: true,
              },
            ]
          : null,
      },
      imap: { value: [{ Name: '1', LoginType: 'SecureLogin', running: false }] },
      pop: { value: [{ Name: '1', LoginType: 'SecureLogin', running: false }] },
      connectors: {
        value: [
          {
            Name: 'Client Frontend SRV1',
            Enabled: !modern,
            AuthMechanism: 'Tls, Integrated, BasicAuth, BasicAuthRequireTLS',
            PermissionGroups: 'ExchangeUsers',
            Bindings: ['[::]:587', '0.0.0.0:587'],
          },
        ],
      },
    },
  };
}
