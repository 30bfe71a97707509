import { must } from '../../../agent/spool/bundles.ts';
import { newLedger } from '../../../agent/spool/ledger.ts';
import { failEverywhere, live, moments, open, recoverAndCheck, waiting } from '../../../agent/spool/life.ts';
import { memoryDisk } from '../../../agent/spool/memory-files.ts';

describe('the spool and every accident, all of them', function () {
  this.timeout(1_800_000);

  it('is safe when the power is cut at any moment and again at any moment of the recovery', () => {
    for (const moment of moments({ disk: memoryDisk(), ledger: newLedger() }, live))
      for (const again of moments(moment, (world) => void waiting(must(open(world.disk)), world)))
        recoverAndCheck(again);
  });

  for (const code of ['ENOSPC', 'EIO'])
    for (const times of [1, 2, 3, 5, 12, 40])
      it(`is safe when ${times} operations in a row fail with ${code}, wherever that is`, () => {
        failEverywhere(code, times, 1, 1);
      });
});
