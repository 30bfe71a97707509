import assert from 'node:assert/strict';
import type { HistoryEntry } from '../../../audit/history-model.ts';
import { notJudged } from '../../../audit/plan/judged.ts';

describe('what of a clock was not judged', () => {
  const place = { document: 'updates', pointer: '/osBuild', sources: [] };
  const unrecorded = { ...place, status: 'unsupported', reason: 'not-recorded' };
  const entry = (mode: HistoryEntry['mode']): HistoryEntry =>
    ({ mode, seen: { exchange: { ...place, status: 'observed', value: [] }, windows: unrecorded } }) as never;

  it('leaves out what a recording of one product does not hold, and of no server', () => {
    assert.deepEqual(notJudged('fix', entry('replay')), []);
    for (const mode of ['service', 'task', 'ad-hoc', 'sweep'] as const)
      assert.deepEqual(notJudged('fix', entry(mode)), ['windows unsupported: not-recorded'], mode);
  });

  it('is the part that only another document tells, where that is not there', () => {
    const admins = { ...place, document: 'admins', status: 'observed', value: [] };
    const partly = { mode: 'service', seen: { admins, adminsUnseen: [] } } as never;
    assert.deepEqual(notJudged('password-age', partly), ['factors not in the evidence']);
    assert.deepEqual(notJudged('dormant-admin', partly), []);
  });
});
