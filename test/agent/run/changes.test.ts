import assert from 'node:assert/strict';
import { changesBetween } from '../../../agent/run/changes.ts';

const fact = (value: unknown) => ({ status: 'observed', value, sources: ['file:/x'] });
const denied = { status: 'denied', reason: 'permission-denied', sources: ['file:/x'] };
const bundle = (document: object) => new Map([['updates', { format: 'affiant-updates/1', blind: 'x', ...document }]]);

describe('what changed between two bundles', () => {
  it('is nothing where only blinds and sources differ', () => {
    const before = bundle({ a: fact([1]), blind: 'other' });
    assert.deepEqual(changesBetween(before, bundle({ a: { ...fact([1]), sources: ['file:/y'] } })), []);
  });

  it('is nothing where only the order of members differs, which a pack does not keep', () => {
    assert.deepEqual(changesBetween(bundle({ a: fact([{ x: 1, y: 2 }]) }), bundle({ a: fact([{ y: 2, x: 1 }]) })), []);
  });

  it('names what came to a list and what left it', () => {
    const [change] = changesBetween(
      bundle({ a: fact([{ name: 'one' }, { name: 'two' }]) }),
      bundle({ a: fact([{ name: 'two' }, { name: 'three' }]) }),
    );
    assert.deepEqual(change, { document: 'updates', fact: 'a', from: '2 (1 gone: one)', to: '2 (1 new: three)' });
  });

  it('says that a fact can no longer be seen, which is not that it became empty', () => {
    const [change] = changesBetween(bundle({ a: fact([1, 2]) }), bundle({ a: denied }));
    assert.deepEqual(change, { document: 'updates', fact: 'a', from: '2 entries', to: 'denied (permission-denied)' });
  });

  it('names of an object only what is another now', () => {
    const [change] = changesBetween(
      bundle({ a: fact({ at: '1', basis: 'log', removed: 2 }) }),
      bundle({ a: fact({ at: '2', basis: 'log', upgraded: 3 }) }),
    );
    assert.deepEqual(change, {
      document: 'updates',
      fact: 'a',
      from: 'at 1, removed 2, upgraded not said',
      to: 'at 2, removed not said, upgraded 3',
    });
  });

  it('shows a name that is not UTF-8 by its bytes, never as [object Object]', () => {
    const [change] = changesBetween(
      bundle({ a: fact([]) }),
      bundle({ a: fact([{ name: { bytes: 'avY=' }, uid: 0 }]) }),
    );
    assert.equal(change?.to, '1 (1 new: {"bytes":"avY="})');
  });

  it('says that a document is missing', () => {
    assert.deepEqual(changesBetween(bundle({ a: fact(1) }), new Map()), [
      { document: 'updates', fact: '', from: 'in the bundle', to: 'not in this bundle' },
    ]);
  });
});
