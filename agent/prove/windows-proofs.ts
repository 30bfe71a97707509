/**
 * Two proofs on Windows, each asked for by name. AMSI: the documented sample as a script that does nothing,
 * which the engine behind it must refuse. Event log: an event of our own that must be found again.
 * https://learn.microsoft.com/windows/win32/amsi/dev-audience
 */
import type { DetectionProof } from '../../schemas/generated/types.ts';
import { createNonce, type Outcome, type ProofContext, withoutTraces } from './proof.ts';

const lookEveryMs = 500;

export async function proveAmsi(context: ProofContext): Promise<DetectionProof> {
  return await proof('amsi-sample', context, amsiOutcome);
}

export async function proveEventLog(context: ProofContext): Promise<DetectionProof> {
  return await proof('event-log-canary', context, eventLogOutcome);
}

async function proof(
  method: DetectionProof['method'],
  context: ProofContext,
  outcomeOf: (context: ProofContext, nonce: string) => Promise<Outcome>,
): Promise<DetectionProof> {
  const nonce = createNonce();
  const startedAt = context.machine.now().toISOString();
  const outcome: Outcome =
    context.host.os === 'windows'
      ? await outcomeOf(context, nonce.text)
      : { outcome: 'not-applicable', reason: 'not-windows' };
  return withoutTraces(method, nonce, startedAt, outcome);
}

async function amsiOutcome({ machine }: ProofContext): Promise<Outcome> {
  const beganMs = machine.monotonicMs();
  const ran = await machine.run({ id: 'amsi-sample' });
  const latencyMs = Math.round(machine.monotonicMs() - beganMs);
  if (ran.outcome !== 'ok') return { outcome: 'inconclusive', reason: ran.reason };
  return readAmsi(textOf(ran.value.stdout), latencyMs);
}

/**
 * `ScriptContainedMaliciousContent` is the id of PowerShell's own refusal, the same in every language. That the
 * script ran through is the only sign of nobody having looked; all else is no answer.
 */
export function readAmsi(output: string, latencyMs: number): Outcome {
  if (output.includes('ScriptContainedMaliciousContent'))
    return { outcome: 'detected', stages: ['blocked'], latencyMs };
  if (/ConstrainedLanguage|LanguageMode/.test(output))
    return { outcome: 'inconclusive', reason: 'constrained-language' };
  return output.trim() === 'affiant-ran'
    ? { outcome: 'not-detected', reason: 'script-ran' }
    : { outcome: 'inconclusive', reason: 'unexpected-output' };
}

async function eventLogOutcome({ machine, waitMs }: ProofContext, nonce: string): Promise<Outcome> {
  const beganMs = machine.monotonicMs();
  const sent = await machine.run({ id: 'eventcreate', nonce });
  if (sent.outcome !== 'ok') return { outcome: 'inconclusive', reason: sent.reason };
  if (sent.value.exitCode !== 0) return { outcome: 'inconclusive', reason: 'canary-not-sent' };
  for (;;) {
    const found = await machine.run({ id: 'wevtutil-canary' });
    const latencyMs = Math.round(machine.monotonicMs() - beganMs);
    if (found.outcome !== 'ok') return { outcome: 'inconclusive', reason: found.reason };
    if (found.value.exitCode !== 0) return { outcome: 'inconclusive', reason: 'event-log-not-read' };
    if (holdsEvent(textOf(found.value.stdout), nonce))
      return { outcome: 'detected', product: 'event-log', stages: ['local-log'], latencyMs };
    if (latencyMs >= waitMs) return { outcome: 'not-detected', product: 'event-log', reason: 'deadline-passed' };
    await machine.wait(lookEveryMs);
  }
}

/** The XML of an event of our source with our text; a piped wevtutil may write in two bytes a character. */
export function holdsEvent(output: string, nonce: string): boolean {
  return output.replaceAll('\0', '').includes(`<Data>affiant-canary-${nonce}</Data>`);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
