/** Whether a message to the audit system comes out at its log. Nothing of its rules is changed, and none is needed. */
import type { DetectionProof } from '../../schemas/generated/types.ts';
import type { RawMiss } from '../host/machine.ts';
import { createNonce, type Outcome, type ProofContext, withoutTraces } from './proof.ts';

const method = 'auditd-canary';
const lookEveryMs = 500;

export async function proveAudit(context: ProofContext): Promise<DetectionProof> {
  const nonce = createNonce();
  const startedAt = context.machine.now().toISOString();
  return withoutTraces(method, nonce, startedAt, await outcomeOf(context, nonce.text));
}

async function outcomeOf({ machine, waitMs }: ProofContext, nonce: string): Promise<Outcome> {
  const status = await machine.run({ id: 'auditctl-status' });
  if (status.outcome === 'absent') return { outcome: 'not-applicable', reason: 'auditd-not-installed' };
  if (status.outcome !== 'ok') return missed(status);
  if (status.value.exitCode !== 0) return { outcome: 'inconclusive', reason: 'audit-status-refused' };
  const { enabled, pid } = parseStatus(textOf(status.value.stdout));
  if (enabled === undefined || pid === undefined)
    return { outcome: 'inconclusive', reason: 'audit-status-not-understood' };
  // Nobody takes the kernel's messages: they end in its own log at best.
  if (pid === 0) return { outcome: 'not-detected', product: 'auditd', reason: 'auditd-not-running' };
  const beganMs = machine.monotonicMs();
  const sent = await machine.run({ id: 'auditctl-message', nonce });
  if (sent.outcome !== 'ok') return { ...missed(sent), product: 'auditd' };
  if (sent.value.exitCode !== 0) return { outcome: 'inconclusive', product: 'auditd', reason: 'canary-not-sent' };
  for (;;) {
    const found = await machine.run({ id: 'ausearch-user' });
    const latencyMs = Math.round(machine.monotonicMs() - beganMs);
    if (found.outcome !== 'ok') return { ...missed(found), product: 'auditd' };
    if (holdsCanary(textOf(found.value.stdout), nonce))
      return { outcome: 'detected', product: 'auditd', stages: ['local-log'], latencyMs };
    if (latencyMs >= waitMs)
      return {
        outcome: 'not-detected',
        product: 'auditd',
        reason: enabled === 0 ? 'audit-disabled' : 'deadline-passed',
      };
    await machine.wait(lookEveryMs);
  }
}

function missed({ outcome, reason }: RawMiss): Outcome {
  return { outcome: 'inconclusive', reason: outcome === 'absent' ? 'no-audit-tools' : reason };
}

/** Lines of `auditctl -s` (auditctl(8)): `enabled 1`, `pid 812`; before audit 2.3 `AUDIT_STATUS: enabled=1 … pid=812`. */
export function parseStatus(text: string): { enabled?: number; pid?: number } {
  const enabled = /\benabled[ =](\d+)/.exec(text)?.[1];
  const pid = /\bpid[ =](\d+)/.exec(text)?.[1];
  return {
    ...(enabled === undefined ? {} : { enabled: Number(enabled) }),
    ...(pid === undefined ? {} : { pid: Number(pid) }),
  };
}

/** A USER record with our text; auditd writes it plainly, or in hexadecimal where it holds anything but plain characters. */
export function holdsCanary(text: string, nonce: string): boolean {
  const canary = `affiant-canary-${nonce}`;
  const hex = Buffer.from(canary, 'latin1').toString('hex').toUpperCase();
  return text
    .split('\n')
    .some((line) => /^(?:node=\S+ )?type=USER\b/.test(line) && (line.includes(canary) || line.includes(hex)));
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
