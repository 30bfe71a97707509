import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../../../agent/spool/fault.ts';
import { fileLock, holdLock } from '../../../agent/spool/lock.ts';
import { must, refusalOf, scratchFolder } from './bundles.ts';

describe('the lock', () => {
  let home: string;
  let path: string;
  beforeEach(() => {
    home = scratchFolder();
    path = join(home, 'lock');
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  it('keeps a second holder out until the first lets go, and says whose folder it is', () => {
    const release = holdLock(path, 0);
    const refusal = refusalOf(attempt(home, () => holdLock(path, 0)));
    assert.equal(refusal.code, 'state-locked');
    assert.match(refusal.message, new RegExp(home));
    release();
    holdLock(path, 0)();
  });

  it('is let go when the work throws', () => {
    assert.throws(() =>
      fileLock(
        path,
        0,
      )(() => {
        throw new Error('work');
      }),
    );
    assert.equal(
      fileLock(path, 0)(() => 7),
      7,
    );
  });

  it('writes nothing and leaves no journal, so that a full disk does not matter', () => {
    holdLock(path, 0)();
    const release = holdLock(path, 0);
    assert.deepEqual(readdirSync(home), ['lock']);
    release();
  });

  it('is refused with a remedy where its file holds something else or cannot be opened', () => {
    writeFileSync(path, 'not a database, by any means'.repeat(50));
    const refusal = refusalOf(attempt(home, () => must({ ok: true, value: holdLock(path, 0) })));
    assert.equal(refusal.code, 'lock-damaged');
    assert.equal(refusalOf(attempt(home, () => holdLock(join(home, 'no', 'lock'), 0))).code, 'not-permitted');
  });
});
