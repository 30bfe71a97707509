/** Every source of every family spoilt in every way: nothing that could not be seen reads as none, and no judge is taken in. */
import assert from 'node:assert/strict';
import { updates } from '../../../collectors/updates/index.ts';
import { judgeUpdates } from '../../../judge/updates.ts';
import { checkEachSource, digests, type Interference, spoilt } from '../each-source-denied.ts';
import { machines, recordedHost } from './recorded.ts';

/** An emptied log, an emptied list of pins or of hooks truly says that there is none. */
const emptyIsTrue = ['updates.heldPackages', 'updates.repositories', 'updates.automaticUpdates', 'updates.lastInstall'];

describe('each source of the updates collector', () => {
  for (const name of machines) {
    // apk is silent and well where there is nothing to upgrade.
    const silent = name === 'alpine-3' ? [...emptyIsTrue, 'updates.availableUpdates'] : emptyIsTrue;
    it(`${name}: denied, late, failed, gone, cut, garbled or emptied, never reads as none`, async () => {
      const cases = await checkEachSource({ collector: updates, host: () => recordedHost(name), emptyIsTrue: silent });
      console.log(`      ${name}: ${cases} cases`);
      assert.ok(cases > 150, String(cases));
    });
  }
});

/** Faults as words without their details, which a spoilt source may change. */
function kinds(faults: readonly string[]): string[] {
  return faults.map((fault) => fault.replace(/^\d+ /, '').replace(/(?::| by | from | of | runs|[0-9]).*$/, ''));
}

describe('the judge of updates', () => {
  const spoilers: readonly Interference[] = [
    'denied',
    'timed-out',
    'failed',
    'unsupported',
    'truncated',
    'garbled',
    'emptied',
  ];

  it('never passes a server with a source spoilt, and loses a fault only to an unknown', async () => {
    let cases = 0;
    let falseFine = 0;
    const lost: string[] = [];
    for (const name of machines) {
      const whole = await updates.collect(recordedHost(name), digests);
      assert.ok(whole.updates);
      const before = judgeUpdates(whole.updates, { at: '2026-11-20T12:00:00Z' });
      assert.equal(before.outcome, 'fail', name);
      const sources = new Set(Object.values(whole.updates).flatMap((fact) => fact.sources));
      for (const source of sources)
        for (const how of spoilers) {
          // An empty file of configuration is one; an empty answer of a command is none.
          if (how === 'emptied' && !source.startsWith('command:')) continue;
          const drafts = await updates.collect(spoilt(recordedHost(name), source, how), digests);
          assert.ok(drafts.updates);
          const after = judgeUpdates(drafts.updates, { at: '2026-11-20T12:00:00Z' });
          cases += 1;
          if (after.outcome === 'pass') falseFine += 1;
          const gone = kinds(before.faults).filter((fault) => !kinds(after.faults).includes(fault));
          const isNoted = after.unknowns.some((unknown) => !before.unknowns.includes(unknown));
          if (gone.length > 0 && !isNoted) lost.push(`${name} ${source} ${how}: ${gone.join('; ')}`);
        }
    }
    console.log(`      ${falseFine} false fine in ${cases} cases`);
    assert.equal(falseFine, 0);
    assert.deepEqual(lost, []);
  }).timeout(60_000);
});
