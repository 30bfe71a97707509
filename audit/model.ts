/**
 * What an audit shows of a server and of a fleet beside its findings. Everything can be written as JSON; days
 * and instants are texts in UTC (days.ts).
 */
import type { Day, When } from './days.ts';
import type { ClockRef, EvidenceRef, Finding, StartEvent } from './finding.ts';
import type { History, HostIdentity, RefusedPack } from './history-model.ts';

export type * from './finding.ts';
export type * from './history-model.ts';

export type ExposureClock = {
  readonly clock: ClockRef;
  readonly start: StartEvent;
  readonly dueDay: Day;
  readonly breachDay: Day;
  /** Whether the fix was still missing on the breach day, or is still and the day is yet to come (`running`). */
  readonly state: 'breached' | 'met' | 'running';
  /** What started it again or made it shorter later, oldest first. */
  readonly later: readonly StartEvent[];
  /** What has to be done beside the fix: `forensic triage`. */
  readonly duty?: string;
  /** Where an input of the rule was not known: what was assumed instead, said aloud. */
  readonly assumed: readonly string[];
};

/** One fix that a server lacks or lacked. */
export type Exposure = {
  /** `Sep20SU`, `RHSA-2026:4711`, `openssl 3.0.17-1~deb12u2`. */
  readonly fixId: string;
  readonly product: string;
  readonly title: string;
  readonly cves: readonly string[];
  readonly severity: 'critical' | 'high' | 'medium' | 'low' | 'unknown';
  readonly cvss?: number;
  /** Of the fix, by the catalogue; missing where only the server named it. */
  readonly releasedAt?: Day;
  /** When it was there for the branch that the server runs, where that was later. */
  readonly availableForBranchAt?: Day;
  /** True where no fix exists for the installed cumulative update: the server is told that nothing is missing. */
  readonly requiresUpgrade: boolean;
  readonly exploitKnownAt?: Day;
  readonly kevAddedAt?: Day;
  /** Stretches in which it was missing; the last is open while it is. */
  readonly missing: readonly { readonly from: Day; readonly to?: Day; readonly why: string }[];
  /** Days up to the day of the audit. */
  readonly ageDays: number;
  readonly clocks: readonly ExposureClock[];
  /** Some list on the server calls it installed while it is not. */
  readonly claimed?: boolean;
  readonly evidence: readonly EvidenceRef[];
  /** A mitigation that was seen; it stops no clock by itself. */
  readonly mitigation?: string;
};

export type DetectionDay = {
  readonly day: Day;
  readonly total: number;
  readonly distinct?: number;
  readonly fresh: number;
};

/** What the detector saw over time; `fresh` counts what was not there the day before. */
export type DetectionTimeline = {
  readonly product: string;
  readonly days: readonly DetectionDay[];
  readonly firstAt?: When;
  readonly total: number;
  /** Whether anybody said to have looked. */
  readonly acknowledged: boolean;
  /** Days on which at least three distinct files of a web shell's kind came within a week. */
  readonly trendAlarms: readonly Day[];
};

/** How the detector stood on each stretch of days. */
export type DetectorStretch = {
  readonly from: Day;
  readonly to: Day;
  readonly outcome: 'pass' | 'fail' | 'undetermined' | 'no-evidence';
  readonly reasons: readonly string[];
};

export type AdminChange = {
  readonly day: Day;
  readonly kind: 'added' | 'removed' | 'ways-changed';
  readonly account: string;
  readonly ways: readonly string[];
  readonly evidence: EvidenceRef;
};

export type MfaCell = {
  readonly account: string;
  readonly way: string;
  readonly kind: 'entry' | 'escalation';
  readonly requirement: string;
  readonly factors?: readonly string[];
  readonly witness: readonly string[];
  readonly phishingResistant?: boolean;
};

/** The newest matrix, and since when each of its cells says what it says. */
export type MfaMatrix = {
  readonly day: Day;
  readonly cells: readonly (MfaCell & { readonly since: Day })[];
  readonly outOfBand: readonly string[];
  readonly evidence: readonly EvidenceRef[];
};

/** What could not be seen, and when. */
export type BlindSpot = {
  readonly what: string;
  readonly reason: string;
  readonly from: Day;
  readonly to?: Day;
  readonly evidence?: EvidenceRef;
};

/** The figures that a regulator asks for. */
export type Counters = {
  readonly daysWithoutAnySecurityUpdate?: number;
  readonly missingCriticalCount: number;
  readonly missingCount: number;
  readonly oldestMissingCriticalAgeDays?: number;
  readonly oldestMissingAgeDays?: number;
  /** By clock. */
  readonly firstBreachDayByClock: Readonly<Record<string, Day>>;
  /** Where the inventory or an attestation tells when the compromise began. */
  readonly daysBreachedBeforeCompromise?: number;
};

/**
 * Days on which what a clock measures was bad, or not known, and its time had not run out: no finding yet, and
 * nothing that counts as held either.
 */
export type WithinTime = {
  readonly rule: string;
  readonly subject: string;
  readonly verdict: 'fail' | 'undetermined';
  readonly reason: string;
  readonly from: Day;
  readonly to: Day;
};

/** A person's statement to have looked at detections of the server. */
export type DetectionReview = { readonly day: Day; readonly by: string; readonly text: string };

export type HostFacts = {
  readonly exposure: 'internet' | 'internal' | 'unknown';
  readonly role?: string;
  readonly criticality?: string;
  readonly owner?: string;
  /** The day of a compromise that an inquiry found. */
  readonly compromisedOn?: Day;
  /** No evidence is expected after it. */
  readonly retiredOn?: Day;
  /** Whether the inventory named the server at all. */
  readonly inInventory: boolean;
};

/** A product of the catalogue on a server, over the days on which it stood at one build. */
export type ProductLevel = {
  readonly product: string;
  readonly build: string;
  readonly branch?: string;
  /** The newest update in the build. */
  readonly update?: string;
  readonly from: Day;
  /** The last day; open where there is none. */
  readonly to?: Day;
  /** The first day on which the branch got no fixes any more. */
  readonly branchEndedOn?: Day;
  readonly supportEndedOn?: Day;
  /** sound: the newest update was installed whole. */
  readonly health: 'sound' | 'broken' | 'unknown';
  readonly healthWhy: readonly string[];
  readonly catalogueGap?: string;
  readonly evidence: EvidenceRef;
};

export type HostAudit = {
  readonly host: HostIdentity;
  readonly inventory: HostFacts;
  /** The day of the audit: nothing later is known to it. */
  readonly at: Day;
  readonly firstDay?: Day;
  readonly lastDay?: Day;
  readonly bundles: number;
  readonly findings: readonly Finding[];
  readonly withinTime: readonly WithinTime[];
  readonly products?: readonly ProductLevel[];
  readonly exposures: readonly Exposure[];
  readonly detections: readonly DetectionTimeline[];
  readonly detector: readonly DetectorStretch[];
  /** By attestation, oldest first. */
  readonly reviews: readonly DetectionReview[];
  readonly adminChanges: readonly AdminChange[];
  readonly mfa?: MfaMatrix;
  readonly blindSpots: readonly BlindSpot[];
  readonly counters: Counters;
  /** Topics that the newest evidence does not let judge; no finding about them means nothing (unjudged.ts). */
  readonly unjudged: readonly string[];
  readonly history: Omit<History, 'entries' | 'host'> & { readonly replayed: boolean };
};

export type FleetAudit = {
  readonly at: Day;
  readonly hosts: readonly HostAudit[];
  readonly refused: readonly RefusedPack[];
};
