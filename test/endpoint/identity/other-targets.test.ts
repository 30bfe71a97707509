import assert from 'node:assert/strict';
import { noteOtherTarget, otherTargetsOf } from '../../../endpoint/identity/other-targets.ts';
import { valueOf } from '../../evidence/sample.ts';
import { both, describeStore } from '../store/test-store.ts';

describeStore('servers that a key wrongly signed for', both, (store) => {
  const keyId = 'a'.repeat(64);
  const digestOf = (count: number): string => count.toString(16).padStart(64, '0');
  const targetOf = (count: number): string => count.toString(16).padStart(32, '0');
  const note = async (target: number, digest: number, at: string): Promise<void> =>
    valueOf(
      await store().store.write((sql) =>
        noteOtherTarget(sql, { keyId, target: targetOf(target), digest: digestOf(digest), at }),
      ),
    );

  it('are kept with their first bundle and how many came, and no more of them than say something', async () => {
    await note(0, 1, '2026-01-02T03:04:05.000Z');
    await note(0, 2, '2026-01-02T03:04:06.000Z');
    for (let target = 1; target < 103; target += 1) await note(target, 3, '2026-01-02T03:04:07.000Z');
    await note(0, 4, '2026-01-02T03:04:08.000Z');
    const found = valueOf(await store().store.read((sql) => otherTargetsOf(sql, [keyId, 'b'.repeat(64)])));
    assert.equal(found.length, 100);
    assert.deepEqual(found[0], {
      target: targetOf(0),
      digest: digestOf(1),
      firstAt: '2026-01-02T03:04:05.000Z',
      lastAt: '2026-01-02T03:04:08.000Z',
      times: 3,
    });
    assert.deepEqual(valueOf(await store().store.read((sql) => otherTargetsOf(sql, []))), []);
  });
});
