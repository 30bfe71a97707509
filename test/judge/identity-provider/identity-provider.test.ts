import assert from 'node:assert/strict';
import { type JudgedAdministrator, judgeIdentityProvider } from '../../../judge/identity-provider.ts';
import type { DirectoryAdministrator, IdentityProviderDocument } from '../../../schemas/generated/types.ts';
import { blockLegacy, modern, strength } from './case.ts';
import { entraWhereCases } from './entra-where-cases.ts';
import { entraWhoCases } from './entra-who-cases.ts';
import { oktaCases } from './okta-cases.ts';
import { abroad, administrator, group, office, policy, seen, tenant, unseen } from './tenants.ts';

function only(document: IdentityProviderDocument): JudgedAdministrator {
  const { administrators } = judgeIdentityProvider(document);
  assert.equal(administrators.length, 1);
  return administrators[0] ?? assert.fail();
}

describe('the judge of identity providers', () => {
  for (const [vendor, cases] of [
    ['Entra', [...entraWhoCases, ...entraWhereCases]],
    ['Okta', oktaCases],
  ] as const)
    describe(vendor, () => {
      for (const [title, document, expected, says] of cases)
        it(`${title}: ${expected}`, () => {
          const { id: _id, name: _name, class: _class, ...answer } = only(document);
          assert.equal(answer.requirement, expected, JSON.stringify(answer, null, 1));
          const by = answer.decidedBy.map((name) => `by ${name}`);
          if (says !== undefined)
            assert.match(
              [...by, ...answer.exclusions, ...answer.witness, ...answer.bypasses, ...answer.unknowns].join('\n'),
              says,
            );
        });
    });

  it('has a title for each case that no other has', () => {
    for (const cases of [[...entraWhoCases, ...entraWhereCases], oktaCases])
      assert.equal(new Set(cases.map(([title]) => title)).size, cases.length);
  });

  it('gives a witness with every answer', () => {
    for (const [title, document] of [...entraWhoCases, ...entraWhereCases, ...oktaCases])
      assert.ok(only(document).witness.length > 0, title);
  });

  it('passes only where every administrator is required', () => {
    const of = (...all: DirectoryAdministrator[]): string =>
      judgeIdentityProvider(tenant([policy({ users: { excludeGroups: [group] } })], all)).verdict.outcome;
    const glass = administrator({ id: 'b', name: 'glass', groups: seen([group]) });
    assert.equal(of(administrator()), 'pass');
    assert.equal(of(administrator(), glass), 'fail');
    assert.equal(
      of(administrator(), administrator({ id: 'c', name: 'c', groups: unseen('denied', 'x') })),
      'undetermined',
    );
    assert.equal(of(), 'undetermined');
  });

  it('does not pass where those who can make themselves administrators were not seen', () => {
    const { verdict } = judgeIdentityProvider(
      tenant([policy()], [administrator()], { eligibleRoles: unseen('denied', 'http-403') }),
    );
    assert.deepEqual([verdict.outcome, verdict.unknowns.length], ['undetermined', 1]);
  });

  it('says nothing of administrators that were not seen', () => {
    const judged = judgeIdentityProvider(tenant([policy()], [], { administrators: unseen('denied', 'http-403') }));
    assert.deepEqual([judged.administrators, judged.verdict.outcome], [[], 'undetermined']);
  });

  it('counts by class, and programs not at all', () => {
    const judged = judgeIdentityProvider(
      tenant(
        [policy()],
        [
          administrator(),
          administrator({ id: 'g', class: 'guest' }),
          administrator({ id: 'd', class: 'disabled' }),
          administrator({ id: 'p', kind: 'service-principal', class: 'service', name: 'Backup tool' }),
        ],
      ),
    );
    assert.deepEqual(judged.counts, { member: { required: 1 }, guest: { required: 1 }, disabled: { pathDisabled: 1 } });
    assert.deepEqual(judged.programs, ['Backup tool']);
  });

  it('does not count those as administrators whose only role changes nothing', () => {
    const reader = administrator({}, [{ id: '88d8e3e3-8f55-4a1e-953a-9b9898b8876b' }]);
    assert.deepEqual(judgeIdentityProvider(tenant([policy()], [reader])).administrators, []);
  });

  it('shows the worst first', () => {
    const judged = judgeIdentityProvider(
      tenant([policy({ users: { excludeUsers: ['b'] } })], [administrator(), administrator({ id: 'b', name: 'zoe' })]),
    );
    assert.deepEqual(
      judged.administrators.map(({ name }) => name),
      ['zoe', 'alice@contoso.example'],
    );
  });

  it('calls only those strengths phishing-resistant of which every combination is', () => {
    assert.equal(only(tenant([strength(['fido2', 'windowsHelloForBusiness'])])).phishingResistant, true);
    assert.equal(only(tenant([strength(['fido2', 'password,sms'])])).phishingResistant, false);
    assert.equal(only(tenant([policy()])).phishingResistant, false);
  });

  it('never says required of fewer policies than it did, whatever is taken away', () => {
    const policies = [
      policy({ clientAppTypes: modern }),
      blockLegacy(),
      policy({ locations: { include: ['All'], exclude: [office] } }),
    ];
    const rank = [
      'notRequired',
      'optional',
      'undetermined',
      'conditional',
      'requiredWithBypass',
      'required',
      'pathDisabled',
    ];
    const whole = rank.indexOf(only(tenant(policies)).requirement);
    for (const left of policies)
      assert.ok(rank.indexOf(only(tenant(policies.filter((each) => each !== left))).requirement) <= whole);
  });

  it('gives up in words where policies tell too many circumstances apart', () => {
    const many = Array.from(
      { length: 300 },
      (_none, index) => `${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`,
    );
    const wide = policy({
      applications: { exclude: many },
      locations: { include: ['All'], exclude: many },
      platforms: { include: ['all'], exclude: ['linux', 'iOS'] },
    });
    assert.match(only(tenant([wide])).witness.join(), /too many circumstances/);
  });

  it('judges 200 administrators under 60 policies in bounded work', () => {
    const policies = Array.from({ length: 60 }, (_none, index) =>
      policy({
        name: `P${index}`,
        clientAppTypes: modern,
        applications: { exclude: [`${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`] },
        locations: { include: ['All'], exclude: index % 2 === 0 ? [office] : [abroad] },
      }),
    );
    const all = Array.from({ length: 200 }, (_none, index) => administrator({ id: `a${index}`, name: `a${index}` }));
    assert.equal(judgeIdentityProvider(tenant(policies, all)).administrators.length, 200);
  });
});
