import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDefaults } from '../../../agent/config/defaults.ts';
import { openRecording } from '../../../agent/host/replay.ts';
import { bundleHere } from '../../../agent/run/make-bundle.ts';
import { openState } from '../../../agent/spool/state.ts';
import { valueOf } from '../../evidence/sample.ts';

describe('a bundle of this server', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-bundle-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is of the same server with --only and without, in either order', async () => {
    const now = (): Date => new Date('2026-11-23T10:00:00Z');
    const state = valueOf(openState(join(folder, 'state'), { create: true, now }));
    const recording = valueOf(openRecording('test/fixtures/machines/debian-12'));
    const request = { machine: recording.machine, settings: withDefaults({}) };
    const targets = [];
    for (const only of [['admins'], undefined, ['updates']]) {
      const { statement } = valueOf(await bundleHere(state, { ...request, only }, 'ad-hoc'));
      targets.push(statement.predicate.target);
    }
    assert.equal(targets[0]?.basis, 'machine-id');
    assert.deepEqual(targets, [targets[0], targets[0], targets[0]]);
  });
});
