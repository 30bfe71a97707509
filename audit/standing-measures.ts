/** Which measure each standing clock goes by. */
import type { AuditContext } from './context.ts';
import type { History } from './history-model.ts';
import { dormant, factors, passwords, review, standing } from './measures-of-access.ts';
import { forwarding, protection, retention, signatures, tests } from './measures-of-detection.ts';
import type { CompiledClock } from './policy/fix-clock.ts';
import { type Measure, type Stretch, stretchesOf } from './standing.ts';

type Make = {
  readonly make: (compiled: CompiledClock, history: History, context: AuditContext) => Measure;
  /** What the measure takes from the clock, beside what is measured; nothing where it takes none. */
  readonly by?: (compiled: CompiledClock) => string;
};

/** Clocks of fixes, detections and silence have files of their own; some rows say something and measure nothing. */
const measures: Readonly<Partial<Record<CompiledClock['clock']['measures'], Make>>> = {
  'signature-age': { make: () => signatures },
  protection: { make: () => protection },
  'log-forwarding': { make: () => forwarding },
  'detection-test': { make: (_compiled, history) => tests(history) },
  'log-retention': { make: retention, by: ({ clock }) => JSON.stringify(clock.limit) },
  'dormant-admin': { make: (_compiled, history) => dormant(history) },
  'admin-review': { make: (_compiled, history, context) => review(history, context) },
  'standing-admin': { make: standing, by: ({ clock }) => String(clock.atMost) },
  'second-factor': {
    make: ({ clock }) => factors(clock.phishingResistant === true),
    by: ({ clock }) => String(clock.phishingResistant === true),
  },
  'password-age': { make: () => passwords },
};

export type Measured = { readonly measure: Measure; readonly stretches: readonly Stretch[] };

/** Of one history: what each clock goes by, computed once for all clocks that measure the same. `undefined` where a clock measures nothing from bundle to bundle. */
export function measuresOf(history: History, context: AuditContext): (compiled: CompiledClock) => Measured | undefined {
  const known = new Map<string, Measured>();
  return (compiled) => {
    const { measures: what } = compiled.clock;
    const row = measures[what];
    if (row === undefined) return undefined;
    const key = `${what} ${row.by?.(compiled) ?? ''}`;
    const found = known.get(key) ?? measured(row.make(compiled, history, context), history);
    known.set(key, found);
    return found;
  };
}

function measured(measure: Measure, history: History): Measured {
  return { measure, stretches: stretchesOf(history, measure) };
}
