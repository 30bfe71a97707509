/** All collectors side by side over one machine, as the agent runs them, with a key of the tests. */
import assert from 'node:assert/strict';
import type { Machine } from '../../../agent/host/machine.ts';
import { runCollectors } from '../../../agent/run/run-collectors.ts';
import type { Drafts } from '../../../collectors/collector.ts';
import { collectors } from '../../../collectors/list.ts';
import { goldenNames } from './golden.ts';

export type WholeRun = { readonly documents: ReadonlyMap<string, object>; readonly drafts: Drafts };

/** The five documents. Each fits its schema, or its collector would have failed. The machine stays open. */
export async function wholeRun(machine: Machine): Promise<WholeRun> {
  const { documents, outcomes } = await runCollectors(machine, {
    collectors,
    only: undefined,
    disabled: [],
    budgetSeconds: Object.fromEntries(collectors.map(({ name }) => [name, 200])),
    blindKey: new Uint8Array(32),
    keepOpen: true,
  });
  const broken = outcomes.filter(({ outcome }) => outcome !== 'complete' && outcome !== 'partial');
  assert.deepEqual(broken, []);
  const five = new Map<string, object>();
  for (const name of goldenNames) {
    const document = documents.get(name);
    assert.ok(document !== undefined, `no document ${name}`);
    const { format: _format, blind: _blind, ...facts } = { ...document } as Record<string, unknown>;
    five.set(name, facts);
  }
  return { documents: five, drafts: Object.fromEntries(five) };
}
