import assert from 'node:assert/strict';
import { deepChecks } from '../../../agent/cli/deep-checks.ts';
import type { Raw } from '../../../agent/host/machine.ts';
import { deepMachine as machine } from './deep-machine.ts';

describe('the deep look of doctor', () => {
  it('asks each query once, and sees that a hanging one is ended', async () => {
    const asked: string[] = [];
    const results = await deepChecks(
      machine((name) => {
        asked.push(name);
        if (name === 'hang-probe') return { outcome: 'timed-out', reason: 'deadline' };
        if (name === 'exchange-files') return { outcome: 'absent', reason: 'not-found' };
        if (name === 'exchange-schema') return { outcome: 'failed', reason: 'hresult-0x80072030' };
        return { outcome: 'ok', value: [] };
      }),
    );
    assert.equal(results.find(({ check }) => check === 'parameters')?.outcome, 'ok');
    for (const none of ['exchange-files', 'exchange-schema'])
      assert.equal(results.find(({ check }) => check === none)?.outcome, 'not-here');
    assert.deepEqual(
      results.filter(({ outcome }) => outcome === 'failed'),
      [],
    );
    assert.deepEqual(asked.slice(-2), ['hang-probe', 'hotfixes']);
  });

  it('fails where the hanging query was not ended, or nothing answers after it', async () => {
    const probe = async (hung: Raw<unknown>, after: Raw<unknown>) =>
      (await deepChecks(machine((name) => (name === 'hang-probe' ? hung : after)))).at(-1)?.outcome;
    assert.equal(await probe({ outcome: 'ok', value: null }, { outcome: 'ok', value: 1 }), 'failed');
    const died: Raw<unknown> = { outcome: 'failed', reason: 'powershell-ended' };
    assert.equal(await probe({ outcome: 'timed-out', reason: 'deadline' }, died), 'failed');
  });

  it('has nothing to look at on Linux', async () => {
    assert.deepEqual(
      (await deepChecks(machine(() => assert.fail('asked'), 'linux'))).map(({ outcome }) => outcome),
      ['not-here'],
    );
  });
});
