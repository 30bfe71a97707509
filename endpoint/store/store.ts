import type { Result } from '../../evidence/result.ts';
import type { Pack, Receipt, SigstoreBundle, Statement } from '../../schemas/generated/types.ts';
import type { SealedLog } from '../log.ts';
import type { TrustedKey } from '../trust.ts';
import type { Label } from './labels.ts';

/** A bundle whose signature and documents are verified, asking to be kept. */
export type Admission = {
  readonly key: TrustedKey;
  readonly bundle: SigstoreBundle;
  readonly statement: Statement;
  /** The bundle digest. */
  readonly digest: string;
  /** Those that were sent, by subject name. */
  readonly documents: ReadonlyMap<string, object>;
  /** By the endpoint's clock, RFC 3339 in UTC. */
  readonly receivedAt: string;
};

/** What became of an admission. Only the first three kept anything, and all that they name is durable. */
export type Admitted =
  | { readonly outcome: 'stored'; readonly receipt: Receipt; readonly labels: readonly Label[] }
  /** Kept before: the receipt of then, byte for byte. */
  | { readonly outcome: 'repeated'; readonly receipt: Receipt; readonly labels: readonly Label[] }
  /** Another bundle stood at this place of the chain first; both are kept. Repeated, it says the same again. */
  | {
      readonly outcome: 'forked';
      readonly existing: string;
      readonly receipt: Receipt;
      readonly labels: readonly Label[];
    }
  /** Digests of documents that the statement names, that were not sent and that this key never sent. */
  | { readonly outcome: 'documents-missing'; readonly missing: readonly string[] }
  /** The key speaks for another server. */
  | { readonly outcome: 'target-mismatch' };

/**
 * Where an endpoint keeps its evidence and its log. Every method is asynchronous so that a database
 * behind a network fits, and `admit` decides and writes in one transaction, so that any number of
 * processes may share one store. Refusals: `store-failed`, where nothing of the admission was kept.
 */
export type Store = {
  admit(admission: Admission): Promise<Result<Admitted>>;
  /** The newest signed checkpoint. */
  checkpoint(): Promise<Result<SealedLog>>;
  /** A kept bundle as a complete pack with its receipt, as far as its documents are kept. */
  pack(keyId: string, digest: string): Promise<Result<Pack | undefined>>;
  close(): Promise<void>;
};
