import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Attestation } from '../../../audit/attestations.ts';
import { addDays } from '../../../audit/days.ts';
import type { Finding, History, HistoryEntry } from '../../../audit/model.ts';
import type { PlanServer } from '../../../audit/plan/outcomes.ts';
import { type CompiledPlan, readPlan } from '../../../audit/plan/plan-file.ts';
import { type PlanItemProgress, planProgress } from '../../../audit/plan/progress.ts';
import { choosePolicies, loadPolicies } from '../../../audit/policy/policy-set.ts';
import { valueOf } from '../../evidence/sample.ts';
import { newestOf } from '../export/export-source.ts';
import { finding } from '../report/pieces.ts';
import { emptyHost } from '../report/sample.ts';

const policies = valueOf(choosePolicies(valueOf(loadPolicies(undefined)), undefined));
const head = "format: affiant-plan/1\nid: p\ntitle: P\nbegins: '2026-02-20'\natRiskDays: 5\nitems:\n";
const item = (proof: string, more = ''): string =>
  `  - id: one\n    title: One\n    owner: O\n    due: '2026-03-20'\n${more}    proof:\n      ${proof}\n`;
const planOf = (text: string): CompiledPlan => valueOf(readPlan(head + text, 'plan.yaml', policies));
const refusalOf = (text: string): string => {
  const read = readPlan(text, 'plan.yaml', policies);
  assert.ok(!read.ok);
  return read.refusal.message;
};

/** A server with a bundle on each of the days; `good` says on which the condition of the tests is true. */
function server(
  days: readonly string[],
  good: (day: string) => boolean | 'unseen',
  findings: readonly Finding[] = [],
): PlanServer {
  const audit = { ...emptyHost(), host: { ...emptyHost().host, names: ['mail1.example'] }, findings };
  const entries = days.map(
    (day): HistoryEntry => ({
      ...newestOf(audit),
      day,
      bundle: day,
      claimedAt: `${day}T03:00:00Z`,
      documents: { updates: String(good(day)) },
      seen: { ...newestOf(audit).seen, ...(good(day) === 'unseen' ? {} : { fixes }) },
    }),
  );
  const history: History = { host: audit.host, entries, gaps: [], faults: [], stale: [], duplicates: [] };
  const fact = (seen: boolean | 'unseen'): object =>
    seen === 'unseen'
      ? { status: 'denied', reason: 'EACCES', sources: [] }
      : { status: 'observed', value: { required: !seen }, sources: [] };
  return {
    audit,
    history,
    documents: ({ day }) => new Map([['updates', { rebootRequired: fact(good(day)) }]]),
  };
}

const fixes = {
  status: 'observed' as const,
  value: [],
  document: 'updates',
  pointer: '/availableUpdates',
  sources: [],
};
const daysFrom = (from: string, count: number): string[] =>
  Array.from({ length: count }, (_unused, at) => addDays(from, at));
const condition = 'expression: updates.rebootRequired.value.required == false\n      heldDays: 10';

function progress(
  servers: readonly PlanServer[],
  at: string,
  proof = condition,
  stated: readonly Attestation[] = [],
): PlanItemProgress {
  const [only] = planProgress(planOf(item(proof)), servers, stated, at).items;
  assert.ok(only);
  return only;
}

describe('an action plan', () => {
  it('is done on the tenth day in a row, through the end of February', () => {
    const servers = [server(daysFrom('2026-02-20', 20), () => true)];
    assert.deepEqual(
      ['2026-02-28', '2026-03-01', '2026-03-02'].map((at) => {
        const { state, holdingSince, doneOn, doneIfHeldUntil } = progress(servers, at);
        return [state, holdingSince, doneOn, doneIfHeldUntil];
      }),
      [
        ['holding', '2026-02-20', undefined, '2026-03-01'],
        ['done', '2026-02-20', '2026-03-01', undefined],
        ['done', '2026-02-20', '2026-03-01', undefined],
      ],
    );
  });

  it('begins anew after a day without evidence: silence proves nothing', () => {
    const days = daysFrom('2026-02-20', 20).filter((day) => day !== '2026-02-25');
    const { state, holdingSince } = progress([server(days, () => true)], '2026-03-02');
    assert.deepEqual([state, holdingSince], ['holding', '2026-02-26']);
  });

  it('is not known, never done, where the value of the fact was not seen', () => {
    const { state, why } = progress([server(daysFrom('2026-02-20', 12), () => 'unseen')], '2026-03-03');
    assert.equal(state, 'undetermined');
    assert.match(why.join(), /mail1\.example: not seen: updates\/rebootRequired/);
  });

  it('is not known where there is no server at all, or one that it names sent nothing', () => {
    assert.equal(progress([], '2026-03-01').state, 'undetermined');
    // An item of all servers is not done while one that is known to be there sent nothing.
    const held = [server(daysFrom('2026-02-20', 12), () => true)];
    const [all] = planProgress(planOf(item(condition)), held, [], '2026-03-03', ['db7']).items;
    assert.equal(all?.state, 'undetermined');
    assert.match(all.why.join(), /db7: no evidence of this server/);
    const named = planProgress(
      planOf(item(condition, '    targets: [mail1, db7]\n')),
      [server(daysFrom('2026-02-20', 12), () => true)],
      [],
      '2026-03-01',
    );
    assert.equal(named.items[0]?.state, 'undetermined');
    assert.deepEqual(named.items[0]?.why, ['db7: no evidence of this server']);
  });

  it('needs every server', () => {
    const days = daysFrom('2026-02-20', 12);
    assert.equal(
      progress([server(days, () => true), server(days, (day) => day < '2026-02-28')], '2026-03-02').state,
      'open',
    );
  });

  it('is at risk once ten days no longer fit before it is due, and overdue after', () => {
    const bad = [server(daysFrom('2026-02-20', 40), () => false)];
    assert.deepEqual(
      ['2026-03-09', '2026-03-10', '2026-03-11', '2026-03-20', '2026-03-21'].map((at) => progress(bad, at).state),
      ['open', 'open', 'at-risk', 'at-risk', 'overdue'],
    );
    const late = [server(daysFrom('2026-02-20', 40), (day) => day >= '2026-03-12')];
    assert.equal(progress(late, '2026-03-15').state, 'at-risk');
    const { state, text } = progress(late, '2026-03-21');
    assert.equal(state, 'done');
    assert.match(text, /done on 2026-03-21, after it was due on 2026-03-20/);
  });

  it('says not known of what nobody saw, also where it is at risk or overdue', () => {
    for (const at of ['2026-05-20', '2030-01-01'])
      assert.match(progress([server(daysFrom('2026-02-20', 12), () => 'unseen')], at).text, /^not known: /);
  });

  it('tells what was done and does not hold any more', () => {
    const { state, lostOn, doneOn, text } = progress(
      [server(daysFrom('2026-02-20', 20), (day) => day < '2026-03-04')],
      '2026-03-05',
    );
    assert.deepEqual([state, lostOn, doneOn], ['open', '2026-03-04', '2026-03-01']);
    assert.match(text, /^it was done and does not hold any more since 2026-03-04/);
  });

  it('holds a rule while no finding breaks it; a suspended finding breaks it still', () => {
    const days = daysFrom('2026-02-20', 12);
    const proof = 'rules: [ce-14d]\n      heldDays: 10';
    const broken = (more: Partial<Finding>): PlanServer =>
      server(days, () => true, [finding('x', '2026-02-21', { ...more, rule: 'ce-14d' })]);
    const interval = { from: '2026-02-22' };
    assert.equal(progress([server(days, () => true)], '2026-03-01', proof).state, 'done');
    assert.equal(progress([server(days, () => 'unseen')], '2026-03-01', proof).state, 'undetermined', 'nobody looked');
    assert.equal(progress([broken({ interval })], '2026-03-01', proof).state, 'open');
    assert.equal(progress([broken({ interval, state: 'suspended' })], '2026-03-01', proof).state, 'open');
    assert.equal(progress([broken({ interval, verdict: 'undetermined' })], '2026-03-01', proof).state, 'undetermined');
    assert.equal(
      progress([broken({ interval: { from: '2026-02-20', to: '2026-02-21' } })], '2026-03-01', proof).state,
      'holding',
    );
    assert.equal(progress([broken({ interval, level: 'warning' })], '2026-03-01', proof).state, 'done');
  });

  it('takes a statement that mentions the item, from the day on which it was made, and shows it apart', () => {
    const claim = (words: string, madeAt: string, expiresAt?: string): Attestation => ({
      id: 'a',
      file: 'a.attestation.json',
      predicate: {
        kind: 'claim',
        author: { name: 'Jane Doe', role: 'Finance' },
        madeAt,
        key: { id: 'k', protection: 'file' },
        targets: ['0f5b6c1d2e3f405162738495a6b7c8d9'],
        asOf: madeAt.slice(0, 10),
        claim: { kind: 'other' },
        words,
        ...(expiresAt !== undefined && { expiresAt }),
      } as unknown as Attestation['predicate'],
    });
    const proof = 'attestation:\n        kind: claim';
    const stated = [claim('Item one is paid.', '2026-03-01T10:00:00Z')];
    const { state, by, text } = progress([], '2026-03-02', proof, stated);
    assert.deepEqual([state, by], ['done', 'statement']);
    assert.match(text, /stated by Jane Doe \(Finance\) on 2026-03-01; no machine has seen it/);
    assert.equal(progress([], '2026-02-28', proof, stated).state, 'open');
    assert.equal(
      progress([], '2026-03-02', proof, [claim('Item one-b is paid.', '2026-03-01T10:00:00Z')]).state,
      'open',
    );
    assert.equal(progress([], '2026-03-21', proof, []).state, 'overdue');
    // Like an exception it holds no more on the day on which it expires: at midnight it counted that day as well.
    const ending = [claim('Item one is paid.', '2026-03-01T10:00:00Z', '2026-03-03T00:00:00Z')];
    assert.equal(progress([], '2026-03-02', proof, ending).state, 'done');
    assert.notEqual(progress([], '2026-03-03', proof, ending).state, 'done');
  });

  it('counts what was done on each day, and what was to be done by then', () => {
    const { burnUp } = planProgress(
      planOf(item(condition)),
      [server(daysFrom('2026-02-20', 12), () => true)],
      [],
      '2026-03-03',
    );
    assert.deepEqual(
      burnUp.find(({ day }) => day === '2026-02-28'),
      { day: '2026-02-28', done: 0, due: 0 },
    );
    assert.deepEqual(
      burnUp.find(({ day }) => day === '2026-03-01'),
      { day: '2026-03-01', done: 1, due: 0 },
    );
    assert.deepEqual(burnUp.at(-1), { day: '2026-03-20', done: 1, due: 1 });
  });

  describe('names the line of', () => {
    const wrong: readonly (readonly [string, string, RegExp])[] = [
      [
        'a word that the schema does not know',
        item('rulez: [ce-14d]'),
        /^plan\.yaml, line 12: .*rulez is not known here/,
      ],
      [
        'a clock that no policy has',
        item('rules: [ce-14d, ce-15d]'),
        /line 12: item one: no policy that applies has the clock ce-15d/,
      ],
      [
        'a clock that no evidence shows',
        item('rules: [breach-notify]'),
        /line 12: item one: no evidence of a server shows whether breach-notify is kept/,
      ],
      [
        'an expression with a typo',
        item("expression: updates.rebotRequired.status == 'observed'"),
        /line 12: item one: .*rebotRequired/,
      ],
      ['a proof of nothing', item('heldDays: 3'), /line 11: item one: nothing proves it/],
      [
        'two kinds of proof',
        item('rules: [ce-14d]\n      attestation:\n        kind: claim'),
        /line 13: item one: .*not by both/,
      ],
      ['two items of one id', item(condition) + item(condition), /line 14: item one: another item has this id/],
      ['a day that is none', item(condition).replace('2026-03-20', '2026-02-30'), /line 10: .*due must be a/],
      [
        'a day before the beginning',
        item(condition).replace('2026-03-20', '2026-01-30'),
        /line 10: item one: it is due before the plan begins/,
      ],
      ['broken YAML', '  - id: [', /^plan\.yaml, line \d+: /],
    ];
    for (const [what, text, expected] of wrong) it(what, () => assert.match(refusalOf(head + text), expected));
  });

  it('of the documentation can be read, and nothing of it is done without evidence', () => {
    const text = readFileSync(new URL('../../../docs/examples/odpa-msg-plan.yaml', import.meta.url), 'utf8');
    const plan = valueOf(readPlan(text, 'odpa-msg-plan.yaml', policies));
    const { items, due } = planProgress(plan, [], [], '2025-12-20');
    assert.equal(due, '2026-12-20');
    assert.deepEqual(
      items.map(({ id, state }) => [id, state]).filter(([, state]) => state !== 'undetermined'),
      [
        ['payment', 'overdue'],
        ['incident-exercise', 'open'],
      ],
    );
  });
});
