/**
 * Whether the scanner of a Windows server sees the test file when it is written and opened. Proof is that the file
 * goes or cannot be opened while a harmless one stays, and that Defender's own records name it: events 1116 (found)
 * and 1117 (dealt with), by their fields, and MSFT_MpThreatDetection.
 * https://learn.microsoft.com/defender-endpoint/troubleshoot-microsoft-defender-antivirus
 */
import type { DetectionProof } from '../../schemas/generated/types.ts';
import { pathIn } from '../spool/state.ts';
import { eicarBytes } from './eicar.ts';
import { placeOnWindows } from './place-windows.ts';
import { createNonce, type Outcome, type ProofContext, withoutTraces } from './proof.ts';
import { type Sample, withSample } from './sample.ts';
import { isExcluded, type WindowsScanner, windowsScanner } from './scanner-windows.ts';

const method = 'eicar-on-access';
const lookEveryMs = 1000;
/** After the scanner acted, how long its record may take. */
const recordGraceMs = 30_000;

export async function proveOnWindows(context: ProofContext): Promise<DetectionProof> {
  const nonce = createNonce();
  const { machine, host } = context;
  const startedAt = machine.now().toISOString();
  const end = (outcome: Outcome): DetectionProof => withoutTraces(method, nonce, startedAt, outcome);
  const scanner = await windowsScanner(host);
  if (scanner.kind === 'none') return end({ outcome: 'not-applicable', reason: 'no-on-access-scanner' });
  if (scanner.kind === 'unknown') return end({ outcome: 'inconclusive', reason: scanner.reason });
  const { product } = scanner;
  if (scanner.kind === 'ignores') return end({ outcome: 'not-applicable', product, reason: 'ignores-test-file' });
  // Where nothing was asked for it is our own folder, which administrators alone can change.
  const place = await placeOnWindows(context.folder ?? pathIn(context.state, 'prove'), machine, host);
  if (!place.ok) return end({ outcome: 'refused', product, reason: place.reason, pathClass: place.pathClass });
  const about = { product, pathClass: place.pathClass };
  if (scanner.kind === 'defender' && (await isExcluded(host, place.folder)) === true)
    return end({ outcome: 'inconclusive', ...about, reason: 'folder-not-watched' });
  const result = await withSample(context, place.folder, nonce, (sample) =>
    watch(context, sample, nonce.text, scanner),
  );
  return { method, nonceDigest: nonce.digest, startedAt, ...about, ...result };
}

async function watch(
  { machine, waitMs }: ProofContext,
  { sample, control, written, beganMs }: Sample,
  nonce: string,
  { kind }: WindowsScanner,
): Promise<Outcome> {
  const recorded = async (): Promise<boolean | undefined> =>
    kind === 'defender' ? await isRecorded(machine, nonce) : undefined;
  const bytes = eicarBytes();
  for (let first = true; ; first = false) {
    const touch = first && written.state !== 'whole' ? written : machine.touch(sample, bytes);
    const latencyMs = Math.round(machine.monotonicMs() - beganMs);
    if (touch.state !== 'whole') {
      // Whoever takes the harmless file too does not detect, he blocks.
      if (machine.look(control) === undefined) return { outcome: 'inconclusive', reason: 'control-gone' };
      const logged = await until(machine, Math.min(recordGraceMs, waitMs), recorded);
      // ERROR_VIRUS_INFECTED is no errno: Node says UNKNOWN, as of much else. Then the record decides.
      if (touch.state === 'failed' && !logged) return { outcome: 'inconclusive', reason: 'sample-failed' };
      const stage = touch.state === 'blocked' || touch.state === 'failed' ? 'blocked' : 'quarantined';
      return { outcome: 'detected', stages: logged ? [stage, 'local-log'] : [stage], latencyMs };
    }
    if ((await recorded()) === true) return { outcome: 'detected', stages: ['local-log'], latencyMs };
    if (machine.monotonicMs() - beganMs >= waitMs) return { outcome: 'not-detected', reason: 'deadline-passed' };
    await machine.wait(lookEveryMs);
  }
}

/** Whether the event log, or where it says nothing Defender itself, names the file; undefined where neither could be read. */
async function isRecorded(machine: ProofContext['machine'], nonce: string): Promise<boolean | undefined> {
  const events = await machine.run({ id: 'wevtutil-defender' });
  const read = events.outcome === 'ok' && events.value.exitCode === 0;
  if (read && namesInEvent(plain(events.value.stdout), nonce)) return true;
  const found = await machine.run({ id: 'defender-resources' });
  if (found.outcome !== 'ok' || found.value.exitCode !== 0) return read ? false : undefined;
  return plain(found.value.stdout)
    .split('\n')
    .some((line) => namesFile(line.trim(), nonce));
}

/** `<Data Name='Path'>file:_C:\X\affiant-….com; …</Data>`: the field of event 1116 and 1117 that names what was found. */
export function namesInEvent(xml: string, nonce: string): boolean {
  const paths = xml.matchAll(/<Data Name=(?:'Path'|"Path")>([^<]*)<\/Data>/g);
  return [...paths].some(([, path = '']) => path.split(';').some((each) => namesFile(each.trim(), nonce)));
}

function namesFile(resource: string, nonce: string): boolean {
  return /^(?:file|containerfile|webfile):_/i.test(resource) && resource.toLowerCase().endsWith(`affiant-${nonce}.com`);
}

async function until(
  machine: ProofContext['machine'],
  withinMs: number,
  is: () => Promise<boolean | undefined>,
): Promise<boolean> {
  const began = machine.monotonicMs();
  for (;;) {
    const now = await is();
    if (now === true) return true;
    if (now === undefined || machine.monotonicMs() - began >= withinMs) return false;
    await machine.wait(lookEveryMs);
  }
}

/** A piped wevtutil may write two bytes a character. */
function plain(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1').replaceAll('\0', '');
}
