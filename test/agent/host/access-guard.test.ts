import assert from 'node:assert/strict';
import { createAccessGuard } from '../../../agent/host/access-guard.ts';
import type { Raw } from '../../../agent/host/machine.ts';

const done: Raw<string> = { outcome: 'ok', value: 'done' };

describe('the guard of file accesses', () => {
  it('stops waiting at the deadline, and starts no more once two accesses never came back', async () => {
    const guarded = createAccessGuard();
    const { promise: never, resolve } = Promise.withResolvers<Raw<string>>();
    const late = { outcome: 'timed-out', reason: 'deadline' };
    assert.deepEqual(await guarded(1, () => never), late);
    assert.deepEqual(await guarded(1, () => never), late);
    const forbidden = (): never => assert.fail('an access was started while storage was stuck');
    assert.deepEqual(await guarded(1, forbidden), { outcome: 'timed-out', reason: 'storage-stuck' });
    resolve(done);
    await never;
    await new Promise(setImmediate);
    assert.deepEqual(await guarded(10_000, () => Promise.resolve(done)), done);
  });

  it('names a failed system call by its code, and never absent but for ENOENT, ENOTDIR and ESRCH', async () => {
    const guarded = createAccessGuard();
    const fail = (code: string): Promise<Raw<string>> => Promise.reject(Object.assign(new Error('x'), { code }));
    const outcomes = {
      ENOENT: 'absent',
      ENOTDIR: 'absent',
      EACCES: 'denied',
      EPERM: 'denied',
      EIO: 'failed',
      ESTALE: 'failed',
    };
    for (const [code, outcome] of Object.entries(outcomes))
      assert.equal((await guarded(10_000, () => fail(code))).outcome, outcome, code);
    assert.deepEqual(await guarded(10_000, () => fail('EIO')), { outcome: 'failed', reason: 'eio' });
  });
});
