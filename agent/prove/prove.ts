/** Runs the proofs that were asked for and keeps what they found for the next bundle. */
import { ok, type Result } from '../../evidence/result.ts';
import type { DetectionProof } from '../../schemas/generated/types.ts';
import type { Host } from '../host/host.ts';
import { attempt } from '../spool/fault.ts';
import { holdLock } from '../spool/lock.ts';
import { pathIn, type State } from '../spool/state.ts';
import { proveAudit } from './audit-canary.ts';
import { proveOnAccess } from './eicar-on-access.ts';
import { proveOnDemand } from './eicar-on-demand.ts';
import { proveOnWindows } from './eicar-on-windows.ts';
import { sweepLeavings } from './leavings.ts';
import { keepProof, keptProofs } from './ledger.ts';
import type { ProofContext } from './proof.ts';
import { proveAmsi, proveEventLog } from './windows-proofs.ts';

/** What `--only` names. */
export const proofKinds = ['eicar', 'auditd', 'amsi', 'eventlog'] as const;
export type ProofKind = (typeof proofKinds)[number];

/** Those that each system can run; on Windows none runs unless it is named. */
export const proofKindsOf: Readonly<Record<Host['os'], readonly ProofKind[]>> = {
  linux: ['eicar', 'auditd'],
  windows: ['eicar', 'amsi', 'eventlog'],
};

type Prove = (context: ProofContext) => Promise<DetectionProof>;

const proofs: Readonly<Record<ProofKind, readonly Prove[]>> = {
  eicar: [proveOnAccess, proveOnDemand],
  auditd: [proveAudit],
  amsi: [proveAmsi],
  eventlog: [proveEventLog],
};

/**
 * One after the other. Each result is on the disk before the next proof begins; one that cannot be kept is
 * refused as the disk does, for a proof that nobody hears of is none. Refuses with `state-locked` beside a
 * collection or another proof.
 */
export async function prove(context: ProofContext, kinds: readonly ProofKind[]): Promise<Result<DetectionProof[]>> {
  // The lock of a collection: that one removes what it takes for left over.
  const held = attempt(context.state.folder, () => holdLock(pathIn(context.state, 'run.lock'), 0));
  if (!held.ok) return held;
  try {
    return await proveAll(context, kinds);
  } finally {
    held.value();
  }
}

async function proveAll(context: ProofContext, kinds: readonly ProofKind[]): Promise<Result<DetectionProof[]>> {
  const swept = sweepLeavings(context.state, context.machine);
  if (!swept.ok) return swept;
  const found: DetectionProof[] = [];
  const { os } = context.host;
  for (const run of kinds.flatMap((kind) => (kind === 'eicar' && os === 'windows' ? [proveOnWindows] : proofs[kind]))) {
    const proof = await run(context);
    const kept = keepProof(context.state, proof, context.machine.uid === 0 ? 'root' : 'user');
    if (!kept.ok) return kept;
    found.push(proof);
  }
  return ok(found);
}

/** Whether the newest proof is older than so many days, or there is none. */
export function isDue(state: State, days: number, now: Date): Result<boolean> {
  const kept = keptProofs(state);
  if (!kept.ok) return kept;
  const newest = kept.value
    .map(({ proof }) => Date.parse(proof.startedAt))
    .toSorted((left, right) => left - right)
    .at(-1);
  return ok(newest === undefined || now.getTime() - newest >= days * 86_400_000);
}
