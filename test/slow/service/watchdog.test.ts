/** A collector that harms the server is ended, named in the next bundle, and rests for a day: real processes, a real SIGKILL. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDefaults } from '../../../agent/config/defaults.ts';
import { openRecording } from '../../../agent/host/replay.ts';
import { bundleHere } from '../../../agent/run/make-bundle.ts';
import { openState } from '../../../agent/spool/state.ts';
import type { Collector } from '../../../collectors/collector.ts';
import { collectors } from '../../../collectors/list.ts';
import type { PosturePredicate } from '../../../schemas/generated/types.ts';
import { must } from '../../agent/spool/bundles.ts';

describe('a collector that harms the server', function () {
  this.timeout(60_000);
  let home = '';
  let folder = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'affiant-watchdog-'));
    folder = join(home, 'state');
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  /** How a process of its own ended that ran with such a collector. */
  function runWith(deed: string): NodeJS.Signals | number | null {
    const ran = spawnSync(process.execPath, [join(import.meta.dirname, 'rogue-child.ts'), folder, deed], {
      encoding: 'utf8',
      env: { ...process.env, NODE_COMPILE_CACHE: join(import.meta.dirname, '../../../node_modules/.cache/affiant') },
      timeout: 50_000,
    });
    return ran.signal ?? ran.status;
  }

  const harmless: Collector = {
    name: 'rogue',
    purpose: 'Has learnt.',
    documents: [],
    budgetSeconds: 30,
    collect: async () => ({}),
    summarise: () => [],
  };

  /** What the next bundle says, made at that time of day. */
  async function nextBundle(inHours = 0, only?: readonly string[]): Promise<PosturePredicate> {
    const now = (): Date => new Date(Date.now() + inHours * 3_600_000);
    const state = must(openState(folder, { create: true, now }));
    const { machine } = must(openRecording('test/fixtures/machines/debian-12'));
    const asked = [harmless, ...collectors.filter(({ name }) => name === 'host')];
    const request = { machine, settings: withDefaults({}), only, collectors: asked };
    return must(await bundleHere(state, request, 'task')).statement.predicate;
  }
  const told = ({ incidents = [] }: PosturePredicate): (string | undefined)[][] =>
    incidents.map(({ kind, collector, reason }) => [kind, collector, reason]);
  const outcomeOf = ({ collectors: all }: PosturePredicate): (string | undefined)[] => {
    const found = all.find(({ name }) => name === 'rogue');
    return [found?.outcome, found?.reason];
  };
  const rests = ['disabled', 'rests-after-interruption'];

  for (const [deed, reason] of [
    ['hang', 'stalled'],
    ['bloat', 'too-much-memory'],
  ] as const)
    it(`is ended where it would ${deed}, alone named in the next bundle, and rests for a day`, async () => {
      assert.equal(runWith(deed), 'SIGKILL');
      const next = await nextBundle();
      assert.deepEqual(told(next), [['interrupted', 'rogue', reason]]);
      assert.deepEqual(outcomeOf(next), rests);
      assert.deepEqual(next.collectors.find(({ name }) => name === 'host')?.outcome, 'complete');
      const after = await nextBundle(23);
      assert.deepEqual([told(after), outcomeOf(after)], [[], rests]);
      assert.deepEqual(outcomeOf(await nextBundle(23, ['rogue'])), ['complete', undefined]);
    });

  it('runs again after its day, and is forgiven when it ends by itself', async () => {
    assert.equal(runWith('hang'), 'SIGKILL');
    assert.deepEqual(outcomeOf(await nextBundle()), rests);
    assert.deepEqual(outcomeOf(await nextBundle(25)), ['complete', undefined]);
    assert.equal(runWith('die'), 'SIGKILL');
    // One death that nobody explains is no proof: forgiven before, it counts as the first.
    assert.deepEqual(outcomeOf(await nextBundle()), ['complete', undefined]);
  });

  it('that may have killed the process twice in a row rests, though nobody saw it', async () => {
    for (const _ of [1, 2]) assert.equal(runWith('die'), 'SIGKILL');
    const next = await nextBundle();
    const names = told(next).map(([, collector]) => collector);
    assert.ok(names.includes('rogue'));
    assert.deepEqual(outcomeOf(next), rests);
    // A clock that is set back must not make its day last for years.
    assert.deepEqual(outcomeOf(await nextBundle(-48)), ['complete', undefined]);
  });

  it('leaves others alone: a run of harmless ones ends by itself', () => {
    assert.equal(runWith('good'), 0);
  });
});
