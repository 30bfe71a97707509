/** What a run of collectors leaves behind in the process: nothing that a sweep of a thousand servers would add up. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { runCollectors } from '../../../agent/run/run-collectors.ts';
import type { Collector, Drafts } from '../../../collectors/collector.ts';
import { fakeMachine } from '../host/fake-machine.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function collector(collect: () => Promise<Drafts>): Collector {
  return { name: 'big', purpose: 'a test', documents: [], budgetSeconds: 600, collect, summarise: () => [] };
}

async function ran(one: Collector, seconds?: number): Promise<string> {
  const { outcomes } = await runCollectors(fakeMachine({}), {
    collectors: [one],
    only: undefined,
    disabled: [],
    budgetSeconds: seconds === undefined ? {} : { big: seconds },
    blindKey: new Uint8Array(32),
  });
  return outcomes.map(({ outcome, reason }) => `${outcome} ${reason ?? ''}`.trim()).join();
}

describe('a run of collectors', () => {
  it('lets go of what a collector found once it ended, however much of its budget is left', async () => {
    const found: WeakRef<object>[] = [];
    const outcome = await ran(
      collector(() => {
        const drafts = { packages: { list: Array.from({ length: 1000 }, (_unused, at) => `package-${at}`) } };
        found.push(new WeakRef(drafts));
        // Of a document that it has not; what comes of it is no matter here.
        return Promise.resolve({} as Drafts).then((none) => Object.assign(none, { held: drafts }));
      }),
    );
    assert.notEqual(outcome, '');
    // One collection may leave what a register still names; what a timer holds, none takes.
    for (let round = 0; round < 10 && found[0]?.deref() !== undefined; round += 1) {
      await turn();
      collectGarbage();
    }
    assert.ok(found.length === 1 && found[0]?.deref() === undefined, 'it is still held');
  });

  it('ends one that goes on beyond its budget and the grace after it', async () => {
    // Less than nothing, so that the grace is over at once.
    assert.equal(
      await ran(
        collector(() => new Promise(() => undefined)),
        -2,
      ),
      'timed-out budget-spent',
    );
  });
});
