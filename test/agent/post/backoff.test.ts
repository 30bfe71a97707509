import assert from 'node:assert/strict';
import { nextDelay, retryAfterMs } from '../../../agent/post/backoff.ts';

describe('back-off', () => {
  it('waits a random part of an interval that doubles up to five minutes', () => {
    const longest = [1, 2, 3, 4, 9, 10, 50].map((attempt) => nextDelay(attempt, () => 0.999_999));
    assert.deepEqual(longest, [999, 1999, 3999, 7999, 255_999, 299_999, 299_999]);
    assert.equal(
      nextDelay(7, () => 0),
      0,
    );
    assert.equal(
      nextDelay(3, () => 0.5),
      2000,
    );
  });

  it('never comes back before the time that the endpoint asked for, and spreads what follows', () => {
    assert.equal(
      nextDelay(1, () => 0, 120_000),
      120_000,
    );
    assert.equal(
      nextDelay(2, () => 0.5, 120_000),
      121_000,
    );
    assert.equal(
      nextDelay(1, () => 0, -5),
      0,
    );
  });

  it('reads Retry-After as seconds and as a date, and nothing else', () => {
    const now = new Date('2026-11-23T10:00:00Z');
    assert.equal(retryAfterMs('7', now), 7000);
    assert.equal(retryAfterMs('Mon, 23 Nov 2026 10:01:30 GMT', now), 90_000);
    assert.equal(retryAfterMs('Mon, 23 Nov 2026 09:00:00 GMT', now), 0);
    for (const value of [undefined, '', '-1', '1.5', 'soon', '2026-11-23', '99999999999999'])
      assert.equal(retryAfterMs(value, now), undefined, value);
  });
});
