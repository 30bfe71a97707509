import assert from 'node:assert/strict';
import { groups, id, people, policy } from './contoso.ts';
import { type FakeAnswers, miss } from './fake-directory.ts';
import { entra, type Made, one, told } from './made.ts';

describe('what Microsoft Entra did not say', () => {
  const single: readonly (readonly [string, FakeAnswers, (made: Made) => string, string])[] = [
    [
      'policies',
      { 'entra-policies': miss('denied') },
      (made) => told(made.conditionalAccessPolicies),
      'denied http-403',
    ],
    [
      'groups without policies',
      { 'entra-policies': miss('denied') },
      (made) => told(one(made, 'alice').groups),
      'denied policies-not-seen',
    ],
    [
      'excluded groups without policies',
      { 'entra-policies': miss('failed', 'http-500') },
      (made) => told(made.excludedGroups),
      'failed policies-not-seen',
    ],
    [
      'groups of one',
      { [`entra-user-groups ${people.alice}`]: miss('timed-out', 'throttled') },
      (made) => told(one(made, 'alice').groups),
      'timed-out throttled',
    ],
    [
      'sign-ins without a licence',
      { [`entra-sign-ins ${people.alice}`]: miss('unsupported', 'licence-missing') },
      (made) => told(one(made, 'alice').signIns),
      'unsupported licence-missing',
    ],
    [
      'the per-user setting',
      { [`entra-per-user-mfa ${people.alice}`]: miss('denied') },
      (made) => told(one(made, 'alice').perUserMfa),
      'denied http-403',
    ],
    [
      'an answer of the per-user setting that is new',
      { [`entra-per-user-mfa ${people.alice}`]: { perUserMfaState: 'x' } },
      (made) => told(one(made, 'alice').perUserMfa),
      'failed unexpected-answer',
    ],
    [
      'the report',
      { 'entra-registration': miss('denied') },
      (made) => told(one(made, 'alice').registration),
      'denied http-403',
    ],
    [
      'one who is not in the report',
      { 'entra-registration': [] },
      (made) => told(one(made, 'alice').registration),
      'absent not-in-the-report',
    ],
    [
      'one who may be behind the cut of the report',
      { 'entra-registration': { items: [], complete: false } },
      (made) => told(one(made, 'alice').registration),
      'failed report-cut',
    ],
    [
      'eligible roles without a licence',
      { 'entra-role-eligibilities': miss('unsupported', 'licence-missing') },
      (made) => told(made.eligibleRoles),
      'unsupported licence-missing',
    ],
    [
      'eligible members of a group',
      { [`entra-group-eligibilities ${groups.operators}`]: miss('denied') },
      (made) => told(made.eligibleGroupMembers),
      'denied http-403',
    ],
    [
      'role assignments',
      { 'entra-role-assignments': miss('denied') },
      (made) => told(made.administrators),
      'denied http-403',
    ],
    [
      'a tenant that is another',
      { 'entra-organization': [{ id: id('1'), displayName: 'Fabrikam' }] },
      (made) => told(made.tenant),
      'failed another-tenant',
    ],
    [
      'a tenant without a name of its own',
      { 'entra-organization': [] },
      (made) => told(made.tenant),
      'failed unexpected-answer',
    ],
    [
      'security defaults that are a text',
      { 'entra-security-defaults': { isEnabled: 'true' } },
      (made) => told(made.securityDefaults),
      'failed unexpected-answer',
    ],
    [
      'policies of which one is not understood',
      { 'entra-policies': [policy('A'), { id: 'x' }] },
      (made) => told(made.conditionalAccessPolicies),
      'failed unexpected-answer',
    ],
    [
      'policies that were cut',
      { 'entra-policies': { items: [policy('A')], complete: false } },
      (made) => told(made.conditionalAccessPolicies),
      'failed too-many-pages',
    ],
    [
      'sign-ins that do not say how they ended',
      { [`entra-sign-ins ${people.alice}`]: [{ authenticationRequirement: 'singleFactorAuthentication' }] },
      (made) => told(one(made, 'alice').signIns),
      'failed unexpected-answer',
    ],
    [
      'no group that holds a role',
      { 'entra-role-assignments': [] },
      (made) => told(made.eligibleGroupMembers),
      'not-applicable no-group-holds-a-role',
    ],
  ];
  for (const [title, change, look, expected] of single)
    it(`says of ${title}: ${expected}`, async () => assert.equal(look(await entra(change)), expected));
});
