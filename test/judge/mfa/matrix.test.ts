import assert from 'node:assert/strict';
import type { Draft } from '../../../collectors/collector.ts';
import { judgeMfa, wayOf } from '../../../judge/mfa/matrix.ts';
import {
  acrossCircumstances,
  countsAsRequired,
  type Requirement,
  type Success,
  weigh,
  worstOf,
} from '../../../judge/mfa/requirement.ts';
import { admins, classOf, emptyMfa, pamWith, seen, ssh, unseen } from './facts.ts';

const password = pamWith(['knowledge']);
const both = pamWith(['knowledge', 'possession']);
const strict = ssh([classOf({ authenticationmethods: ['publickey,password'], permitrootlogin: ['no'] })]);

function requirement(
  mfa: Draft<'mfa'>,
  way: string,
  people: Draft<'admins'> = admins,
  account = 'alice',
  pam = password,
): Requirement | undefined {
  return wayOf(judgeMfa(mfa, people, pam), account, way)?.judged.requirement;
}

describe('the matrix of administrators and ways in', () => {
  it('has a row for each administrator, and its worst way in', () => {
    const { administrators, outcome, outOfBand } = judgeMfa(strict, admins, password);
    assert.deepEqual(
      administrators.map(({ name, worst }) => [name, worst]),
      [
        ['root', 'notRequired'],
        ['alice', 'notRequired'],
      ],
    );
    assert.equal(outcome, 'fail');
    assert.ok(outOfBand.length > 0);
    assert.deepEqual(
      administrators[1]?.ways.map(({ way, kind }) => `${kind} ${way}`),
      ['entry ssh', 'entry console', 'escalation su', 'escalation sudo', 'escalation polkit'],
    );
  });

  it('has no fault where every way in asks for two, and a doubt for each that was not seen', () => {
    const good = judgeMfa(strict, admins, both);
    assert.deepEqual(good.faults, []);
    // The ways to root of this test know nothing of doas and its like.
    const beside = good.unknowns;
    assert.ok(
      beside.every((unknown) => unknown.endsWith(': not-here')),
      beside.join(),
    );
    const doubts = (mfa: Draft<'mfa'>, people = admins): string[] =>
      judgeMfa(mfa, people, both).unknowns.filter((unknown) => !beside.includes(unknown));
    assert.match(doubts({ ...strict, sshServers: unseen('denied') }).join(), /root, ssh: .* alice, ssh|root, ssh/);
    assert.match(doubts({ ...strict, webConsoles: unseen('denied') }).join(), /alice, web console/);
    assert.match(doubts({ ...strict, rescue: unseen('denied') }).join(), /root, rescue/);
    assert.match(doubts(strict, { ...admins, accounts: unseen('denied') }).join(), /accounts/);
    assert.match(doubts(strict, { ...admins, sudoRules: unseen('denied') }).join(), /sudoRules/);
  });

  it('faults a rule of sudo that asks for nothing also beside one that asks for two', () => {
    const rules = admins.sudoRules.status === 'observed' ? admins.sudoRules.value : [];
    const [first] = rules;
    assert.ok(first);
    const free = { ...first, tags: ['NOPASSWD' as const], commands: [{ command: '/usr/bin/vim' }] };
    const people = { ...admins, sudoRules: seen([...rules, ...rules.map((rule) => ({ ...free, users: rule.users }))]) };
    const { faults } = judgeMfa(strict, people, both);
    assert.deepEqual(faults, ['alice, sudo: nothing is asked']);
  });

  it('never counts unknown, optional or a bypass as required', () => {
    const all: Requirement[] = [
      'required',
      'requiredWithBypass',
      'conditional',
      'optional',
      'notRequired',
      'pathDisabled',
      'undetermined',
    ];
    assert.deepEqual(all.filter(countsAsRequired), ['required', 'pathDisabled']);
    for (const each of all)
      if (each !== 'required' && each !== 'pathDisabled')
        assert.notEqual(worstOf([each, 'required', 'pathDisabled']), 'required');
    assert.equal(worstOf(['undetermined', 'optional']), 'optional');
    assert.equal(worstOf([]), 'pathDisabled');
  });

  it('sees that sudo asks for nothing', () => {
    assert.equal(requirement(strict, 'sudo'), 'notRequired');
    assert.ok(admins.sudoRules.status === 'observed');
    const free = {
      ...admins,
      sudoRules: seen(admins.sudoRules.value.map((rule) => ({ ...rule, tags: ['NOPASSWD' as const] }))),
    };
    const verdict = judgeMfa(strict, free, both);
    assert.deepEqual(wayOf(verdict, 'alice', 'sudo')?.judged.factors, []);
    assert.match(verdict.faults.join(), /alice, sudo/);
    assert.equal(requirement(strict, 'sudo', { ...admins, sudoInstalled: seen(false) }, 'root'), undefined);
  });

  it('asks for the password of root by su, and closes su where it is not there', () => {
    const programs = { escalationPrograms: seen([{ kind: 'su' as const, path: '/usr/bin/su', setUserId: true }]) };
    assert.equal(requirement({ ...strict, ...programs }, 'su'), 'notRequired');
    assert.equal(requirement(strict, 'su'), 'pathDisabled');
    assert.equal(requirement({ ...strict, escalationPrograms: unseen('denied') }, 'su'), 'notRequired');
  });

  it('judges web consoles, consoles that log in by themselves, and rescue mode', () => {
    const cockpit = {
      kind: 'cockpit' as const,
      running: seen(true),
      enabledAtBoot: seen(true),
      settings: unseen('absent', 'no-such-file'),
      secondFactors: unseen('not-applicable', 'uses-pam'),
    };
    assert.equal(requirement({ ...strict, webConsoles: seen([cockpit]) }, 'cockpit'), 'notRequired');
    assert.equal(
      requirement(
        { ...strict, webConsoles: seen([{ ...cockpit, running: seen(false), enabledAtBoot: seen(false) }]) },
        'cockpit',
      ),
      'pathDisabled',
    );
    const webmin = { ...cockpit, kind: 'webmin' as const, secondFactors: seen([{ account: 'alice', enrolled: true }]) };
    assert.equal(requirement({ ...strict, webConsoles: seen([webmin]) }, 'webmin'), 'required');
    const serial = { kind: 'serial' as const, name: 'ttyS0', service: 'login', enabled: true, automaticLogin: 'root' };
    const open = judgeMfa({ ...strict, consoles: seen([serial]) }, admins, both);
    assert.deepEqual(wayOf(open, 'root', 'console')?.judged.factors, []);
    assert.equal(requirement(strict, 'rescue', admins, 'root'), 'pathDisabled');
    assert.equal(
      requirement(
        { ...strict, rescue: seen({ bootLoaderPassword: false, passwordForced: true }) },
        'rescue',
        admins,
        'root',
      ),
      'notRequired',
    );
    assert.equal(requirement({ ...strict, rescue: unseen('denied') }, 'rescue', admins, 'root'), 'undetermined');
    assert.equal(
      requirement({ ...strict, rescue: seen({ passwordForced: true }) }, 'rescue', admins, 'root'),
      'undetermined',
    );
  });

  it('judges other services that log people in', () => {
    const service = { service: 'vsftpd', unit: 'vsftpd.service', running: true, enabledAtBoot: true };
    assert.equal(requirement({ ...strict, loginServices: seen([service]) }, 'vsftpd'), 'notRequired');
    assert.equal(
      requirement({ ...strict, loginServices: unseen('unsupported', 'no-systemd') }, 'other services'),
      'undetermined',
    );
  });

  it('has an interpreter of its own for the PAM files of a document', () => {
    assert.equal(wayOf(judgeMfa(emptyMfa, admins), 'alice', 'console')?.judged.requirement, 'undetermined');
  });
});

describe('single ways, weighed into one answer', () => {
  const way = (factors: Success['factors'], more: Partial<Success> = {}): Success => ({
    factors,
    steps: [factors.join('+')],
    ...more,
  });
  const two = way(['knowledge', 'possession']);
  const cases: readonly (readonly [string, readonly Success[], Requirement])[] = [
    ['nothing', [], 'pathDisabled'],
    ['one factor', [way(['knowledge'])], 'notRequired'],
    ['two factors of one category', [way(['possession', 'possession'])], 'notRequired'],
    ['two factors', [two], 'required'],
    ['one or two', [way(['knowledge']), two], 'optional'],
    ['one at times, else two', [way(['knowledge'], { when: 'from home' }), two], 'conditional'],
    ['two, or one by a bypass', [way(['knowledge'], { bypass: 'fail-open' }), two], 'requiredWithBypass'],
    ['one by a bypass alone', [way(['knowledge'], { bypass: 'fail-open' })], 'notRequired'],
    ['two, and something unknown', [way([], { unknown: 'rules' }), two], 'undetermined'],
    ['a bypass that needs two', [two, way(['knowledge', 'inherence'], { bypass: 'x' })], 'required'],
    ['one, and something unknown', [way(['knowledge']), way([], { unknown: 'rules' })], 'notRequired'],
    ['unknown that surely needs two', [two, way(['knowledge', 'possession'], { unknown: 'x' })], 'required'],
    ['what only who is in can open', [way(['possession'], { bypass: 'key', latent: true })], 'pathDisabled'],
  ];
  for (const [name, successes, expected] of cases)
    it(`${name}: ${expected}`, () => assert.equal(weigh(successes, 'closed').requirement, expected));

  it('are conditional over circumstances that differ, and as bad as the worst where all are bad', () => {
    const part = (of: string, successes: readonly Success[]): { of: string; judged: ReturnType<typeof weigh> } => ({
      of,
      judged: weigh(successes, 'closed'),
    });
    const of = (...parts: ReturnType<typeof part>[]): Requirement => acrossCircumstances(parts).requirement;
    assert.equal(of(part('a', [two]), part('b', [way(['knowledge'])])), 'conditional');
    assert.equal(of(part('a', []), part('b', [way(['knowledge'])])), 'notRequired');
    assert.equal(of(part('a', []), part('b', [two])), 'required');
    assert.equal(of(part('a', [two]), part('b', [way([], { unknown: 'x' })])), 'undetermined');
    assert.equal(of(part('a', [way(['knowledge']), two]), part('b', [way(['knowledge'])])), 'notRequired');
    assert.equal(of(), 'undetermined');
  });
});
