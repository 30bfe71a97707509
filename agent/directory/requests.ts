/**
 * Every request that may ever be made of an identity provider: all are GETs of its own API. The
 * permission is the least that the vendor names; none of them can change anything.
 * https://learn.microsoft.com/graph/api/overview, https://developer.okta.com/docs/api/
 */

/** How the vendor says that there is more: a member of the answer, a header (RFC 8288), or not at all. */
export type Paging = 'none' | 'graph' | 'link-header' | 'okta-body';

export type RequestSpec = {
  readonly vendor: 'entra' | 'okta';
  /** Path and query; `{0}` is the first argument. */
  readonly path: string;
  /** What each argument must look like. */
  readonly args: readonly RegExp[];
  /** The permission (Microsoft Graph, application) or scope (Okta) that it takes. */
  readonly permission: string;
  readonly reason: string;
  readonly paging: Paging;
  /** Pages that are read at most; 200 where nothing is said. */
  readonly maxPages?: number;
  /** Where true, a list that goes on past its bound is an answer that says so; else it is none. */
  readonly mayBeCut?: true;
  /** Where true, 404 says that the very object is not there. */
  readonly absentOn404?: true;
  /** Where an argument differs at each run, the locator names it by a word instead. */
  readonly locator?: string;
};

const guid = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
const oktaId = /^[A-Za-z0-9_-]{1,64}$/;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

const entra = {
  'entra-organization': {
    vendor: 'entra',
    path: '/v1.0/organization?$select=id,displayName',
    args: [],
    permission: 'Organization.Read.All',
    reason: 'that the answers come from the tenant that was meant',
    paging: 'graph',
  },
  'entra-policies': {
    vendor: 'entra',
    path: '/v1.0/identity/conditionalAccess/policies',
    args: [],
    permission: 'Policy.Read.All',
    reason: 'who must show a second factor, where, and who is left out',
    paging: 'graph',
  },
  'entra-locations': {
    vendor: 'entra',
    path: '/v1.0/identity/conditionalAccess/namedLocations',
    args: [],
    permission: 'Policy.Read.All',
    reason: 'which locations count as trusted',
    paging: 'graph',
  },
  'entra-security-defaults': {
    vendor: 'entra',
    path: '/v1.0/policies/identitySecurityDefaultsEnforcementPolicy',
    args: [],
    permission: 'Policy.Read.All',
    reason: "whether Microsoft's own baseline is on",
    paging: 'none',
  },
  'entra-methods': {
    vendor: 'entra',
    path: '/v1.0/policies/authenticationMethodsPolicy',
    args: [],
    permission: 'Policy.Read.All',
    reason: 'which factors users may use',
    paging: 'none',
  },
  'entra-roles': {
    vendor: 'entra',
    path: '/v1.0/roleManagement/directory/roleDefinitions?$select=id,displayName,isBuiltIn,templateId',
    args: [],
    permission: 'RoleManagement.Read.Directory',
    reason: 'the names of the roles',
    paging: 'graph',
  },
  'entra-role-assignments': {
    vendor: 'entra',
    path: '/v1.0/roleManagement/directory/roleAssignments?$expand=principal',
    args: [],
    permission: 'RoleManagement.Read.Directory',
    reason: 'who is an administrator',
    paging: 'graph',
  },
  'entra-role-eligibilities': {
    vendor: 'entra',
    path: '/v1.0/roleManagement/directory/roleEligibilityScheduleInstances?$expand=principal',
    args: [],
    permission: 'RoleManagement.Read.Directory',
    reason: 'who can make himself an administrator (PIM)',
    paging: 'graph',
  },
  'entra-group-members': {
    vendor: 'entra',
    path: '/v1.0/groups/{0}/transitiveMembers/microsoft.graph.user?$select=id,userPrincipalName,displayName,accountEnabled,userType&$top=999',
    args: [guid],
    permission: 'GroupMember.Read.All and User.Read.All',
    reason: 'who holds a role through a group; how many a policy leaves out',
    paging: 'graph',
    maxPages: 20,
    mayBeCut: true,
    absentOn404: true,
  },
  'entra-group-eligibilities': {
    vendor: 'entra',
    path: "/v1.0/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances?$filter=groupId%20eq%20'{0}'&$expand=principal",
    args: [guid],
    permission: 'PrivilegedEligibilitySchedule.Read.AzureADGroup',
    reason: 'who can make himself a member of a group that holds a role (PIM)',
    paging: 'graph',
  },
  'entra-user-groups': {
    vendor: 'entra',
    path: '/v1.0/users/{0}/transitiveMemberOf/microsoft.graph.group?$select=id&$top=999',
    args: [guid],
    permission: 'GroupMember.Read.All',
    reason: 'whether a policy reaches or leaves out this administrator',
    paging: 'graph',
    absentOn404: true,
  },
  'entra-users': {
    vendor: 'entra',
    path: '/v1.0/users?$select=id,userPrincipalName,mail,accountEnabled,userType&$top=999',
    args: [],
    permission: 'User.Read.All',
    reason: 'to class accounts before any of them is counted',
    paging: 'graph',
    mayBeCut: true,
  },
  'entra-rooms': {
    vendor: 'entra',
    path: '/v1.0/places/microsoft.graph.room?$top=999',
    args: [],
    permission: 'Place.Read.All',
    reason: 'which accounts are rooms',
    paging: 'graph',
  },
  'entra-registration': {
    vendor: 'entra',
    path: '/v1.0/reports/authenticationMethods/userRegistrationDetails?$top=999',
    args: [],
    permission: 'AuditLog.Read.All',
    reason: 'who has registered a second factor, and how old that knowledge is',
    paging: 'graph',
    mayBeCut: true,
  },
  'entra-per-user-mfa': {
    vendor: 'entra',
    path: '/beta/users/{0}/authentication/requirements',
    args: [guid],
    permission: 'Policy.Read.All',
    reason: 'the old per-user setting; v1.0 does not have it',
    paging: 'none',
    absentOn404: true,
  },
  'entra-sign-ins': {
    vendor: 'entra',
    path: "/beta/auditLogs/signIns?$filter=userId%20eq%20'{0}'%20and%20createdDateTime%20ge%20{1}&$top=500",
    locator: "/beta/auditLogs/signIns?$filter=userId%20eq%20'{0}'%20and%20createdDateTime%20ge%20<since>&$top=500",
    args: [guid, instant],
    permission: 'AuditLog.Read.All',
    reason: 'whether this administrator got in with one factor; v1.0 does not say with how many',
    paging: 'graph',
    maxPages: 10,
    mayBeCut: true,
  },
} as const satisfies Record<string, RequestSpec>;

const okta = {
  'okta-organization': {
    vendor: 'okta',
    path: '/.well-known/okta-organization',
    args: [],
    permission: 'none',
    reason: 'which engine decides: Classic or Identity Engine',
    paging: 'none',
  },
  'okta-session-policies': {
    vendor: 'okta',
    path: '/api/v1/policies?type=OKTA_SIGN_ON',
    args: [],
    permission: 'okta.policies.read',
    reason: 'whether a session takes a second factor',
    paging: 'link-header',
  },
  'okta-application-policies': {
    vendor: 'okta',
    path: '/api/v1/policies?type=ACCESS_POLICY',
    args: [],
    permission: 'okta.policies.read',
    reason: 'whether an application takes a second factor',
    paging: 'link-header',
  },
  'okta-rules': {
    vendor: 'okta',
    path: '/api/v1/policies/{0}/rules',
    args: [oktaId],
    permission: 'okta.policies.read',
    reason: 'the rules of a policy by priority',
    paging: 'link-header',
  },
  'okta-mappings': {
    vendor: 'okta',
    path: '/api/v1/policies/{0}/mappings',
    args: [oktaId],
    permission: 'okta.policies.read',
    reason: 'whether an application policy guards any application',
    paging: 'link-header',
  },
  'okta-role-holders': {
    vendor: 'okta',
    path: '/api/v1/iam/assignees/users?limit=100',
    args: [],
    permission: 'okta.roles.read',
    reason: 'who is an administrator',
    paging: 'okta-body',
  },
  'okta-user': {
    vendor: 'okta',
    path: '/api/v1/users/{0}',
    args: [oktaId],
    permission: 'okta.users.read',
    reason: 'name and state of an administrator',
    paging: 'none',
    absentOn404: true,
  },
  'okta-user-roles': {
    vendor: 'okta',
    path: '/api/v1/users/{0}/roles',
    args: [oktaId],
    permission: 'okta.roles.read',
    reason: 'which roles an administrator holds',
    paging: 'link-header',
    absentOn404: true,
  },
  'okta-user-groups': {
    vendor: 'okta',
    path: '/api/v1/users/{0}/groups',
    args: [oktaId],
    permission: 'okta.users.read',
    reason: 'which policies and rules reach an administrator',
    paging: 'link-header',
    absentOn404: true,
  },
  'okta-user-factors': {
    vendor: 'okta',
    path: '/api/v1/users/{0}/factors',
    args: [oktaId],
    permission: 'okta.users.read',
    reason: 'which factors an administrator has enrolled',
    paging: 'link-header',
    absentOn404: true,
  },
} as const satisfies Record<string, RequestSpec>;

export const requests = { ...entra, ...okta };
export type RequestId = keyof typeof requests;

/** The request's path with its arguments and its locator; undefined where an argument is not of its form. */
export function requestPath(id: RequestId, args: readonly string[]): { path: string; locator: string } | undefined {
  const spec: RequestSpec = requests[id];
  if (args.length !== spec.args.length || !spec.args.every((form, at) => form.test(args[at] ?? ''))) return undefined;
  const fill = (template: string): string =>
    template.replace(/\{(\d)\}/g, (_whole, at: string) => encodeURIComponent(args[Number(at)] ?? ''));
  return { path: fill(spec.path), locator: `api:${fill(spec.locator ?? spec.path)}` };
}
