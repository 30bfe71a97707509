import type { Result } from '../../evidence/result.ts';
import type { VerificationKey } from '../../evidence/signing-key.ts';
import type { CheckpointSeen, Receipt } from '../../schemas/generated/types.ts';

/** A pack that waits to be sent. */
export type OutboxPack = {
  /** For messages: the file. */
  readonly name: string;
  readonly chain: string;
  readonly sequence: number;
  /** The bundle digest. */
  readonly digest: string;
};

/**
 * What the poster needs of the place where packs wait: the spool, or files carried by hand. It is
 * bound to one endpoint. Everything is durable before the result is there.
 */
export type Outbox<Pack extends OutboxPack = OutboxPack> = {
  /** Oldest first. */
  pending(): Result<readonly Pack[]>;
  /** The pack's bytes, complete. `pack-gone` where another process let it go meanwhile. */
  read(pack: Pack): Result<Uint8Array>;
  /** The public key of that id, if it is known here. */
  key(keyId: string): VerificationKey | undefined;

  /** Lets the pack go: the receipt was verified. */
  release(pack: Pack, receipt: Receipt): Result<unknown>;
  /** Sets the pack aside for good; `answer` is the endpoint's signed rejection, for a person. */
  quarantine(pack: Pack, reason: string, answer: Uint8Array): Result<unknown>;
  /** The pack's place in the chain was taken: the next bundle begins a new chain. */
  fork(pack: Pack): Result<unknown>;

  /** Digests of documents that the endpoint has from this key. */
  acknowledged(keyId: string): Result<ReadonlySet<string>>;
  acknowledge(keyId: string, digests: readonly string[]): Result<unknown>;
  forgetAcknowledged(keyId: string, digests: readonly string[]): Result<unknown>;

  /** The log key of this endpoint, a verifier line, that was kept at the first contact. */
  pinnedLogKey(): Result<string | undefined>;
  pinLogKey(verifierKey: string): Result<unknown>;
  /** Whether what is pinned here outlives this run. */
  readonly remembers: boolean;
  /** The newest checkpoint of a log that was verified here. */
  lastCheckpoint(origin: string): Result<CheckpointSeen | undefined>;
  rememberCheckpoint(checkpoint: CheckpointSeen & { readonly note: string }): Result<unknown>;
  /** The log contradicted itself: the next statement says so. */
  reportDivergence(origin: string): Result<unknown>;
};
