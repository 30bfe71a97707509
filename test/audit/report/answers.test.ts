import assert from 'node:assert/strict';
import type { HostAudit } from '../../../audit/model.ts';
import type { Answer } from '../../../audit/report/answer.ts';
import { answersOf } from '../../../audit/report/answers.ts';
import { lateClocks } from '../../../audit/report/answers-late.ts';
import { fleetState } from '../../../audit/report/fleet-state.ts';
import { exposure, finding } from './pieces.ts';
import { emptyHost, goodHost, mailServer } from './sample.ts';

const answer = (audit: HostAudit, id: Answer['id']): Answer => {
  const found = answersOf(audit).find((each) => each.id === id);
  assert.ok(found);
  return found;
};
const text = (audit: HostAudit, id: Answer['id']): string => answer(audit, id).sentences.join(' ');

describe('the six answers of a report', () => {
  it('tells the case in sentences', () => {
    const audit = mailServer();
    assert.match(text(audit, 'wrong'), /^9 published fixes are missing, 5 of them critical or exploited: Sep20SU, /);
    assert.match(text(audit, 'since'), /^The fix Sep20SU has been missing since 8 September 2020, 480 days\./);
    assert.match(text(audit, 'clock'), /^Essential Eight, 48 hours: too late since 11 September 2020, 477 days/);
    assert.match(text(audit, 'clock'), /Cyber Essentials, 14 days: too late since 23 September 2020/);
    assert.match(text(audit, 'clock'), /PCI DSS 6\.3\.3, 1 month \(nobody has compared this rule with its source\)/);
    assert.match(text(audit, 'factor'), /^5 of 5 administrators can: .* by OWA and console\./);
    assert.match(text(audit, 'detector'), /^Not on 448 of 549 days\. .*54 detections.*nobody said to have looked/);
    assert.match(text(audit, 'unseen'), /^On 20 days no evidence came/);
  });

  it('calls nothing good where no evidence was verified', () => {
    for (const { id, tone } of answersOf(emptyHost())) assert.equal(tone, 'unknown', id);
    assert.equal(fleetState(emptyHost()), 'silent');
  });

  it('calls all good only where all was seen and nothing is wrong', () => {
    for (const { id, tone } of answersOf(goodHost())) assert.equal(tone, 'good', id);
    assert.equal(fleetState(goodHost()), 'in-order');
  });

  const day = goodHost().at;
  const spoilt: readonly (readonly [string, Partial<HostAudit>, Answer['id'], Answer['tone']])[] = [
    ['an undecided rule', { findings: [finding('x', day, { verdict: 'undetermined' })] }, 'wrong', 'unknown'],
    ['an undecided rule', { findings: [finding('x', day, { verdict: 'undetermined' })] }, 'clock', 'unknown'],
    ['updates that nobody looked at', { unjudged: ['missing fixes'] }, 'wrong', 'unknown'],
    ['updates that nobody looked at', { unjudged: ['missing fixes'] }, 'clock', 'unknown'],
    ['updates that nobody looked at', { unjudged: ['missing fixes'] }, 'since', 'unknown'],
    ['factors that only older evidence tells', { unjudged: ['second factors'] }, 'factor', 'unknown'],
    ['a detector that only older evidence tells', { unjudged: ['threat detection'] }, 'detector', 'unknown'],
    ['a missing fix that is still in time', { exposures: [exposure('x', day, day)] }, 'wrong', 'bad'],
    ['a way in that was not worked out', { mfa: matrix('undetermined') }, 'factor', 'unknown'],
    ['a requirement that this version does not know', { mfa: matrix('new-word') }, 'factor', 'unknown'],
    ['a way in with a bypass', { mfa: matrix('requiredWithBypass') }, 'factor', 'bad'],
    ['a way in that asks at times', { mfa: matrix('conditional') }, 'factor', 'bad'],
    ['no word of a detector', { detector: [] }, 'detector', 'unknown'],
    [
      'a day without evidence',
      { detector: [{ from: day, to: day, outcome: 'no-evidence', reasons: [] }] },
      'detector',
      'unknown',
    ],
    [
      'detections that nobody looked at',
      { detections: [{ product: 'x', days: [], total: 1, acknowledged: false, trendAlarms: [] }] },
      'detector',
      'bad',
    ],
    ['a blind spot', { blindSpots: [{ what: 'x', reason: 'denied', from: day }] }, 'unseen', 'unknown'],
    [
      'a blind spot of the past',
      { blindSpots: [{ what: 'x', reason: 'denied', from: day, to: day }] },
      'unseen',
      'unknown',
    ],
    [
      'a gap in the chain',
      {
        history: {
          ...goodHost().history,
          gaps: [{ chainId: 'c', fromSequence: 1, toSequence: 2, after: day, before: day }],
        },
      },
      'unseen',
      'unknown',
    ],
    [
      'a server that went silent',
      { history: { ...goodHost().history, stale: [{ after: `${day}T00:00:00Z`, bundle: 'b', from: day }] } },
      'unseen',
      'unknown',
    ],
  ];
  it('calls nothing good of a server that has gone silent', () => {
    const stale = [{ after: `${day}T00:00:00Z`, bundle: 'b', from: day }];
    for (const { id, tone } of answersOf({ ...goodHost(), history: { ...goodHost().history, stale } }))
      assert.equal(tone, 'unknown', id);
  });

  for (const [what, change, id, tone] of spoilt)
    it(`does not call ${id} good with ${what}`, () => {
      const audit = { ...goodHost(), ...change };
      assert.equal(answer(audit, id).tone, tone);
      assert.notEqual(fleetState(audit), 'in-order');
    });

  it('names a way of which it is not known beside those that are open', () => {
    const mfa = matrix('notRequired');
    const [console = assert.fail()] = mfa.cells;
    const both = {
      ...mfa,
      cells: [
        { ...console, way: 'console' },
        { ...console, requirement: 'undetermined' },
      ],
    };
    assert.match(
      text({ ...goodHost(), mfa: both }, 'factor'),
      /: root, by console\. By ssh it is not known of 1 of them\./,
    );
  });

  it('counts no clock that breaks after the day of the audit, and none of a fix that is installed', () => {
    const at = '2020-09-12';
    const audit = { ...goodHost(), at, exposures: [exposure('x', '2020-09-08', at)] };
    assert.deepEqual(
      lateClocks(audit).map(({ clock, breachDay }) => [clock.id, breachDay]),
      [['e8-online-crit', '2020-09-11']],
    );
    const installed = exposure('x', '2020-09-08', at, {
      missing: [{ from: '2020-09-08', to: '2020-09-11', why: 'old' }],
    });
    assert.deepEqual(lateClocks({ ...audit, exposures: [installed] }), []);
  });
});

function matrix(requirement: string): NonNullable<HostAudit['mfa']> {
  const cell = { account: 'root', way: 'ssh', kind: 'entry' as const, requirement, witness: [], since: '2026-11-29' };
  return { day: '2026-11-29', cells: [cell], outOfBand: [], evidence: [] };
}
