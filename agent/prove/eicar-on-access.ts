/** Whether a scanner that watches file accesses sees the test file. */
import type { DetectionProof } from '../../schemas/generated/types.ts';
import { eicarBytes } from './eicar.ts';
import { placeOf } from './place.ts';
import { createNonce, type Nonce, type Outcome, type ProofContext, withoutTraces } from './proof.ts';
import { type Sample, withSample } from './sample.ts';
import { isWatched, type OnAccess, onAccessScanner } from './scanner.ts';

const method = 'eicar-on-access';
const usualFolder = '/var/tmp';
/** Scanners need a moment to watch a new folder; each look opens the file anew, which is what they wait for. */
const lookEveryMs = 250;
/** After the scanner acted, how long its log may take. */
const logGraceMs = 5000;

export async function proveOnAccess(context: ProofContext): Promise<DetectionProof> {
  const nonce = createNonce();
  const startedAt = context.machine.now().toISOString();
  const end = (outcome: Outcome): DetectionProof => withoutTraces(method, nonce, startedAt, outcome);
  const scanner = await onAccessScanner(context.host);
  if (scanner.kind === 'none') return end({ outcome: 'not-applicable', reason: 'no-on-access-scanner' });
  if (scanner.kind === 'unknown') return end({ outcome: 'inconclusive', reason: scanner.reason });
  const { product } = scanner;
  if (scanner.kind === 'ignores') return end({ outcome: 'not-applicable', product, reason: 'ignores-test-file' });
  const place = await chosenPlace(context, scanner);
  if (!place.ok) return end({ outcome: 'refused', product, reason: place.reason, pathClass: place.pathClass });
  const about = { product, pathClass: place.pathClass };
  if (scanner.kind === 'clamav' && !isWatched(place.folder, scanner))
    return end({ outcome: 'inconclusive', ...about, reason: 'folder-not-watched' });
  const logs = scanner.kind === 'clamav' ? scanner.logs : [];
  const offsets = logs.map((log) => [log, context.machine.sizeOf(log) ?? 0] as const);
  const result = await withSample(context, place.folder, nonce, (sample) => watch(context, sample, nonce, offsets));
  return { method, nonceDigest: nonce.digest, startedAt, ...about, ...result };
}

/** The folder that was asked for, else the first watched one that is allowed. */
async function chosenPlace(
  { folder, machine, host }: ProofContext,
  scanner: OnAccess,
): Promise<Awaited<ReturnType<typeof placeOf>>> {
  const candidates = folder !== undefined ? [folder] : scanner.kind === 'clamav' ? scanner.watched : [usualFolder];
  let first: Awaited<ReturnType<typeof placeOf>> | undefined;
  for (const candidate of candidates.slice(0, 32)) {
    const place = await placeOf(candidate, machine, host);
    if (place.ok) return place;
    first ??= place;
  }
  return first ?? { ok: false, reason: 'no-watched-folder', pathClass: 'other' };
}

type Offsets = readonly (readonly [log: string, offset: number])[];

async function watch(
  { machine, waitMs }: ProofContext,
  { sample, control, written, beganMs }: Sample,
  { text: nonce }: Nonce,
  offsets: Offsets,
): Promise<Outcome> {
  const inLog = (): boolean => offsets.some(([log, offset]) => named(machine.readFrom(log, offset), nonce));
  const bytes = eicarBytes();
  for (let first = true; ; first = false) {
    const touch = first && written.state !== 'whole' ? written : machine.touch(sample, bytes);
    const latencyMs = Math.round(machine.monotonicMs() - beganMs);
    const acted = touch.state === 'blocked' || touch.state === 'gone' || touch.state === 'changed';
    if (touch.state === 'failed') return { outcome: 'inconclusive', reason: 'sample-failed' };
    if (acted) {
      // Whoever takes the harmless file too does not detect, he blocks.
      if (machine.look(control) === undefined) return { outcome: 'inconclusive', reason: 'control-gone' };
      const stage = touch.state === 'blocked' ? 'blocked' : 'quarantined';
      const logged = await until(machine, Math.min(logGraceMs, waitMs), inLog);
      return { outcome: 'detected', stages: logged ? [stage, 'local-log'] : [stage], latencyMs };
    }
    if (inLog()) return { outcome: 'detected', stages: ['local-log'], latencyMs };
    if (machine.monotonicMs() - beganMs >= waitMs) return { outcome: 'not-detected', reason: 'deadline-passed' };
    await machine.wait(lookEveryMs);
  }
}

/** A line of the scanner's log that names our file as found. */
function named(log: string, nonce: string): boolean {
  return log.split('\n').some((line) => line.includes(`affiant-${nonce}.com`) && / FOUND\s*$/.test(line));
}

async function until(machine: ProofContext['machine'], withinMs: number, is: () => boolean): Promise<boolean> {
  const began = machine.monotonicMs();
  while (!is()) {
    if (machine.monotonicMs() - began >= withinMs) return false;
    await machine.wait(lookEveryMs);
  }
  return true;
}
