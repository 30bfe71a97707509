/**
 * A made tenant. Its answers are written after the documented shapes of Microsoft Graph
 * (learn.microsoft.com/graph/api); no tenant was recorded.
 */
import { tenantId } from '../../agent/directory/vendor-server.ts';

export const id = (last: string): string => `00000000-aaaa-4bbb-8ccc-${last.padStart(12, '0')}`;

export const roles = {
  globalAdministrator: '62e90394-69f5-4237-9190-012177145e10',
  exchangeAdministrator: '29232cdf-9323-42fd-ade2-1d097af3e4de',
  directorySynchronisation: 'd29b2b05-8046-44ba-8758-1e26182fcf32',
};
export const groups = { breakGlass: id('b1'), operators: id('b2') };
export const people = {
  alice: id('a1'),
  bob: id('a2'),
  glass: id('a3'),
  guest: id('a4'),
  gone: id('a5'),
  sync: id('a6'),
  erin: id('a7'),
  frank: id('a8'),
  room: id('a9'),
  app: id('c1'),
};

const user = (name: keyof typeof people, more: object = {}): object => ({
  id: people[name],
  userPrincipalName: `${name}@contoso.example`,
  mail: `${name}@contoso.example`,
  accountEnabled: true,
  userType: 'Member',
  ...more,
});
const users = [
  user('alice'),
  user('bob'),
  user('glass', { mail: null }),
  user('guest', { userType: 'Guest', userPrincipalName: 'guest_partner.example#EXT#@contoso.example' }),
  user('gone', { accountEnabled: false }),
  user('sync'),
  user('erin'),
  user('frank'),
  user('room'),
];
const principal = (name: keyof typeof people): object => ({
  '@odata.type': '#microsoft.graph.user',
  ...users.find((each) => (each as { id: string }).id === people[name]),
});
const assignment = (principalId: string, roleDefinitionId: string, of: object, directoryScopeId = '/'): object => ({
  id: `${principalId}-1`,
  principalId,
  roleDefinitionId,
  directoryScopeId,
  principal: of,
});

export const everybody = {
  includeUsers: ['All'],
  excludeUsers: [],
  includeGroups: [],
  excludeGroups: [groups.breakGlass],
  includeRoles: [],
  excludeRoles: [],
  includeGuestsOrExternalUsers: null,
  excludeGuestsOrExternalUsers: null,
};

export function policy(
  displayName: string,
  change: { state?: string; conditions?: object; grantControls?: object | null; sessionControls?: object } = {},
): object {
  return {
    id: id(`d${displayName.length}`),
    displayName,
    createdDateTime: '2024-01-02T03:04:05.1234567Z',
    modifiedDateTime: null,
    state: 'enabled',
    sessionControls: null,
    grantControls: {
      operator: 'OR',
      builtInControls: ['mfa'],
      customAuthenticationFactors: [],
      termsOfUse: [],
      authenticationStrength: null,
    },
    ...change,
    conditions: {
      userRiskLevels: [],
      signInRiskLevels: [],
      clientAppTypes: ['all'],
      servicePrincipalRiskLevels: [],
      insiderRiskLevels: null,
      platforms: null,
      locations: null,
      devices: null,
      clientApplications: null,
      authenticationFlows: null,
      applications: {
        includeApplications: ['All'],
        excludeApplications: [],
        includeUserActions: [],
        includeAuthenticationContextClassReferences: [],
        applicationFilter: null,
      },
      users: everybody,
      ...change.conditions,
    },
  };
}

const registration = (
  name: keyof typeof people,
  methods: readonly string[],
  lastUpdatedDateTime = '2026-11-20T01:02:03.4567891Z',
): object => ({
  id: people[name],
  userPrincipalName: `${name}@contoso.example`,
  isAdmin: true,
  isMfaRegistered: methods.length > 0,
  isMfaCapable: methods.length > 0,
  isPasswordlessCapable: false,
  methodsRegistered: methods,
  lastUpdatedDateTime,
});

const signIn = (authenticationRequirement: string, errorCode = 0, more: object = {}): object => ({
  createdDateTime: '2026-11-01T08:00:00Z',
  appDisplayName: 'Azure Portal',
  appId: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
  clientAppUsed: 'Browser',
  isInteractive: true,
  authenticationRequirement,
  status: { errorCode },
  ...more,
});

/** By request, for the tenant in memory and, through entraRoutes, for the one behind https. */
export const entraAnswers: Readonly<Record<string, unknown>> = {
  'entra-organization': [{ id: tenantId, displayName: 'Contoso' }],
  'entra-policies': [
    policy('MFA for all'),
    policy('Block old protocols', {
      conditions: { clientAppTypes: ['exchangeActiveSync', 'other'] },
      grantControls: { operator: 'OR', builtInControls: ['block'], customAuthenticationFactors: [], termsOfUse: [] },
    }),
    policy('Phishing-resistant for administrators', { state: 'enabledForReportingButNotEnforced' }),
    policy('Sessions are short', {
      grantControls: null,
      sessionControls: { signInFrequency: { value: 4, type: 'hours', isEnabled: true }, persistentBrowser: null },
    }),
  ],
  'entra-locations': [
    {
      '@odata.type': '#microsoft.graph.ipNamedLocation',
      id: id('e1'),
      displayName: 'Head office',
      isTrusted: true,
      ipRanges: [],
    },
  ],
  'entra-security-defaults': { isEnabled: false },
  'entra-methods': {
    authenticationMethodConfigurations: [
      { id: 'Fido2', state: 'enabled' },
      { id: 'Sms', state: 'disabled' },
    ],
  },
  'entra-roles': [
    {
      id: roles.globalAdministrator,
      displayName: 'Global Administrator',
      isBuiltIn: true,
      templateId: roles.globalAdministrator,
    },
    {
      id: roles.exchangeAdministrator,
      displayName: 'Exchange Administrator',
      isBuiltIn: true,
      templateId: roles.exchangeAdministrator,
    },
    {
      id: roles.directorySynchronisation,
      displayName: 'Directory Synchronization Accounts',
      isBuiltIn: true,
      templateId: roles.directorySynchronisation,
    },
  ],
  'entra-role-assignments': [
    assignment(people.alice, roles.globalAdministrator, principal('alice')),
    assignment(people.glass, roles.globalAdministrator, principal('glass')),
    assignment(people.guest, roles.exchangeAdministrator, principal('guest'), `/administrativeUnits/${id('f1')}`),
    assignment(people.gone, roles.globalAdministrator, principal('gone')),
    assignment(people.sync, roles.directorySynchronisation, principal('sync')),
    assignment(people.app, roles.exchangeAdministrator, {
      '@odata.type': '#microsoft.graph.servicePrincipal',
      id: people.app,
      displayName: 'Backup tool',
    }),
    assignment(groups.operators, roles.exchangeAdministrator, {
      '@odata.type': '#microsoft.graph.group',
      id: groups.operators,
      displayName: 'Operators',
    }),
  ],
  'entra-role-eligibilities': [assignment(people.bob, roles.globalAdministrator, principal('bob'))],
  [`entra-group-members ${groups.operators}`]: [user('erin')],
  [`entra-group-members ${groups.breakGlass}`]: [user('glass')],
  [`entra-group-eligibilities ${groups.operators}`]: [
    { groupId: groups.operators, principalId: people.frank, accessId: 'member', principal: principal('frank') },
  ],
  'entra-users': users,
  'entra-rooms': [{ id: id('91'), displayName: 'Room 1', emailAddress: 'Room@contoso.example' }],
  'entra-registration': [
    registration('alice', ['microsoftAuthenticatorPush', 'fido2SecurityKey']),
    registration('bob', ['softwareOneTimePasscode'], '2026-11-18T01:02:03Z'),
    registration('glass', []),
    registration('guest', ['microsoftAuthenticatorPush']),
    registration('gone', ['mobilePhone']),
    registration('erin', ['mobilePhone']),
    registration('frank', ['mobilePhone']),
    registration('room', [], '0001-01-01T00:00:00Z'),
  ],
  ...Object.fromEntries(
    Object.values(people).map((person) => [
      `entra-user-groups ${person}`,
      person === people.glass ? [{ id: groups.breakGlass }] : [{ id: id('99') }],
    ]),
  ),
  ...Object.fromEntries(
    Object.values(people).map((person) => [`entra-per-user-mfa ${person}`, { perUserMfaState: 'disabled' }]),
  ),
  ...Object.fromEntries(Object.values(people).map((person) => [`entra-sign-ins ${person}`, []])),
  [`entra-sign-ins ${people.alice}`]: [
    signIn('multiFactorAuthentication'),
    signIn('multiFactorAuthentication'),
    signIn('singleFactorAuthentication', 50126),
  ],
  [`entra-sign-ins ${people.glass}`]: [
    signIn('singleFactorAuthentication'),
    signIn('singleFactorAuthentication', 0, { createdDateTime: '2026-11-03T08:00:00Z' }),
  ],
  [`entra-sign-ins ${people.erin}`]: [signIn('somethingNew')],
};
