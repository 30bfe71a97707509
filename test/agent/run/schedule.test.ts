import assert from 'node:assert/strict';
import { assert as check, integer, nat, property } from 'fast-check';
import { nextTurnMs, turnOffsetMs } from '../../../agent/run/schedule.ts';

const day = 86_400_000;
const hosts = Array.from({ length: 2000 }, (_, at) => `host-${at}`);

describe("a server's turn", () => {
  it('is the same each day for one server, and spread over the day for many', () => {
    assert.equal(turnOffsetMs('a', day), turnOffsetMs('a', day));
    const hours = Array.from({ length: 24 }, () => 0);
    for (const host of hosts) {
      const hour = Math.floor(turnOffsetMs(host, day) / (day / 24));
      hours[hour] = (hours[hour] ?? 0) + 1;
    }
    // 2000 servers, 83 an hour; five standard deviations.
    for (const [hour, count] of hours.entries()) assert.ok(count > 38 && count < 129, `hour ${hour}: ${count}`);
  });

  it('comes once in each interval, at its moment', () => {
    check(
      property(
        integer({ min: 300_000, max: 40 * day }),
        nat({ max: 2_000_000_000_000 }),
        nat({ max: 9999 }),
        (intervalMs, last, host) => {
          const offsetMs = turnOffsetMs(String(host), intervalMs);
          const next = nextTurnMs(last, last, { intervalMs, offsetMs });
          assert.ok(next > last && next <= last + intervalMs);
          assert.equal((((next - offsetMs) % intervalMs) + intervalMs) % intervalMs, 0);
        },
      ),
    );
  });

  const turn = { intervalMs: day, offsetMs: 5 * 3_600_000 };
  const at = (text: string): number => Date.parse(text);

  it('that was missed lies in the past, whether one or many', () => {
    const last = at('2026-03-01T05:00:10Z');
    assert.equal(nextTurnMs(last, at('2026-03-04T12:00:00Z'), turn), at('2026-03-02T05:00:00Z'));
    // Made up at noon: the next is that of the following day, not three more.
    assert.equal(nextTurnMs(at('2026-03-04T12:00:05Z'), at('2026-03-04T12:00:06Z'), turn), at('2026-03-05T05:00:00Z'));
  });

  it('is now where the server never collected', () => {
    assert.equal(nextTurnMs(undefined, 42, turn), 42);
  });

  it('is now where the clock was set back behind the last run, and once', () => {
    const now = at('2026-03-01T12:00:00Z');
    assert.equal(nextTurnMs(at('2031-01-01T05:00:00Z'), now, turn), now);
    assert.equal(nextTurnMs(now, now + 1, turn), at('2026-03-02T05:00:00Z'));
  });
});
