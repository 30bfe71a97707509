/**
 * Administrators and second factors in the replayed case, before the incident and after the fine: documents of
 * the real Windows collectors over a recorded Exchange server, and the plan whose items close by them.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { finishDrafts } from '../../agent/run/documents.ts';
import type { Attestation } from '../../audit/attestations.ts';
import { addDays, type Day } from '../../audit/days.ts';
import { readPlan } from '../../audit/plan/plan-file.ts';
import { type PlanItemProgress, planProgress } from '../../audit/plan/progress.ts';
import { answersOf } from '../../audit/report/answers.ts';
import { fixture, lastDay } from '../../tools/case/fixtures.ts';
import { maintenance, recoveryEnds, recoverySeries, steps } from '../../tools/case/recovery.ts';
import { targetIdOf } from '../../tools/case/series.ts';
import { valueOf } from '../evidence/sample.ts';
import { allPolicies, auditOf, entriesOf, historyOf } from './played.ts';

const policies = allPolicies();
const series = await recoverySeries();
const six = ['alice', 'bob', 'contractor', 'dana', 'erik', 'exadmin'].map((name) => `CORP\\${name}`);

describe('who administers the mail server of the case, and with what', () => {
  const audit = auditOf(entriesOf(fixture('msg-2016')), lastDay, { policies });
  const of = (rule: string): typeof audit.findings => audit.findings.filter((each) => each.rule === rule);

  it('names six standing administrators from the first day, a breach of just-in-time from the second', () => {
    deepEqual(
      of('e8-jit').map(({ breachDay, state, reason }) => [breachDay, state, reason]),
      [['2020-07-02', 'open', `6 accounts are administrators all the time: ${six.join(', ')}`]],
    );
    equal(audit.adminChanges.length, 0);
    const seen = entriesOf({ ...fixture('msg-2016'), to: '2020-07-01' })[0]?.seen.admins;
    ok(seen?.status === 'observed');
    // The account of the server itself is there and is nobody.
    deepEqual(
      seen.value.filter(({ isMachine }) => isMachine === true).map(({ name, standing }) => [name, standing]),
      [['CORP\\SRV1$', true]],
    );
  });
  it('finds each of them without a second factor, by every way into the mail', () => {
    for (const rule of ['pci-8.4', 'e8-mfa-admin', 'ce-mfa']) {
      deepEqual(
        of(rule).map(({ subject, breachDay, state }) => [subject, breachDay, state]),
        six.map((name) => [name, '2020-07-02', 'open']),
        rule,
      );
      match(of(rule)[0]?.reason ?? '', /owa: one factor is enough; ecp: one .*; web-services: one factor is enough/);
    }
    deepEqual(
      [...new Set((audit.mfa?.cells ?? []).filter(({ way }) => way === 'owa').map(({ since }) => since))],
      ['2020-07-01'],
    );
  });
  it('is known on the day of the compromise, and says nothing of accounts that are used', () => {
    const then = auditOf(entriesOf(fixture('msg-2016')), '2021-08-16', { policies });
    equal(then.findings.filter(({ rule, state }) => rule === 'pci-8.4' && state === 'open').length, 6);
    ok(!audit.findings.some(({ rule }) => rule === 'e8-dormant-admin'));
  });
});

describe('the plan after the fine', () => {
  const text = readFileSync(new URL('../../docs/examples/odpa-msg-plan.yaml', import.meta.url), 'utf8');
  const plan = valueOf(readPlan(text, 'odpa-msg-plan.yaml', policies));
  const entries = entriesOf(series);
  const reviewed = {
    id: 'b'.repeat(64),
    file: 'review.attestation.json',
    predicate: {
      kind: 'detection-acknowledged',
      author: { name: 'Jane Doe', role: 'reviewer' },
      madeAt: `${steps.reviewedOn}T09:00:00Z`,
      key: { id: 'c'.repeat(64), protection: 'file' },
      targets: [targetIdOf('recovery')],
      detections: { upTo: `${steps.reviewedOn}T08:00:00Z` },
      disposition: 'incident',
      outcome: 'A file of August 2021 that a backup brought back',
    } as unknown as Attestation['predicate'],
  };
  const audits = (at: Day, attestations: readonly Attestation[]): ReturnType<typeof auditOf> =>
    auditOf(entries, at, { policies, attestations });
  const item = (id: string, at: Day, attestations: readonly Attestation[] = [reviewed]): PlanItemProgress => {
    const audit = audits(at, attestations);
    const documents = ({ day }: { readonly day: Day }): ReadonlyMap<string, object> =>
      new Map(Object.entries(series.draftsOn(day) ?? {}));
    const server = { audit, history: historyOf(entries, at), documents };
    const found = planProgress(
      { ...plan, items: plan.items.filter((each) => each.id === id) },
      [server],
      attestations,
      at,
    ).items[0];
    ok(found);
    return found;
  };
  /** Closed on that day, not on the day before. */
  const closes = (id: string, on: Day): void => {
    deepEqual([item(id, addDays(on, -1)).state, item(id, on).state], ['holding', 'done'], id);
    const { holdingSince, doneOn, heldDays } = item(id, recoveryEnds);
    deepEqual([holdingSince, doneOn, heldDays], [addDays(on, -29), on, 30], id);
  };

  it('is of documents that fit their schemas', () => {
    const drafts = series.draftsOn(maintenance[2] ?? '');
    ok(drafts);
    ok(finishDrafts(drafts, ['admins', 'mfa', 'edr', 'updates', 'host'], new Uint8Array(32)).ok);
  });
  it('closes administrators on the thirtieth day after one day of a standing one, and takes an ending membership for none', () => {
    equal(item('admins-temporary', '2025-11-30').state, 'open');
    equal(item('admins-temporary', '2025-12-19').holdingSince, steps.adminsTemporary);
    const relapse = item('admins-temporary', steps.relapse);
    equal(relapse.state, 'open');
    match(relapse.why.join(), /1 accounts are administrators all the time: CORP\\contractor/);
    closes('admins-temporary', '2026-01-19');
    const { adminChanges } = audits(recoveryEnds, []);
    deepEqual(
      adminChanges.filter(({ kind, day }) => kind === 'added' && day > steps.modern).map(({ day }) => day),
      maintenance.filter((day) => day > steps.modern),
    );
  });
  it('closes the ways into the mail when the last of them takes tokens alone', () => {
    match(item('mail-by-tokens', '2026-01-25').text, /does not hold/);
    closes('mail-by-tokens', '2026-02-24');
  });
  it('closes nothing about second factors while it is for the identity provider to ask for them', () => {
    const early = item('second-factor', '2025-12-10');
    match(early.why.join(), /CORP\\alice gets in with one factor/);
    const late = item('second-factor', '2026-02-11');
    equal(late.state, 'undetermined');
    match(late.why.join(), /the identity provider decides/);
    const nobody = item('second-factor', recoveryEnds);
    deepEqual([nobody.state, nobody.holdingSince], ['undetermined', undefined]);
    match(nobody.why.join(), /no administrator could get in/);
    // Nobody is an administrator on the last day: the report calls that no proof.
    const answer = answersOf(audits(recoveryEnds, [])).find(({ id }) => id === 'factor');
    equal(answer?.tone, 'unknown');
    match(answer?.sentences.join(' ') ?? '', /^Nobody who is an administrator now gets in at all: 1 account is closed/);
  });
  it('answers in the report of the incident who gets in with one factor, and how', () => {
    const incident = auditOf(entriesOf(fixture('msg-2016')), lastDay, { policies });
    const answer = answersOf(incident).find(({ id }) => id === 'factor');
    equal(answer?.tone, 'bad');
    match(answer?.sentences[0] ?? '', /^6 of 7 administrators can: .*, by .*owa, ecp, active-sync, web-services/);
  });
  it('closes detection, its test and updates to the day', () => {
    closes('detector-effective', '2025-12-02');
    closes('updates-14-days', '2025-12-04');
  });
  it('ends the review of a detection by the word of a person alone', () => {
    const rule = 'affiant-detection-review';
    const without = audits(recoveryEnds, []).findings.find((each) => each.rule === rule);
    deepEqual([without?.breachDay, without?.state], ['2025-11-12', 'open']);
    equal(item('detections-reviewed', recoveryEnds, []).state, 'open');
    const audit = audits(recoveryEnds, [reviewed]);
    const ended = audit.findings.find((each) => each.rule === rule);
    deepEqual([ended?.state, ended?.interval.to, ended?.ended?.by], ['ended', '2025-11-18', 'attestation']);
    closes('detections-reviewed', '2025-12-18');
    deepEqual(
      audit.reviews.map(({ day, by }) => [day, by]),
      [[steps.reviewedOn, 'Jane Doe (reviewer)']],
    );
  });
});
