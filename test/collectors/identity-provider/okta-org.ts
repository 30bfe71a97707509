/** A made organisation at Okta, after the documented shapes (developer.okta.com/docs/api); none was recorded. */

const rule = (name: string, priority: number, actions: object, conditions: object = {}): object => ({
  id: `0pr${name.replace(/\W/g, '')}`,
  name,
  status: 'ACTIVE',
  priority,
  conditions: {
    people: { users: { exclude: [] } },
    network: { connection: 'ANYWHERE' },
    authContext: { authType: 'ANY' },
    riskScore: { level: 'ANY' },
    identityProvider: { provider: 'ANY' },
    ...conditions,
  },
  actions,
});
const signon = (requireFactor: boolean): object => ({
  signon: { access: 'ALLOW', requireFactor, primaryFactor: 'PASSWORD_IDP', factorPromptMode: 'ALWAYS', session: {} },
});
const assurance = (factorMode: string, constraints: object[] = []): object => ({
  appSignOn: {
    access: 'ALLOW',
    verificationMethod: { type: 'ASSURANCE', factorMode, reauthenticateIn: 'PT2H', constraints },
  },
});
const oktaPolicy = (policyId: string, type: string, name: string, priority: number, include?: string[]): object => ({
  type,
  id: policyId,
  status: 'ACTIVE',
  name,
  priority,
  system: include === undefined,
  conditions: include === undefined ? null : { people: { groups: { include } } },
});

export const oktaAnswers: Readonly<Record<string, unknown>> = {
  'okta-organization': { id: '00o1', pipeline: 'idx', _links: {} },
  'okta-session-policies': [
    oktaPolicy('00pDefault', 'OKTA_SIGN_ON', 'Default Policy', 2),
    oktaPolicy('00pAdmins', 'OKTA_SIGN_ON', 'Admins', 1, ['00gAdmins']),
  ],
  'okta-rules 00pAdmins': [rule('From anywhere', 1, signon(true))],
  'okta-rules 00pDefault': [
    rule('Default Rule', 2, signon(false)),
    rule('Office', 1, signon(false), { network: { connection: 'ZONE', include: ['nzoOffice'] } }),
  ],
  'okta-application-policies': [
    oktaPolicy('rstAny', 'ACCESS_POLICY', 'Any two factors', 1),
    oktaPolicy('rstUnused', 'ACCESS_POLICY', 'Unused', 1),
  ],
  'okta-mappings rstAny': [{ id: 'mapA' }, { id: 'mapB' }],
  'okta-mappings rstUnused': [],
  'okta-rules rstAny': [
    rule('Catch-all Rule', 99, assurance('2FA', [{ possession: { phishingResistant: 'REQUIRED' } }])),
  ],
  'okta-rules rstUnused': [rule('Catch-all Rule', 99, assurance('1FA'))],
  'okta-role-holders': [{ id: '00uAlice' }, { id: '00uGone' }],
  'okta-user 00uAlice': { id: '00uAlice', status: 'ACTIVE', profile: { login: 'alice@example.okta.com' } },
  'okta-user 00uGone': { id: '00uGone', status: 'SUSPENDED', profile: { login: 'gone@example.okta.com' } },
  'okta-user-roles 00uAlice': [
    { id: 'ra1', type: 'SUPER_ADMIN', label: 'Super Administrator', status: 'ACTIVE', assignmentType: 'USER' },
  ],
  'okta-user-roles 00uGone': [
    { id: 'cr1', type: 'CUSTOM', label: 'Helpdesk of the north', status: 'ACTIVE', assignmentType: 'GROUP' },
  ],
  'okta-user-groups 00uAlice': [{ id: '00gAdmins' }, { id: '00gOthers' }],
  'okta-user-groups 00uGone': [{ id: '00gOthers' }],
  'okta-user-factors 00uAlice': [
    { id: 'f1', factorType: 'push', provider: 'OKTA', status: 'ACTIVE' },
    {
      id: 'f2',
      factorType: 'sms',
      provider: 'OKTA',
      status: 'PENDING_ACTIVATION',
      profile: { phoneNumber: '+12345678901' },
    },
  ],
  'okta-user-factors 00uGone': [],
};
