import assert from 'node:assert/strict';
import { instantOfLocalTime, parseLocalTime } from '../../../collectors/updates/local-time.ts';

function instant(text: string, zone: string): string | undefined {
  const local = parseLocalTime(text);
  assert.ok(local !== undefined, text);
  return instantOfLocalTime(local, zone);
}

describe('parseLocalTime', () => {
  it('reads one or two blanks between date and time', () => {
    assert.deepEqual(parseLocalTime('2026-08-01  06:25:59'), parseLocalTime('2026-08-01 06:25:59'));
  });

  it('takes what the calendar does not have for none', () => {
    for (const text of ['', '2026-02-30  00:00:00', '2026-01-01  24:00:00', '2026-01-01', '01.08.2026 06:25:59']) {
      assert.equal(parseLocalTime(text), undefined, text);
    }
  });
});

describe('instantOfLocalTime', () => {
  it('knows the zone’s summer and winter', () => {
    assert.equal(instant('2026-07-01  12:00:00', 'Europe/Berlin'), '2026-07-01T10:00:00Z');
    assert.equal(instant('2026-01-01  00:30:00', 'Europe/Berlin'), '2025-12-31T23:30:00Z');
    assert.equal(instant('2026-07-01  00:00:00', 'Asia/Kathmandu'), '2026-06-30T18:15:00Z');
    assert.equal(instant('2026-07-01  00:00:00', 'America/New_York'), '2026-07-01T04:00:00Z');
    assert.equal(instant('2026-07-01  00:00:00', 'Etc/UTC'), '2026-07-01T00:00:00Z');
  });

  it('reads an hour that the end of summer repeats as its first pass', () => {
    assert.equal(instant('2026-10-25  02:30:00', 'Europe/Berlin'), '2026-10-25T00:30:00Z');
    assert.equal(instant('2026-10-25  01:59:59', 'Europe/Berlin'), '2026-10-24T23:59:59Z');
    assert.equal(instant('2026-10-25  03:00:00', 'Europe/Berlin'), '2026-10-25T02:00:00Z');
    assert.equal(instant('2026-11-01  01:30:00', 'America/New_York'), '2026-11-01T05:30:00Z');
  });

  it('reads an hour that the start of summer skips as if the clock had not changed', () => {
    assert.equal(instant('2026-03-29  02:30:00', 'Europe/Berlin'), '2026-03-29T01:30:00Z');
  });

  it('does not guess a zone that it does not know', () => {
    assert.equal(instant('2026-07-01  12:00:00', 'Mars/Olympus'), undefined);
    assert.equal(instant('2026-07-01  12:00:00', ''), undefined);
  });
});
