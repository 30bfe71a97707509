/** What an audit finds, and the evidence that it rests on. Everything can be written as JSON. */
import { sha256Hex } from '../evidence/digest.ts';
import type { Day, Instant, When } from './days.ts';

/** One piece of evidence: a fact in a document of a signed bundle. */
export type EvidenceRef = {
  readonly bundle: string;
  readonly file: string;
  readonly claimedAt: Instant;
  readonly logIndex?: number;
  /** The document's name and SHA-256. */
  readonly document: string;
  readonly documentDigest?: string;
  /** RFC 6901 pointer to the fact in the document. */
  readonly pointer: string;
  /** Locators of what the server was asked. */
  readonly sources: readonly string[];
  /** What it says there, in a few words. */
  readonly says: string;
};

export type ControlRef = {
  readonly id: string;
  /** The rule's own words for its place: `PCI DSS 4.0.1, 6.3.3`. */
  readonly source: string;
  /** False where nobody compared the row with its source. */
  readonly verified: boolean;
};

export type ClockRef = ControlRef & {
  readonly title: string;
  /** `48 hours`, `14 days`, `1 month`. */
  readonly limit: string;
  readonly status: 'in-force' | 'proposed' | 'historical' | 'own';
};

export type StartEvent = {
  readonly kind:
    | 'fix-release'
    | 'exploit-known'
    | 'exploited-listed'
    | 'first-seen'
    | 'support-ended'
    | 'state-began'
    | 'detection'
    | 'last-review'
    | 'last-test'
    | 'last-logon'
    | 'last-evidence'
    | 'awareness'
    | 'claim';
  readonly at: When;
  readonly text: string;
};

/** A statement of a person that ends or suspends a finding. */
export type AttestationRef = {
  readonly id: string;
  readonly kind: string;
  readonly by: string;
  readonly at: Instant;
  readonly until?: When;
  readonly text: string;
};

export type Finding = {
  /** Stable: the same server, rule, subject and start give the same id, whenever it is computed. */
  readonly id: string;
  readonly hostId: string;
  readonly host: string;
  /** The clock or control that is broken. */
  readonly rule: string;
  /** What it is about: a fix, an account, a product, a detection. */
  readonly subject: string;
  readonly verdict: 'fail' | 'undetermined';
  /** breach: the rule is broken. warning: it will be, or its own warning threshold is passed. */
  readonly level: 'breach' | 'warning';
  readonly title: string;
  /** Why, in words for who has never seen the product. */
  readonly reason: string;
  readonly clock?: ClockRef;
  readonly controls: readonly ControlRef[];
  readonly start: StartEvent;
  readonly dueDay?: Day;
  readonly breachDay?: Day;
  /** From the first day on which it holds to the last; open where there is no last. */
  readonly interval: { readonly from: Day; readonly to?: Day };
  readonly ended?: { readonly by: 'evidence' | 'attestation'; readonly text: string };
  readonly evidence: readonly EvidenceRef[];
  /** Ends or suspends it; a suspended finding is still listed. */
  readonly attestation?: AttestationRef;
  readonly state: 'open' | 'ended' | 'suspended';
  /** True where its newest day rests on a last known state. */
  readonly stale?: boolean;
};

/** The id of a finding: the same server, rule, subject and start give the same, whenever and wherever it is computed. */
export function findingId(parts: { hostId: string; rule: string; subject: string; from: Day }): string {
  const text = [parts.hostId, parts.rule, parts.subject, parts.from].join('\n');
  return `F-${sha256Hex(Buffer.from(`affiant finding 1\n${text}`)).slice(0, 12)}`;
}
