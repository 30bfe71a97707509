/** How findings are put together, so that each says the same things in the same way. */

import type { AuditContext } from './context.ts';
import type { Day } from './days.ts';
import { type EvidenceRef, type Finding, findingId, type StartEvent } from './finding.ts';
import type { HostIdentity } from './history-model.ts';
import type { CompiledClock } from './policy/fix-clock.ts';
import { clockRef, controlsOf } from './policy/policy-set.ts';

export type FindingParts = {
  readonly rule: string;
  readonly clock?: CompiledClock;
  /** Where no clock names them. */
  readonly controls?: Finding['controls'];
  /** The limit in words, where the clock's own is not it. */
  readonly limit?: string;
  readonly subject: string;
  readonly verdict?: Finding['verdict'];
  readonly level?: Finding['level'];
  readonly title: string;
  readonly reason: string;
  readonly start: StartEvent;
  readonly dueDay?: Day;
  readonly breachDay?: Day;
  readonly from: Day;
  /** The last day; open where there is none. */
  readonly to?: Day;
  readonly endedBy?: { readonly by: 'evidence' | 'attestation'; readonly text: string };
  readonly evidence: readonly EvidenceRef[];
  readonly stale?: boolean;
  readonly attestation?: Finding['attestation'];
};

export function hostName(host: HostIdentity): string {
  return host.names[0] ?? `server ${host.id.slice(0, 8)}`;
}

export function makeFinding(host: HostIdentity, context: AuditContext, parts: FindingParts): Finding {
  const { rule, clock, subject, from, to, verdict = 'fail', level = 'breach' } = parts;
  const isOver = to !== undefined && to < context.at;
  return {
    // By the oldest id of the server, so that a later join does not rename what was reported.
    id: findingId({ hostId: host.targetIds.toSorted()[0] ?? host.id, rule, subject, from }),
    hostId: host.id,
    host: hostName(host),
    rule,
    subject,
    verdict,
    level,
    title: parts.title,
    reason:
      clock?.clock.verified === false ? `${parts.reason} (This row was not compared with its source.)` : parts.reason,
    ...(clock !== undefined && { clock: clockRef(clock, parts.limit) }),
    controls: clock === undefined ? (parts.controls ?? []) : controlsOf(context.policies, clock.clock.id),
    start: parts.start,
    ...(parts.dueDay !== undefined && { dueDay: parts.dueDay }),
    ...(parts.breachDay !== undefined && { breachDay: parts.breachDay }),
    interval: { from, ...(to !== undefined && { to }) },
    ...(isOver && {
      ended: parts.endedBy ?? { by: 'evidence' as const, text: 'a later bundle shows that it is over' },
    }),
    evidence: parts.evidence,
    ...(parts.attestation !== undefined && { attestation: parts.attestation }),
    state: isOver ? 'ended' : 'open',
    ...(parts.stale === true && { stale: true }),
  };
}
