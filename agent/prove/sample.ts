/** Puts the test file, and a harmless one beside it, into a folder of their own, and takes both away again. */
import { controlBytes, eicarBytes } from './eicar.ts';
import { announce, removeTraces, settle, type Traces, tracesOf } from './leavings.ts';
import type { Nonce, Outcome, ProofContext } from './proof.ts';
import type { Touch } from './proof-machine.ts';

export type Sample = Traces & {
  /** How writing the test file ended. */
  readonly written: Touch;
  /** On the machine's steady clock, just before it was written. */
  readonly beganMs: number;
};

/**
 * Does `work` with the sample in place. Whatever happens, signals included, nothing is left; where
 * something is, `cleanedUp` says so and the next start tries again. The harmless file must stand untouched first:
 * else what becomes of the other says nothing.
 */
export async function withSample(
  { state, machine }: ProofContext,
  parent: string,
  nonce: Nonce,
  work: (sample: Sample) => Promise<Outcome>,
): Promise<Outcome & { readonly cleanedUp: boolean }> {
  const traces = tracesOf(parent, nonce.text);
  const announced = announce(state, parent, nonce.text);
  if (!announced.ok) return { outcome: 'inconclusive', reason: 'state-unwritable', cleanedUp: true };
  const clean = (): boolean => removeTraces(machine, traces);
  const release = cleanOnSignals(clean);
  let outcome: Outcome = { outcome: 'inconclusive', reason: 'control-failed' };
  let cleanedUp = false;
  try {
    machine.makeFolder(traces.folder);
    const control = controlBytes();
    if (
      machine.write(traces.control, control).state === 'whole' &&
      machine.touch(traces.control, control).state === 'whole'
    ) {
      const beganMs = machine.monotonicMs();
      const written = machine.write(traces.sample, eicarBytes());
      outcome = await work({ ...traces, written, beganMs });
    }
  } finally {
    cleanedUp = clean();
    release();
    if (cleanedUp) void settle(state, nonce.text);
  }
  return { ...outcome, cleanedUp };
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Removes before the process ends by a signal or by process.exit; the signal's own effect follows. */
function cleanOnSignals(clean: () => boolean): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    clean();
    release();
    process.kill(process.pid, signal);
  };
  const onExit = (): void => void clean();
  const release = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
    process.off('exit', onExit);
  };
  for (const signal of signals) process.on(signal, onSignal);
  process.on('exit', onExit);
  return release;
}
