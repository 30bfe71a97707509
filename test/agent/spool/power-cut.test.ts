import assert from 'node:assert/strict';
import { quarantine } from '../../../agent/spool/release.ts';
import { must } from './bundles.ts';
import { copyLedger, newLedger } from './ledger.ts';
import { collect, failEverywhere, live, moments, open, recoverAndCheck, waiting } from './life.ts';
import { memoryDisk } from './memory-files.ts';

describe('the spool and every accident', function () {
  this.timeout(120_000);

  it('keeps its books without any accident, in a life that has them all', () => {
    const world = { disk: memoryDisk(), ledger: newLedger() };
    live(world);
    recoverAndCheck(world);
    const kinds = [...world.ledger.signed.values()].flatMap(({ predicate }) => predicate.incidents ?? []);
    const expected = ['damaged', 'dropped', 'fork', 'rejected'];
    assert.deepEqual([...new Set(kinds.map(({ kind }) => kind))].toSorted(), expected);
  });

  it('loses, doubles and hides nothing at a power cut at any moment, whatever the page cache kept', () => {
    const all = moments({ disk: memoryDisk(), ledger: newLedger() }, live);
    assert.ok(all.length > 200);
    for (const moment of all) recoverAndCheck(moment);
  });

  it('does not tell an incident again that was told long ago, when the power is cut', () => {
    const world = { disk: memoryDisk(), ledger: newLedger() };
    const state = must(open(world.disk));
    const one = collect(state, world, 'one');
    assert.ok(one !== undefined);
    must(quarantine(state, one, 'schema-violation'));
    for (const label of ['two', 'three', 'four']) collect(state, world, label);
    for (const disk of world.disk.afterPowerCut()) recoverAndCheck({ disk, ledger: copyLedger(world.ledger) });
  });

  it('is as safe when the power is cut again during the recovery', () => {
    const first = moments({ disk: memoryDisk(), ledger: newLedger() }, live);
    // Some moments only, so that the test stays quick; test/slow takes all.
    for (const moment of first.filter((_, index) => index % 61 === 0))
      for (const again of moments(moment, (world) => void waiting(must(open(world.disk)), world)))
        recoverAndCheck(again);
  });

  it('loses, doubles and hides nothing when the disk is full for one operation or for many, wherever that is', () => {
    assert.ok(failEverywhere('ENOSPC', 1, 1, 13) > 15);
    assert.ok(failEverywhere('ENOSPC', 12, 1, 40) > 5);
  });

  it('loses, doubles and hides nothing when the disk fails one operation or many, wherever that is', () => {
    assert.ok(failEverywhere('EIO', 1, 4, 13) > 15);
    assert.ok(failEverywhere('EIO', 12, 9, 40) > 5);
  });
});
