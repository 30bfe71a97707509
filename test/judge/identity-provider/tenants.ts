/** Documents of made tenants, built from parts: what a case does not say is the harmless default. */
import type {
  ConditionalAccessPolicy,
  DirectoryAdministrator,
  Fact,
  FactorRegistration,
  IdentityProviderDocument,
  SignInSummary,
  SignOnPolicy,
  SignOnRule,
  Unseen,
} from '../../../schemas/generated/types.ts';
import { identityProvider as isDocument } from '../../../schemas/generated/validators.js';

export const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';
export const reportsReader = '4a5d8f65-41da-4de4-8968-e035b65339cf';
export const alice = 'ace08ec9-aa11-4ada-9145-addf0398233e';
export const group = '124c5b6a-ffa5-483a-9b88-04c3fce5574a';
export const office = '11111111-2222-4333-8444-555555555555';
export const abroad = '66666666-7777-4888-8999-aaaaaaaaaaaa';
export const azureManagement = '797f4846-ba00-4fd7-ba43-dac1f8f63013';
export const someApplication = '00000002-0000-0ff1-ce00-000000000000';

const source = 'api:/test';
export function seen<T>(value: T): Fact<T> {
  return { status: 'observed', value, sources: [source] };
}
export function unseen(status: Unseen['status'], reason: string): Unseen {
  return { status, reason, sources: [source] };
}

export const registered: FactorRegistration = {
  registered: true,
  capable: true,
  passwordless: false,
  methods: ['microsoftAuthenticatorPush'],
};
export const nothingRegistered: FactorRegistration = {
  registered: false,
  capable: false,
  passwordless: false,
  methods: [],
};
export const signIns: SignInSummary = {
  since: '2026-10-24T00:00:00Z',
  complete: true,
  seen: 3,
  succeeded: 3,
  multiFactor: 3,
  singleFactor: 0,
  undeclared: 0,
  singleFactorWays: [],
};

export type Role = {
  id?: string;
  state?: 'active' | 'eligible';
  scope?: 'tenant' | 'part' | 'unknown';
  custom?: boolean;
};

export function administrator(
  change: Partial<DirectoryAdministrator> = {},
  roles: readonly Role[] = [{}],
): DirectoryAdministrator {
  return {
    id: alice,
    name: 'alice@contoso.example',
    kind: 'user',
    class: 'member',
    roles: seen(
      roles.map((role) => ({
        id: globalAdministrator,
        name: 'Global Administrator',
        state: 'active' as const,
        scope: 'tenant' as const,
        custom: false,
        ...role,
      })),
    ),
    groups: seen<string[]>([]),
    registration: seen(registered),
    perUserMfa: seen<'disabled' | 'enabled' | 'enforced'>('disabled'),
    signIns: seen(signIns),
    factors: unseen('not-applicable', 'not-okta'),
    ...change,
  };
}

type Change = Partial<Omit<ConditionalAccessPolicy, 'users' | 'applications' | 'grant'>> & {
  users?: Partial<ConditionalAccessPolicy['users']>;
  applications?: Partial<ConditionalAccessPolicy['applications']>;
  grant?: Partial<NonNullable<ConditionalAccessPolicy['grant']>> | null;
};

let made = 0;

/** In force for all users, all applications, all clients; asks for mfa. */
export function policy({ users, applications, grant, ...change }: Change = {}): ConditionalAccessPolicy {
  made += 1;
  return {
    id: `policy-${made}`,
    name: 'MFA',
    state: 'enabled',
    clientAppTypes: ['all'],
    signInRisk: [],
    userRisk: [],
    flows: [],
    notModelled: [],
    session: [],
    users: {
      includeUsers: ['All'],
      excludeUsers: [],
      includeGroups: [],
      excludeGroups: [],
      includeRoles: [],
      excludeRoles: [],
      includesGuests: false,
      excludesGuests: false,
      ...users,
    },
    applications: { include: ['All'], exclude: [], userActions: [], contexts: [], ...applications },
    ...(grant === null
      ? {}
      : { grant: { operator: 'or', controls: ['mfa'], customFactors: 0, termsOfUse: 0, ...grant } }),
    ...change,
  };
}

export function tenant(
  policies: Fact<ConditionalAccessPolicy[]> | ConditionalAccessPolicy[],
  administrators: DirectoryAdministrator[] = [administrator()],
  change: Partial<IdentityProviderDocument> = {},
): IdentityProviderDocument {
  const document: IdentityProviderDocument = {
    format: 'affiant-identity-provider/1',
    blind: 'A'.repeat(43),
    tenant: seen({ vendor: 'entra' as const, id: '72f988bf-86f1-41af-91ab-2d7cd011db47', cloud: 'global' as const }),
    conditionalAccessPolicies: Array.isArray(policies) ? seen(policies) : policies,
    namedLocations: seen([
      { id: office, name: 'Head office', kind: 'ip' as const, trusted: true },
      { id: abroad, name: 'Abroad', kind: 'country' as const, trusted: false },
    ]),
    securityDefaults: seen(false),
    authenticationMethods: seen([]),
    signOnPolicies: unseen('not-applicable', 'not-okta'),
    administrators: seen(administrators),
    eligibleRoles: seen(0),
    eligibleGroupMembers: unseen('not-applicable', 'no-group-holds-a-role'),
    accounts: unseen('denied', 'http-403'),
    rooms: unseen('denied', 'http-403'),
    registration: unseen('denied', 'http-403'),
    excludedGroups: seen([]),
    ...change,
  };
  if (!isDocument(document)) throw new Error(`not a document: ${JSON.stringify(isDocument.errors)}`);
  return document;
}

export function rule(change: Partial<SignOnRule> = {}): SignOnRule {
  made += 1;
  return {
    id: `rule-${made}`,
    name: 'Rule',
    active: true,
    priority: made,
    includeUsers: [],
    excludeUsers: [],
    includeGroups: [],
    excludeGroups: [],
    notModelled: [],
    access: 'allow',
    ...change,
  };
}

export function signOnPolicy(
  kind: SignOnPolicy['kind'],
  rules: SignOnRule[] | Unseen,
  change: Partial<SignOnPolicy> = {},
): SignOnPolicy {
  made += 1;
  return {
    id: `policy-${made}`,
    name: kind === 'session' ? 'Session' : 'Application',
    kind,
    active: true,
    priority: made,
    includeGroups: [],
    excludeGroups: [],
    notModelled: [],
    applications: kind === 'session' ? unseen('not-applicable', 'guards-the-session') : seen(3),
    rules: Array.isArray(rules) ? seen(rules) : rules,
    ...change,
  };
}

export function oktaTenant(
  policies: Fact<SignOnPolicy[]> | SignOnPolicy[],
  administrators: DirectoryAdministrator[],
  engine: 'classic' | 'identity-engine' = 'classic',
): IdentityProviderDocument {
  const notHere = unseen('not-applicable', 'not-entra');
  return tenant([], administrators, {
    tenant: seen({ vendor: 'okta' as const, id: 'example.okta.com', engine }),
    conditionalAccessPolicies: notHere,
    namedLocations: notHere,
    securityDefaults: notHere,
    authenticationMethods: notHere,
    signOnPolicies: Array.isArray(policies) ? seen(policies) : policies,
    eligibleRoles: notHere,
  });
}
