/** The sequence of verified bundles of one server. Days and instants are texts in UTC (days.ts). */
import type { PosturePredicate } from '../schemas/generated/types.ts';
import type { Day, Instant } from './days.ts';
import type { Observation } from './observation.ts';

/**
 * A place in a log that bounds a time. The checkpoint that a statement quotes was there before it was
 * signed; the one in its receipt came after. `at` where somebody who is not the endpoint stamped it (RFC 3161).
 */
export type TimeBound = { readonly origin: string; readonly size: number; readonly at?: Instant };

/** One verified bundle. */
export type HistoryEntry = {
  /** The bundle digest: its name in chain and log. */
  readonly bundle: string;
  /** The pack's path as it was given, to find it again. */
  readonly file: string;
  /** The end of the run by the server's own clock: a claim. */
  readonly claimedAt: Instant;
  /** The day that the audit counts it to: the day of the claim, unless a bound contradicts it. */
  readonly day: Day;
  readonly notBefore?: TimeBound;
  readonly notAfter?: TimeBound;
  readonly mode: PosturePredicate['mode'];
  readonly keyId: string;
  readonly targetId: string;
  readonly chain: PosturePredicate['chain'];
  readonly clock: PosturePredicate['clock'];
  readonly collectors: PosturePredicate['collectors'];
  readonly incidents: NonNullable<PosturePredicate['incidents']>;
  /** verified: it stands in the trusted log. unchecked: in a log that nobody said to trust. */
  readonly receipt: 'verified' | 'unchecked' | 'none';
  /** Its place in the log, where the receipt was verified. */
  readonly logIndex?: number;
  /** SHA-256 of each document by name. */
  readonly documents: Readonly<Record<string, string>>;
  /** What the audit reads from the documents; the documents themselves are read again from the pack when asked for. */
  readonly seen: Observation;
};

/** A pack that says nothing here, and why. */
export type RefusedPack = {
  readonly file: string;
  /** Stable, as `affiant verify` names it. */
  readonly code: string;
  readonly message: string;
  readonly pointer?: string;
};

/** Numbers of a chain that no verified bundle carries, between two that are there. */
export type ChainGap = {
  readonly chainId: string;
  readonly fromSequence: number;
  readonly toSequence: number;
  /** Days of the bundles on both sides. */
  readonly after: Day;
  readonly before: Day;
};

/** Two bundles of one chain at one place, or a link that does not name the one before. */
export type ChainFault = {
  readonly kind: 'two-at-one-place' | 'link-broken' | 'key-changed' | 'clock-set-back' | 'claim-outside-bounds';
  readonly chainId: string;
  readonly sequence: number;
  readonly bundles: readonly string[];
  readonly text: string;
};

/** Days without evidence: what is said of them is the last known state. */
export type StaleStretch = {
  /** The last bundle before. */
  readonly after: Instant;
  readonly bundle: string;
  /** The first day without evidence. */
  readonly from: Day;
  /** The last; missing while it goes on. */
  readonly to?: Day;
};

export type HostIdentity = {
  /** The target's id; of joined ones that of the newest bundle. */
  readonly id: string;
  /** All ids that were joined as one server. */
  readonly targetIds: readonly string[];
  /** Every host name that it had, the newest first. */
  readonly names: readonly string[];
  /** Why other ids were joined: `same machine-id`, `same SMBIOS UUID`, `same SSH host key`. */
  readonly joinedBy: readonly string[];
};

/** All verified bundles of one server, oldest first, of agent, ad-hoc and sweep alike. */
export type History = {
  readonly host: HostIdentity;
  readonly entries: readonly HistoryEntry[];
  readonly gaps: readonly ChainGap[];
  readonly faults: readonly ChainFault[];
  readonly stale: readonly StaleStretch[];
  /** Files that carry a bundle which another file carries as well. */
  readonly duplicates: readonly { readonly file: string; readonly bundle: string }[];
};
