/** What every proof begins and ends with. */
import { createHash, randomBytes } from 'node:crypto';
import type { DetectionProof } from '../../schemas/generated/types.ts';
import type { Host } from '../host/host.ts';
import type { State } from '../spool/state.ts';
import type { ProofMachine } from './proof-machine.ts';

export type ProofContext = {
  readonly machine: ProofMachine;
  /** The door to read by. */
  readonly host: Host;
  readonly state: State;
  /** The folder that was asked for; else each proof finds one. */
  readonly folder: string | undefined;
  /** How long to wait for a detection, in milliseconds. */
  readonly waitMs: number;
};

export type Nonce = { readonly text: string; readonly digest: string };

/** Marks one proof; only its digest is told. */
export function createNonce(): Nonce {
  const text = randomBytes(16).toString('hex');
  return { text, digest: createHash('sha256').update(text).digest('hex') };
}

export type Outcome = Pick<DetectionProof, 'outcome'> &
  Partial<Pick<DetectionProof, 'product' | 'reason' | 'stages' | 'latencyMs' | 'pathClass'>>;

/** A proof that left nothing, since it made nothing. */
export function withoutTraces(
  method: DetectionProof['method'],
  nonce: Nonce,
  startedAt: string,
  outcome: Outcome,
): DetectionProof {
  return { method, nonceDigest: nonce.digest, startedAt, ...outcome, cleanedUp: true };
}
