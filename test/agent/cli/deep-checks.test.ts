import assert from 'node:assert/strict';
import { deepChecks } from '../../../agent/cli/deep-checks.ts';
import type { Machine, Raw } from '../../../agent/host/machine.ts';

const never = async (): Promise<never> => {
  throw new Error('not asked');
};

function machine(query: (name: string) => Raw<unknown>, os: 'windows' | 'linux' = 'windows'): Machine {
  return {
    os,
    privilege: () => 'administrator',
    identity: never,
    readFile: never,
    list: never,
    stat: never,
    readLink: never,
    run: never,
    registry: async (key) =>
      key.includes('calc') ? { outcome: 'absent', reason: 'no-such-key' } : { outcome: 'ok', value: { values: {} } },
    query: async (name) => query(name),
    system: never,
  };
}

describe('the deep look of doctor', () => {
  it('asks each query once, and sees that a hanging one is ended', async () => {
    const asked: string[] = [];
    const results = await deepChecks(
      machine((name) => {
        asked.push(name);
        if (name === 'hang-probe') return { outcome: 'timed-out', reason: 'deadline' };
        if (name === 'exchange-files') return { outcome: 'absent', reason: 'not-found' };
        return { outcome: 'ok', value: [] };
      }),
    );
    assert.equal(results.find(({ check }) => check === 'parameters')?.outcome, 'ok');
    assert.equal(results.find(({ check }) => check === 'exchange-files')?.outcome, 'not-here');
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
      (await deepChecks(machine(() => never as never, 'linux'))).map(({ outcome }) => outcome),
      ['not-here'],
    );
  });
});
