import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pendingIncidents } from '../../../agent/spool/incidents.ts';
import { beginRun, type Run } from '../../../agent/spool/run-marker.ts';
import type { State } from '../../../agent/spool/state.ts';
import { must, ready, refusalOf, scratchFolder } from './bundles.ts';

describe('the marker of a run', () => {
  let home: string;
  let state: State;
  beforeEach(() => {
    home = scratchFolder();
    ({ state } = ready(join(home, 'state')));
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });
  /** A lock whose holder dies with the process: here it is simply not held. */
  const mortal = (): (() => void) => () => undefined;
  const begin = (): Run => must(beginRun(state, mortal));
  const collectors = (): (string | undefined)[] =>
    pendingIncidents(state).good.map(({ incident }) => {
      assert.equal(incident.kind, 'interrupted');
      return incident.collector;
    });

  it('leaves nothing after a run that ended', () => {
    const run = begin();
    must(run.started('updates'));
    must(run.finished('updates'));
    must(run.end());
    begin();
    assert.deepEqual(collectors(), []);
  });

  it('names the collectors under which the run before died, not those that were done', () => {
    const run = begin();
    must(run.started('host'));
    must(run.started('updates'));
    must(run.started('admins'));
    must(run.finished('host'));
    begin();
    assert.deepEqual(collectors(), ['admins', 'updates']);
  });

  it('tells of a run that died between its collectors, too', () => {
    begin();
    begin();
    assert.deepEqual(collectors(), [undefined]);
  });

  it('tells each dead run, and each but once', () => {
    const first = begin();
    must(first.started('host'));
    const second = begin();
    must(second.started('host'));
    must(begin().end());
    assert.deepEqual(collectors(), ['host', 'host']);
  });

  it('believes a damaged note that a run died, and nothing else of it', () => {
    writeFileSync(join(state.folder, 'run.json'), '{"collectors":["<b>"');
    begin();
    assert.deepEqual(collectors(), [undefined]);
  });

  it('refuses a second run beside the first, and lets the lock go at the end', () => {
    const run = must(beginRun(state));
    const refusal = refusalOf(beginRun(state));
    assert.equal(refusal.code, 'run-in-progress');
    must(run.end());
    must(must(beginRun(state)).end());
    assert.deepEqual(collectors(), []);
  });
});
