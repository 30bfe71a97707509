/**
 * What an audit reads from the documents of one bundle: the few facts that clocks, controls and reports rest on,
 * each with the place that it was read from. A fact that was not seen stays unseen here.
 */
import type { PaidFixes } from '../judge/linux-support.ts';
import type { FactStatus, OperatingSystem } from '../schemas/generated/types.ts';
import type { Day, When } from './days.ts';
import type { MfaCell } from './model.ts';

/** Where a fact stands: document, RFC 6901 pointer, locators of what the server was asked. */
export type Place = { readonly document: string; readonly pointer: string; readonly sources: readonly string[] };

export type Seen<T> = Place &
  (
    | { readonly status: 'observed'; readonly value: T }
    | { readonly status: Exclude<FactStatus, 'observed'>; readonly reason: string }
  );

/** An Exchange server by its program files. */
export type SeenExchange = {
  readonly build: string;
  readonly broken: readonly string[] | undefined;
  readonly claimedKbs: readonly string[];
  /** In words; a mitigation stops no clock by itself. */
  readonly mitigations: readonly string[];
};

/** Windows by its registry; `hotpatch` undefined where that could not be seen. */
export type SeenWindows = {
  readonly build: string;
  readonly hotpatch: boolean | undefined;
  /** Whether extended security updates are licensed; missing where that could not be seen. */
  readonly extendedSecurity?: boolean;
};

/** An instance of SQL Server; without a build where none is known, or two contradict each other. */
export type SeenSql = { readonly name: string; readonly build?: string; readonly why?: string };

/** A fix that the server itself says it lacks. */
export type SeenFix = {
  readonly id: string;
  readonly product: string;
  readonly title: string;
  readonly cves: readonly string[];
  readonly severity: 'critical' | 'high' | 'medium' | 'low' | 'unknown';
  readonly cvss?: number;
  readonly releasedAt?: Day;
};

export type SeenDetections = {
  readonly product: string;
  readonly total: number;
  readonly distinct?: number;
  readonly oldestAt?: When;
  readonly newestAt?: When;
  readonly items: readonly {
    readonly id: string;
    readonly name: string;
    readonly firstSeen?: When;
    readonly pathClass?: string;
    readonly threatId?: string;
  }[];
};

export type SeenProtection = {
  readonly outcome: 'pass' | 'fail' | 'undetermined';
  readonly faults: readonly string[];
  readonly unknowns: readonly string[];
  /** Each with why it is dangerous. */
  readonly riskyExclusions: readonly { readonly product: string; readonly pathClass: string; readonly why: string }[];
  readonly forwarding: 'pass' | 'fail' | 'undetermined';
  readonly forwardingWhy: readonly string[];
  /** The oldest signatures of what works; where nothing is known to work, the newest of all. */
  readonly signatureAt?: When;
  /** When a sample of malware was detected last. */
  readonly provedAt?: When;
  readonly oldestLogAt?: When;
};

export type SeenAdmin = {
  readonly name: string;
  /** Each in a few words; those that only come near root are left out. */
  readonly ways: readonly string[];
  /** False where every way ends by itself. */
  readonly standing: boolean;
  readonly state: 'enabled' | 'locked' | 'expired' | 'unknown';
  /** The account of a machine, which no person uses: setup puts those of Exchange servers among administrators. */
  readonly isMachine?: true;
  readonly lastLoginAt?: When;
  readonly passwordChangedOn?: Day;
};

export type SeenFactors = {
  readonly outcome: 'pass' | 'fail' | 'undetermined';
  readonly cells: readonly MfaCell[];
  readonly unknowns: readonly string[];
  readonly outOfBand: readonly string[];
};

/** Facts by name; one that no document of the bundle has is missing. */
export type Observation = {
  readonly hostname?: Seen<string>;
  readonly os?: Seen<string>;
  /** Which distribution, where it is a Linux. */
  readonly linux?: Seen<OperatingSystem>;
  /** Whether fixes come that are paid for, of a Linux. */
  readonly paidFixes?: PaidFixes;
  readonly machineId?: Seen<string>;
  readonly smbiosUuid?: Seen<string>;
  readonly sshHostKeys?: Seen<readonly string[]>;
  readonly exchange?: Seen<SeenExchange>;
  readonly windows?: Seen<SeenWindows>;
  readonly sql?: Seen<readonly SeenSql[]>;
  readonly restartPending?: Seen<boolean>;
  readonly fixes?: Seen<readonly SeenFix[]>;
  readonly protection?: Seen<SeenProtection>;
  readonly detections?: Seen<readonly SeenDetections[]>;
  readonly admins?: Seen<readonly SeenAdmin[]>;
  /** Why the list of administrators may lack some, where it may; each in a few words. */
  readonly adminsUnseen?: readonly string[];
  readonly factors?: Seen<SeenFactors>;
  /** Addresses for the outside that Exchange gives out. */
  readonly published?: Seen<readonly string[]>;
  /** Facts of any document that could not be seen. */
  readonly unseen: readonly (Place & { readonly status: string; readonly reason: string })[];
};
