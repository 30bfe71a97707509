import { deepEqual, equal, ok } from 'node:assert/strict';
import { choosePolicies, loadPolicies } from '../../audit/policy/policy-set.ts';
import { builtInPolicies } from '../../policies/list.ts';
import { policy as isPolicy } from '../../schemas/generated/validators.js';

const loaded = loadPolicies(undefined);
ok(loaded.ok, JSON.stringify(loaded));
const set = loaded.value;

describe('the policies that come with the program', () => {
  it('are as their schema says, each clock and control with its source', () => {
    for (const policy of builtInPolicies) ok(isPolicy(policy), `${policy.id}: ${JSON.stringify(isPolicy.errors)}`);
  });
  it('name in controls only clocks that there are', () => {
    const clocks = new Set(set.clocks.map(({ clock }) => clock.id));
    for (const { control } of set.controls)
      for (const id of control.clocks) ok(clocks.has(id), `${control.id} names ${id}`);
  });
  it('have a limit, a table, a number or a note that says why there is none', () => {
    for (const { clock } of set.clocks)
      ok(
        clock.limit ?? clock.decision ?? clock.kevDueDay ?? clock.atMost ?? clock.note,
        `${clock.id} says neither how long nor why not`,
      );
  });
  it('decide each of the sixteen cases of BOD 26-04 once', () => {
    const { decision } = set.clocks.find(({ clock }) => clock.id === 'bod-26-04')?.clock ?? {};
    const rows = decision?.rows ?? [];
    equal(new Set(rows.map(({ when }) => JSON.stringify(when))).size, 16);
    const days = (kev: boolean, exposed: boolean, automatable: boolean, impact: string): unknown =>
      rows.find(
        ({ when }) =>
          when['kev'] === kev &&
          when['exposed'] === exposed &&
          when['automatable'] === automatable &&
          when['impact'] === impact,
      )?.limit;
    deepEqual(days(true, true, true, 'total'), { days: 3 });
    deepEqual(days(false, true, true, 'total'), { days: 3 });
    deepEqual(days(false, true, false, 'partial'), { days: 60 });
    deepEqual(days(true, false, false, 'partial'), { days: 14 });
    equal(days(false, false, false, 'total'), undefined);
    equal(rows.filter(({ duty }) => duty !== undefined).length, 3);
  });
  it('take proposed and revoked ones only where somebody names them', () => {
    const chosen = choosePolicies(set, undefined);
    ok(chosen.ok);
    const ids = chosen.value.policies.map(({ id }) => id);
    ok(!ids.includes('historical') && !ids.includes('hipaa-proposed'));
    const named = choosePolicies(set, ['historical']);
    ok(named.ok && named.value.clocks.some(({ clock }) => clock.id === 'bod-19-02-critical'));
    const strange = choosePolicies(set, ['iso-9001']);
    equal(strange.ok ? '' : strange.refusal.code, 'policy-unknown');
  });
  it('mark rows that nobody compared', () => {
    for (const id of ['ncsc-vm-internal', 'cis-7.4', 'nhs-alert', 'dora-scan', 'ed-21-02'])
      equal(set.clocks.find(({ clock }) => clock.id === id)?.clock.verified, false, id);
  });
});
