import assert from 'node:assert/strict';
import { createSystemReader, withoutPlaceholders } from '../../../agent/host/system-reader.ts';

describe('firmware and hardware identity', () => {
  it('drops what systeminformation says where it found nothing', () => {
    const nothing = {
      manufacturer: '',
      model: 'Computer',
      version: '',
      serial: '-',
      uuid: '-',
      sku: '-',
      virtual: false,
    };
    assert.deepEqual(withoutPlaceholders(nothing), {});
    assert.deepEqual(withoutPlaceholders({ ...nothing, model: 'Docker Container' }), {});
    assert.deepEqual(withoutPlaceholders(undefined), {});
  });

  it('keeps "not virtual" only where the firmware named its maker', () => {
    assert.deepEqual(withoutPlaceholders({ manufacturer: 'Dell Inc.', model: 'R760', virtual: false }), {
      manufacturer: 'Dell Inc.',
      model: 'R760',
      virtual: false,
    });
    assert.deepEqual(withoutPlaceholders({ manufacturer: '', virtual: true }), { virtual: true });
  });

  it('asks in a child process, and a child that is too slow is a time-out', async () => {
    const answer = await createSystemReader()('bios', { maxBytes: 100_000, deadlineMs: 30_000 });
    assert.ok(answer.outcome === 'ok' || answer.reason === 'nothing-reported', JSON.stringify(answer));
    assert.deepEqual(await createSystemReader()('system', { maxBytes: 100_000, deadlineMs: 1 }), {
      outcome: 'timed-out',
      reason: 'deadline',
    });
  });
});
