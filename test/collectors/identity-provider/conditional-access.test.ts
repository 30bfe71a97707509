import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePolicies } from '../../../collectors/identity-provider/conditional-access.ts';
import { parseRegistrations } from '../../../collectors/identity-provider/entra-people.ts';
import { policy } from './contoso.ts';

describe('a conditional access policy', () => {
  const read = (item: object): ReturnType<typeof parsePolicies> => parsePolicies([item]);
  function names(item: object): string[] {
    const result = read(item);
    return result.ok ? (result.value[0]?.notModelled ?? []) : assert.fail(result.reason);
  }

  const conditions: readonly (readonly [string, object, readonly string[]])[] = [
    [
      'a device filter',
      { devices: { deviceFilter: { mode: 'exclude', rule: 'device.isCompliant -eq True' } } },
      ['devices'],
    ],
    ['no device filter', { devices: { deviceFilter: null, includeDevices: [] } }, []],
    ['insider risk', { insiderRiskLevels: 'elevated' }, ['insiderRiskLevels']],
    ['a condition that is not invented yet', { moonPhase: { include: ['full'] } }, ['moonPhase']],
    [
      'an application filter',
      { applications: { includeApplications: [], applicationFilter: { mode: 'include', rule: 'x' } } },
      ['applications.applicationFilter'],
    ],
    [
      'workload identities',
      { clientApplications: { includeServicePrincipals: ['ServicePrincipalsInMyTenant'] }, users: null },
      ['clientApplications'],
    ],
    ['annotations alone', { users: { includeUsers: ['All'], 'includeUsers@odata.type': '#Collection(String)' } }, []],
  ];
  for (const [title, change, expected] of conditions)
    it(`names what it does not model: ${title}`, () =>
      assert.deepEqual(names(policy('x', { conditions: change })), expected));

  it('names a control of a new kind of the grant', () => {
    const grantControls = { operator: 'OR', builtInControls: ['mfa'], brandNew: { on: true } };
    assert.deepEqual(names(policy('x', { grantControls })), ['grantControls.brandNew']);
  });

  it('of a state that is new is neither in force nor off', () => {
    const result = read(policy('x', { state: 'somethingElse' }));
    assert.equal(result.ok && result.value[0]?.state, 'unknown');
  });

  for (const broken of [
    { conditions: { users: 'All' } },
    { conditions: { clientAppTypes: 'all' } },
    { conditions: { locations: 'x' } },
    { grantControls: 'mfa' as unknown as object },
  ])
    it(`is refused whole with ${JSON.stringify(broken)}`, () => assert.equal(read(policy('x', broken)).ok, false));

  it('reads the sample of the documentation that was recorded', function () {
    const file = join(
      import.meta.dirname,
      '../../../../shared/recordings/mfa/graphdocs_conditionalAccess-policy-disabled-mfa.http',
    );
    // Named by the reporter: the recordings are not part of the project.
    if (!existsSync(file)) return this.skip();
    const result = read(JSON.parse(bodyOf(file)) as object);
    const [sample] = result.ok ? result.value : [];
    assert.equal(sample?.state, 'disabled');
    assert.deepEqual(sample?.users.excludeUsers, ['124c5b6a-ffa5-483a-9b88-04c3fce5574a', 'GuestsOrExternalUsers']);
    assert.deepEqual(sample?.grant?.controls.length, 5);
    assert.equal(sample?.grant?.termsOfUse, 2);
    assert.deepEqual(sample?.notModelled, []);
    assert.deepEqual(sample?.session, ['cloudAppSecurity', 'signInFrequency']);
  });

  it('the registration report that was recorded is read, with the dates of its rows', function () {
    const file = join(import.meta.dirname, '../../../../shared/recordings/mfa/graphdocs_userRegistrationDetails.http');
    if (!existsSync(file)) return this.skip();
    const { value: rows } = JSON.parse(bodyOf(file)) as { value: unknown[] };
    const result = parseRegistrations(rows);
    assert.ok(result.ok && result.value.size === 3);
    assert.deepEqual(
      [...result.value.values()].map(({ registered, updatedAt }) => [registered, updatedAt]),
      [true, false, true].map((registered) => [registered, '2023-03-13T19:15:41.6195833Z']),
    );
  });
});

function bodyOf(file: string): string {
  return readFileSync(file, 'utf8')
    .split(/\r?\n\r?\n/)
    .slice(1)
    .join('\n\n');
}
