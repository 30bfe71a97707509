import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { compileExpression, type Outcome } from '../../audit/policy/expression.ts';
import { readPolicy } from '../../audit/policy/policy-set.ts';
import { testPolicies } from '../../audit/policy/test-policy.ts';

const denied = { status: 'denied', reason: 'permission-denied', sources: ['file:/x'] };
const restart = { status: 'observed', value: { required: false }, sources: ['file:/y'] };

function run(text: string, updates: object): Outcome {
  const compiled = compileExpression(text, 'document');
  ok(compiled.ok, JSON.stringify(compiled));
  return compiled.value.run({ updates });
}

describe('an expression over documents', () => {
  it('is true or false by what was seen', () => {
    deepEqual(run('updates.rebootRequired.value.required == false', { rebootRequired: restart }), {
      kind: 'value',
      value: true,
    });
  });
  for (const text of [
    'updates.rebootRequired.value.required == false',
    'has(updates.rebootRequired.value) == false',
    '!has(updates.rebootRequired.value)',
    '!("value" in updates.rebootRequired)',
    'updates.rebootRequired.value.required || true',
    '!updates.rebootRequired.exists(name, name == "value")',
    'size(updates.rebootRequired) < 10',
    'updates.rebootRequired != {"status": "observed"}',
    'has(updates.rebootRequired.value) ? updates.rebootRequired.value.required : true',
  ])
    it(`is undetermined where it reads the value of an unseen fact: ${text}`, () => {
      const outcome = run(text, { rebootRequired: denied });
      equal(outcome.kind, 'undetermined');
      ok(outcome.kind === 'undetermined' && outcome.unseen.includes('updates/rebootRequired'));
    });
  it('is undetermined where an unseen fact lies deep in a list', () => {
    const outcome = run('updates.serverProducts.value.all(each, !has(each.version.value))', {
      serverProducts: { status: 'observed', value: [{ version: denied }], sources: ['file:/z'] },
    });
    equal(outcome.kind, 'undetermined');
  });
  it('may ask how a fact stands, which is seen', () => {
    deepEqual(run('updates.rebootRequired.status == "denied"', { rebootRequired: denied }), {
      kind: 'value',
      value: true,
    });
  });
  it('names a fact that no schema has, with its place', () => {
    const compiled = compileExpression('updates.rebootRequird.value.required', 'document');
    match(compiled.ok ? '' : compiled.refusal.message, /rebootRequird.*character 9/);
  });
  it('is refused where it gives no truth, or nests deeper than it may', () => {
    equal(compileExpression('1 + 1', 'document').ok, false);
    const list = '[0,1,2,3,4,5,6,7,8,9]';
    const deep = `${list}.all(a, ${list}.all(b, ${list}.all(c, true)))`;
    match(JSON.stringify(compileExpression(deep, 'document')), /comprehensions 3 deep/);
  });
  it('that explodes is stopped, says so, and does not pass', () => {
    const many = Array.from({ length: 20_000 }, (_unused, at) => at);
    const outcome = run('updates.availableUpdates.value.all(a, updates.availableUpdates.value.all(b, a + b >= 0.0))', {
      availableUpdates: { status: 'observed', value: many, sources: ['file:/z'] },
    });
    match(outcome.kind === 'undetermined' ? outcome.why : 'it passed', /was stopped/);
  });
});

const own = (clock: string): string => `format: affiant-policy/1
id: house
title: House rules
status: own
clocks:
  - id: house-7d
    title: Within seven days
    source: Board, 3 May 2026
    verified: true
    measures: fix
    start: fix-release
    limit: { days: 7 }
    ${clock}
tests:
  - name: a high one
    clock: house-7d
    fix: { releasedAt: '2024-02-23', severity: high }
    expect: { breachDay: '2024-03-02' }
  - name: a low one
    clock: house-7d
    fix: { releasedAt: '2024-02-23', severity: low }
    expect: { applies: false }
  - name: one whose score nobody knows
    clock: house-7d
    fix: { releasedAt: '2024-02-23' }
    expect: { verdict: undetermined }
`;

describe('a policy from a file', () => {
  it('is read, and its tests hold over a leap day', () => {
    const read = readPolicy(
      own(`when: fix.severity == "high" || fix.severity != "low" && fix.cvss >= 7.0`),
      'house.yaml',
    );
    ok(read.ok, JSON.stringify(read));
    const { compiled, ...policy } = read.value;
    const outcomes = testPolicies({ policies: [policy], ...compiled, text: '' });
    deepEqual(
      outcomes.map(({ passed, text }) => [passed, text]),
      [
        [true, 'as expected'],
        [true, 'as expected'],
        [true, 'as expected'],
      ],
    );
  });
  it('tells which of its tests does not hold, and what was found', () => {
    const read = readPolicy(own('when: "true"'), 'house.yaml');
    ok(read.ok);
    const { compiled, ...policy } = read.value;
    const failed = testPolicies({ policies: [policy], ...compiled, text: '' }).filter(({ passed }) => !passed);
    deepEqual(
      failed.map(({ name }) => name),
      ['a low one', 'one whose score nobody knows'],
    );
  });
  for (const [what, text, expected] of [
    [
      'a typo in a name',
      own('when: fix.sevrity == "high"'),
      /house\.yaml, line 13: clock house-7d: No such key: sevrity at character 5/,
    ],
    [
      'a typo in the grammar',
      own('when: fix.severity = "high"'),
      /house\.yaml, line 13: .*Unexpected character: = at character 14/,
    ],
    ['a member that is not known', own('whenn: "true"'), /house\.yaml, line 13: clocks\.0\.whenn is not known here/],
    ['a limit that is no number', own('').replace('days: 7', 'days: soon'), /house\.yaml, line 12: clocks\.0\.limit/],
    ['a key twice', own('title: Again'), /house\.yaml, line 13: Map keys must be unique/],
    ['YAML that does not end', own('').replace('title: House rules', 'title: "House rules'), /house\.yaml, line \d+: /],
  ] as const)
    it(`names file, line and what is expected for ${what}`, () => {
      const read = readPolicy(text, 'house.yaml');
      match(read.ok ? 'it was taken' : read.refusal.message, expected);
    });
});
