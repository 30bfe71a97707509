/** A proof that is ended in its middle: nothing of it stays, or the next start removes it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sweepLeavings } from '../../../agent/prove/leavings.ts';
import { proofMachine } from '../../../agent/prove/proof-machine.ts';
import { openState } from '../../../agent/spool/state.ts';
import { must, scratchFolder } from '../spool/bundles.ts';

describe('a proof that is ended', () => {
  let home: string;
  let parent: string;
  beforeEach(() => {
    home = scratchFolder();
    parent = join(home, 'place');
    mkdirSync(parent);
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  async function endedBy(signal: NodeJS.Signals): Promise<{ folder: string; how: unknown }> {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'hanging-child.ts'), join(home, 'state'), parent],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const folder = line.toString().trim();
    assert.equal(readdirSync(folder).length, 2);
    child.kill(signal);
    const [, how] = (await once(child, 'exit')) as [unknown, unknown];
    return { folder, how };
  }

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    it(`by ${signal} leaves nothing, and the signal keeps its meaning`, async () => {
      const { folder, how } = await endedBy(signal);
      assert.equal(how, signal);
      assert.ok(!existsSync(folder));
    });

  it('by SIGKILL is cleaned up by the next start', async () => {
    const { folder } = await endedBy('SIGKILL');
    assert.ok(existsSync(folder));
    const state = must(openState(join(home, 'state'), { create: false, now: () => new Date() }));
    assert.equal(must(sweepLeavings(state, proofMachine())), 0);
    assert.ok(!existsSync(folder));
    assert.deepEqual(readdirSync(join(home, 'state', 'prove')), []);
  });
});
