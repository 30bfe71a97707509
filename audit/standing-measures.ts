/** Which measure each standing clock goes by. */
import type { AuditContext } from './context.ts';
import type { History } from './history-model.ts';
import { dormant, factors, passwords, review, standing } from './measures-of-access.ts';
import { forwarding, protection, retention, signatures, tests } from './measures-of-detection.ts';
import type { CompiledClock } from './policy/fix-clock.ts';
import type { Measure } from './standing.ts';

type Make = (compiled: CompiledClock, history: History, context: AuditContext) => Measure;

/** Clocks of fixes, detections and silence have files of their own; some rows say something and measure nothing. */
const measures: Readonly<Partial<Record<CompiledClock['clock']['measures'], Make>>> = {
  'signature-age': () => signatures,
  protection: () => protection,
  'log-forwarding': () => forwarding,
  'detection-test': (_compiled, history) => tests(history),
  'log-retention': (compiled, history) => retention(compiled, history),
  'dormant-admin': (_compiled, history) => dormant(history),
  'admin-review': (_compiled, history, context) => review(history, context),
  'standing-admin': standing,
  'second-factor': ({ clock }) => factors(clock.phishingResistant === true),
  'password-age': () => passwords,
};

/** `undefined` where the clock measures nothing from bundle to bundle. */
export function measureOf(compiled: CompiledClock, history: History, context: AuditContext): Measure | undefined {
  return measures[compiled.clock.measures]?.(compiled, history, context);
}
