/** Whether ClamAV's daemon finds the test file when it is asked to look at it. */
import type { DetectionProof } from '../../schemas/generated/types.ts';
import type { Raw, RawRun } from '../host/machine.ts';
import { placeOf } from './place.ts';
import { createNonce, type Outcome, type ProofContext, withoutTraces } from './proof.ts';
import { type Sample, withSample } from './sample.ts';
import { clamdConfigFile } from './scanner.ts';

const method = 'eicar-on-demand';
const product = 'clamav';
const usualFolder = '/var/tmp';

export async function proveOnDemand(context: ProofContext): Promise<DetectionProof> {
  const nonce = createNonce();
  const { machine, host } = context;
  const startedAt = machine.now().toISOString();
  const end = (outcome: Outcome): DetectionProof => withoutTraces(method, nonce, startedAt, outcome);
  const place = await placeOf(context.folder ?? usualFolder, machine, host);
  if (!place.ok) return end({ outcome: 'refused', reason: place.reason, pathClass: place.pathClass });
  const config = await clamdConfigFile(host);
  const scan = (file: string): Promise<Raw<RawRun>> =>
    machine.run({ id: 'clamdscan', file, ...(config === undefined ? {} : { config }) });
  const { pathClass } = place;
  const result = await withSample(context, place.folder, nonce, (sample) => judged(context, sample, scan));
  // Nobody was asked, so nothing of the product is told.
  if (result.outcome === 'not-applicable')
    return { method, nonceDigest: nonce.digest, startedAt, pathClass, ...result };
  return { method, product, nonceDigest: nonce.digest, startedAt, pathClass, ...result };
}

/** clamdscan(1): 0 nothing found, 1 found, 2 an error. The harmless file must come out clean first. */
async function judged(
  { machine }: ProofContext,
  { control, sample, written, beganMs }: Sample,
  scan: (file: string) => Promise<Raw<RawRun>>,
): Promise<Outcome> {
  const before = await scan(control);
  if (before.outcome === 'absent') return { outcome: 'not-applicable', reason: 'no-on-demand-scanner' };
  if (before.outcome !== 'ok') return { outcome: 'inconclusive', reason: before.reason };
  if (before.value.exitCode !== 0)
    return { outcome: 'inconclusive', reason: before.value.exitCode === 1 ? 'control-found' : 'scanner-error' };
  // A watcher was quicker; that is the other proof's business.
  if (written.state !== 'whole') return { outcome: 'inconclusive', reason: 'blocked-before-scan' };
  const after = await scan(sample);
  const latencyMs = Math.round(machine.monotonicMs() - beganMs);
  if (after.outcome !== 'ok') return { outcome: 'inconclusive', reason: after.reason };
  const { exitCode, stdout } = after.value;
  const text = Buffer.from(stdout).toString('latin1');
  if (exitCode === 1 && text.split('\n').some((line) => line.startsWith(`${sample}: `) && line.endsWith(' FOUND')))
    return { outcome: 'detected', latencyMs };
  if (exitCode === 0) return { outcome: 'not-detected', reason: 'scanned-clean' };
  return { outcome: 'inconclusive', reason: 'scanner-error' };
}
