/** Clocks that measure the same share what was measured: each says beside all others what it says alone. */
import { deepEqual, ok } from 'node:assert/strict';
import type { Finding } from '../../audit/finding.ts';
import type { PolicySet } from '../../audit/policy/policy-set.ts';
import { fixture } from '../../tools/case/fixtures.ts';
import { allPolicies, auditOf, entriesOf } from './played.ts';

const all = allPolicies();

/** The same clocks once more with other numbers, of which a wrong sharing would take the ones for the others. */
const clocks = all.clocks.flatMap((compiled): PolicySet['clocks'] => {
  const { clock } = compiled;
  const other = (change: Partial<typeof clock>): typeof compiled => ({
    ...compiled,
    clock: { ...clock, id: `${clock.id}-other`, ...change },
  });
  if (clock.measures === 'log-retention') return [compiled, other({ limit: { days: 20 } })];
  if (clock.measures === 'standing-admin') return [compiled, other({ atMost: 3 })];
  if (clock.measures === 'second-factor')
    return [compiled, other({ phishingResistant: clock.phishingResistant !== true })];
  return [compiled];
});

describe('clocks that measure the same', () => {
  for (const life of ['msg-2016', 'false-comfort'])
    it(`say together what each says alone: ${life}`, () => {
      const entries = entriesOf({ ...fixture(life), from: '2021-03-01', to: '2021-08-20' });
      const findings = (policies: PolicySet): readonly Finding[] =>
        auditOf(entries, '2021-08-25', { policies }).findings;
      const together = findings({ ...all, clocks });
      const standing = clocks.filter(({ clock }) => clock.measures !== 'fix');
      for (const compiled of standing) {
        const own = ({ rule }: Finding): boolean => rule === compiled.clock.id;
        deepEqual(together.filter(own), findings({ ...all, clocks: [compiled] }).filter(own), compiled.clock.id);
      }
      const rules = new Set(together.map(({ rule }) => rule));
      ok(clocks.some(({ clock }) => clock.id.endsWith('-other') && rules.has(clock.id)));
    });
});
