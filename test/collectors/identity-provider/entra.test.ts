import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectEntra } from '../../../collectors/identity-provider/entra.ts';
import { classOf, summariseSignIns } from '../../../collectors/identity-provider/entra-people.ts';
import { identityProvider, unseenOfAdministrators } from '../../../collectors/identity-provider/index.ts';
import type { Fact } from '../../../schemas/generated/types.ts';
import { entraAnswers, groups, id, people, policy, roles } from './contoso.ts';
import { fakeDirectory, miss } from './fake-directory.ts';
import { entra, fixtures, one, options, told, valid, value } from './made.ts';

describe('what Microsoft Entra says', () => {
  it('becomes the golden document', async () => {
    const golden: unknown = JSON.parse(readFileSync(join(fixtures, 'entra.json'), 'utf8'));
    assert.deepEqual(await entra(), golden);
  });

  it('names administrators by assignment, by group, by eligibility and by a group that they may join', async () => {
    const made = await entra();
    const held = (who: keyof typeof people): string[] =>
      value(one(made, who).roles).map(
        ({ name, state, via, scope }) => `${name} ${state} ${scope}${via === undefined ? '' : ' by group'}`,
      );
    assert.deepEqual(held('alice'), ['Global Administrator active tenant']);
    assert.deepEqual(held('bob'), ['Global Administrator eligible tenant']);
    assert.deepEqual(held('guest'), ['Exchange Administrator active part']);
    assert.deepEqual(held('erin'), ['Exchange Administrator active tenant by group']);
    assert.deepEqual(held('frank'), ['Exchange Administrator eligible tenant by group']);
    assert.equal(one(made, 'app').kind, 'service-principal');
  });

  it('classes accounts before it counts them', async () => {
    const made = await entra();
    const classes = Object.fromEntries(value(made.administrators).map((each) => [each.name.split('@')[0], each.class]));
    assert.deepEqual(classes, {
      alice: 'member',
      bob: 'member',
      glass: 'member',
      'guest_partner.example#EXT#': 'guest',
      gone: 'disabled',
      sync: 'service',
      erin: 'member',
      frank: 'member',
      'Backup tool': 'service',
    });
    assert.deepEqual(value(made.accounts), {
      complete: true,
      members: 5,
      guests: 1,
      disabled: 1,
      rooms: 1,
      services: 1,
    });
    assert.deepEqual(
      value(made.registration).classes.map((each) => [each.class, each.registered, each.total]),
      [
        ['disabled', 1, 1],
        ['guest', 1, 1],
        ['member', 4, 5],
        ['room', 0, 1],
      ],
    );
  });

  it("keeps the report's own dates, and takes the zero of .NET for none", async () => {
    const { updatedFrom, updatedTo } = value((await entra()).registration);
    assert.deepEqual([updatedFrom, updatedTo], ['2026-11-18T01:02:03Z', '2026-11-20T01:02:03.4567891Z']);
  });

  it('keeps only groups that a policy names', async () => {
    const made = await entra();
    assert.deepEqual(value(one(made, 'glass').groups), [groups.breakGlass]);
    assert.deepEqual(value(one(made, 'alice').groups), []);
    assert.deepEqual(
      value(made.excludedGroups).map(({ members }) => value(members)),
      [{ count: 1, complete: true }],
    );
  });

  it('asks for no groups where no policy names one', async () => {
    const users = { includeUsers: ['All'] };
    const directory = fakeDirectory({ ...entraAnswers, 'entra-policies': [policy('All', { conditions: { users } })] });
    const made = valid(await collectEntra(directory, options));
    assert.deepEqual(value(one(made, 'glass').groups), []);
    assert.ok(!directory.asked.some((key) => key.startsWith('entra-user-groups')));
  });

  it('counts successes alone, and what the log does not say as undeclared', async () => {
    const made = await entra();
    const counts = (who: keyof typeof people): number[] => {
      const { seen, succeeded, multiFactor, singleFactor, undeclared } = value(one(made, who).signIns);
      return [seen, succeeded, multiFactor, singleFactor, undeclared];
    };
    assert.deepEqual(counts('alice'), [3, 2, 2, 0, 0]);
    assert.deepEqual(counts('glass'), [2, 2, 0, 2, 0]);
    assert.deepEqual(counts('erin'), [1, 1, 0, 0, 1]);
    assert.equal(value(one(made, 'glass').signIns).lastSingleFactorAt, '2026-11-03T08:00:00Z');
  });

  it('has no value where everything was denied', async () => {
    const made = valid(await collectEntra(fakeDirectory({}, miss('denied')), options));
    for (const [name, fact] of Object.entries(made)) {
      const expected = name === 'signOnPolicies' ? 'not-applicable' : 'denied';
      assert.equal((fact as Fact<unknown>).status, expected, name);
    }
  });

  it('keeps the group among the administrators whose members were not to be had', async () => {
    const made = await entra({ [`entra-group-members ${groups.operators}`]: miss('denied') });
    const group = value(made.administrators).find((each) => each.id === groups.operators);
    assert.equal(group?.kind, 'group');
    assert.equal(group?.class, 'unknown');
    assert.equal(told(group?.signIns ?? assert.fail()), 'failed not-expanded');
  });

  it('does not count rooms as none where the rooms were not seen', async () => {
    const made = await entra({ 'entra-rooms': miss('denied') });
    assert.deepEqual(value(made.accounts), { complete: true, members: 6, guests: 1, disabled: 1, services: 1 });
    assert.equal(told(made.rooms), 'denied http-403');
  });

  it('classes nothing by an account that was not seen', () => {
    assert.equal(classOf(undefined, new Set(), false), 'unknown');
    assert.equal(classOf({ id: 'x', name: 'x', guest: false }, new Set(), false), 'unknown');
  });

  it('asks for each single administrator at most 500 times, and says so of the others', async () => {
    const many = Array.from({ length: 502 }, (_none, index) => ({
      principalId: id(String(index)),
      roleDefinitionId: roles.globalAdministrator,
      directoryScopeId: '/',
      principal: {
        '@odata.type': '#microsoft.graph.user',
        id: id(String(index)),
        accountEnabled: true,
        userPrincipalName: `u${index}`,
      },
    }));
    const directory = fakeDirectory(
      { ...entraAnswers, 'entra-role-assignments': many, 'entra-role-eligibilities': [] },
      { miss: 'denied', reason: 'x' },
    );
    const made = valid(await collectEntra(directory, options));
    const last = value(made.administrators).at(-1);
    assert.equal(told(last?.signIns ?? assert.fail()), 'unsupported too-many-administrators');
    assert.equal(directory.asked.filter((key) => key.startsWith('entra-sign-ins')).length, 500);
  });

  it('is summarised for a person, and unseen parts of administrators are counted', async () => {
    const made = await entra({
      [`entra-sign-ins ${people.alice}`]: miss('denied'),
      [`entra-sign-ins ${people.bob}`]: miss('denied'),
    });
    assert.deepEqual([...unseenOfAdministrators(made)], [['signIns: denied (http-403)', 2]]);
    const rows = identityProvider.summarise({ identityProvider: made }).map(({ label, text }) => `${label}: ${text}`);
    assert.ok(rows.includes('Policies: 3 in force, 1 report-only, 0 off'), rows.join('\n'));
    assert.ok(rows.includes('Sign-ins: 1 of 6 administrators got in with one factor'), rows.join('\n'));
    assert.deepEqual(identityProvider.summarise({}), []);
  });
});

describe('sign-ins', () => {
  it('of one kind are counted together, most frequent first, at most twenty', () => {
    const items = Array.from({ length: 60 }, (_none, index) => ({
      status: { errorCode: 0 },
      authenticationRequirement: 'singleFactorAuthentication',
      appDisplayName: `App ${String(index % 30).padStart(2, '0')}`,
      clientAppUsed: index === 59 ? 'IMAP4' : 'Browser',
    }));
    const result = summariseSignIns([...items, items[0]], '2026-10-24T00:00:00Z', false);
    assert.ok(result.ok);
    assert.equal(result.value.singleFactorWays.length, 20);
    assert.deepEqual(result.value.singleFactorWays[0], { application: 'App 00', client: 'Browser', count: 3 });
    assert.equal(result.value.complete, false);
  });
});
