import type { TileAddress } from '../../evidence/log-tiles.ts';
import type { Refusal, Result } from '../../evidence/result.ts';
import type { Pack, Receipt, SigstoreBundle, Statement } from '../../schemas/generated/types.ts';
import type { SealedLog } from '../log.ts';
import type { TrustedKey } from '../trust.ts';
import type { Label } from './labels.ts';
import type { Sql } from './sql.ts';

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
  /** Who brought it, where it did not come from its server. */
  readonly upload?: { readonly by: string; readonly from: string | undefined; readonly note: string | undefined };
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
  | { readonly outcome: 'target-mismatch' }
  | Refused;

/** What a module's gate says of a bundle that may not be kept: 403 for the key, 422 (signed) for the bundle. */
export type Refused = { readonly outcome: 'refused'; readonly status: 403 | 422; readonly refusal: Refusal };

/**
 * What a signed record is about. The store keeps them alike and reads none; their format is in evidence/.
 */
export type RecordKind =
  | 'registrar'
  | 'enrolment'
  | 'rotation'
  | 'revocation'
  | 'approval'
  | 'pruning'
  | 'erasure'
  | 'legal-hold'
  | 'legal-hold-release'
  | 'attestation';

/** A signed record on its way into the log. */
export type SignedRecord = {
  readonly kind: RecordKind;
  /** What the log's leaf hashes: the JCS bytes of a `hashedrekord` 0.0.2 body, as `logLeaf` makes it for a bundle. */
  readonly leafBody: Uint8Array;
  /** The record itself with its signature, in the form in which it is given back. */
  readonly envelope: Uint8Array;
  /** By the endpoint's clock, RFC 3339 in UTC. */
  readonly at: string;
};

/** Makes the record once the log is locked for it, from what it reads there. */
export type RecordMaker = (sql: Sql) => Promise<Result<SignedRecord>>;

export type KeptRecord = SignedRecord & { readonly index: number; readonly receipt: Receipt };

export type Appended<T> = {
  readonly index: number;
  readonly receipt: Receipt;
  /** The same leaf stood in the log before: its receipt, and the callback was not called. */
  readonly repeated: boolean;
  /** What the callback gave; undefined where the record is repeated. */
  readonly value: T | undefined;
};

/** A kept bundle as it is listed. */
export type BundleSummary = {
  readonly logIndex: number;
  readonly keyId: string;
  readonly digest: string;
  readonly target: string;
  readonly mode: string;
  readonly chain: string;
  readonly sequence: number;
  readonly previous: string | undefined;
  readonly finishedAt: string;
  readonly receivedAt: string;
  readonly labels: readonly Label[];
  /** The bundle that stood at this place of the chain before, where one did. */
  readonly existing: string | undefined;
};

export type BundleQuery = {
  readonly target?: string;
  /** Of these servers alone. */
  readonly targets?: readonly string[];
  readonly keyId?: string;
  /** By arrival, from (inclusive) and until (exclusive), RFC 3339 in UTC. */
  readonly from?: string;
  readonly until?: string;
  /** oldest (the default) or newest first, by log index. */
  readonly order?: 'oldest' | 'newest';
  /** Continue behind this log index, in the order that is asked for. */
  readonly after?: number;
  /** At most this many, 100 where it is not said, never more than 1000. */
  readonly limit?: number;
};

export type TargetQuery = {
  readonly after?: string;
  readonly limit?: number;
  /** These alone. */
  readonly ids?: readonly string[];
};

/** A server that ever reported (recordings do not count). */
export type TargetSummary = {
  readonly id: string;
  readonly firstAt: string;
  readonly newestAt: string;
  /** Log index of its newest bundle. */
  readonly newest: number;
  readonly bundles: number;
};

export type Counts = {
  readonly logSize: number;
  readonly bundles: number;
  readonly records: number;
  readonly targets: number;
  readonly documents: number;
  /** Before compression. */
  readonly documentBytes: number;
  /** What the database takes on its disk. */
  readonly databaseBytes: number;
};

/**
 * Where an endpoint keeps its evidence and its log. Every method is asynchronous, and `admit` and
 * `append` decide and write in one transaction, so that any number of processes may share one store.
 * Refusals: `store-failed`, where nothing was kept; `append` also refuses as its callback does.
 */
export type Store = {
  admit(admission: Admission): Promise<Result<Admitted>>;
  /**
   * Makes the record a leaf of the log, in one transaction with the changes that it records: the callback
   * gets the transaction and the index of the leaf. Where the callback refuses or throws, neither the
   * leaf nor a change is kept. A leaf that stands in the log already is not appended twice. A record that
   * names the one before it is made inside the transaction, while nobody else can append: then `record` is a function.
   */
  append<T = undefined>(
    record: SignedRecord | RecordMaker,
    changes?: (sql: Sql, index: number) => Promise<Result<T>>,
  ): Promise<Result<Appended<T>>>;
  /** The signed record at a place of the log, with the receipt of then; undefined where a bundle stands there, or nothing. */
  record(index: number): Promise<Result<KeptRecord | undefined>>;
  /** Records in the order of the log, of one kind or of all, behind an index; 100 at most where it is not said. */
  records(query?: {
    readonly kind?: RecordKind;
    readonly after?: number;
    readonly limit?: number;
  }): Promise<Result<KeptRecord[]>>;
  /** Statements of a module against its own tables, outside a transaction. */
  read<T>(work: (sql: Sql) => Promise<T>): Promise<Result<T>>;
  /** The same in a transaction that does not touch the log; where `work` throws, nothing is kept. */
  write<T>(work: (sql: Sql) => Promise<T>): Promise<Result<T>>;
  /** The newest signed checkpoint. */
  checkpoint(): Promise<Result<SealedLog>>;
  /** The consistency proof between two sizes of the log, the first from 1; undefined where the log has no tree of the second. */
  consistency(first: number, second: number): Promise<Result<readonly Uint8Array[] | undefined>>;
  /** The inclusion proof of a leaf in the tree of `size` leaves; undefined where there is no such leaf or tree. */
  inclusion(index: number, size: number): Promise<Result<readonly Uint8Array[] | undefined>>;
  /** The bytes of a tile (C2SP tlog-tiles); undefined where the log is not that large. */
  tile(address: TileAddress): Promise<Result<Uint8Array | undefined>>;
  /** A kept bundle as a complete pack with its receipt, as far as its documents are kept. */
  pack(keyId: string, digest: string): Promise<Result<Pack | undefined>>;
  bundles(query?: BundleQuery): Promise<Result<BundleSummary[]>>;
  /** Servers in the order of their ids, behind an id; at most 1000 at a time. */
  targets(query?: TargetQuery): Promise<Result<TargetSummary[]>>;
  counts(): Promise<Result<Counts>>;
  /** After documents were erased: leaves nothing of them in free pages, as far as the database can. */
  scrub(): Promise<Result<void>>;
  close(): Promise<void>;
};
