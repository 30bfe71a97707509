/** Claims against evidence: of persons, of lists on the server, of the inventory. A claim that evidence contradicts is a finding. */
import { type AttestationOf, attestationRef, attestationsOf } from './attestations.ts';
import { type AuditContext, evidenceOf } from './context.ts';
import { type Day, dayOf } from './days.ts';
import type { DetectionEvent } from './detections.ts';
import { entryOn } from './exposures.ts';
import type { EvidenceRef, Finding } from './finding.ts';
import type { History } from './history-model.ts';
import { makeFinding } from './make-finding.ts';
import type { Exposure } from './model.ts';

export type Contradiction = { readonly text: string; readonly evidence: readonly EvidenceRef[] };

function missingOn(exposures: readonly Exposure[], day: Day): Exposure[] {
  return exposures.filter(({ missing }) =>
    missing.some(({ from, to }) => from <= day && (to === undefined || day <= to)),
  );
}

/** What the evidence says against each claim; nothing where it agrees, or says nothing. */
export function claimFindings(
  history: History,
  exposures: readonly Exposure[],
  events: readonly DetectionEvent[],
  context: AuditContext,
): Finding[] {
  return attestationsOf(context.attestations, 'claim', history.host, context.at).flatMap((attestation): Finding[] => {
    const { predicate } = attestation;
    const day = dayOf(predicate.asOf);
    const against = contradiction(attestation, day, history, exposures, events);
    if (against === undefined) return [];
    return [
      makeFinding(history.host, context, {
        rule: 'claim-contradicted',
        subject: predicate.claim.kind,
        title: `the claim "${predicate.words}" is not what the evidence shows`,
        reason: `${predicate.author.name} (${predicate.author.role}) claimed on ${dayOf(predicate.madeAt)}, as of ${day}: "${predicate.words}". ${against.text}`,
        start: { kind: 'claim', at: predicate.asOf, text: 'the moment that the claim is about' },
        from: day,
        evidence: against.evidence,
        attestation: attestationRef(attestation, predicate.words),
      }),
    ];
  });
}

function contradiction(
  { predicate }: AttestationOf<'claim'>,
  day: Day,
  history: History,
  exposures: readonly Exposure[],
  events: readonly DetectionEvent[],
): Contradiction | undefined {
  const { claim } = predicate;
  const entry = entryOn(history.entries, day);
  const missing = missingOn(exposures, day);
  switch (claim.kind) {
    case 'updates-installed': {
      if (missing.length === 0) return undefined;
      const critical = missing.filter(({ severity }) => severity === 'critical').length;
      return {
        text: `The evidence shows ${missing.length} updates missing on that day, ${critical} of them critical: ${missing.map(({ fixId }) => fixId).join(', ')}.`,
        evidence: missing.flatMap(({ evidence }) => evidence.slice(0, 1)),
      };
    }
    case 'fix-installed': {
      const found = missing.find(({ fixId, cves }) => fixId === claim.fix || cves.includes(claim.fix));
      return found === undefined
        ? undefined
        : {
            text: `The evidence shows ${found.fixId} missing on that day: ${found.missing[0]?.why ?? ''}.`,
            evidence: found.evidence.slice(0, 1),
          };
    }
    case 'no-detections': {
      const found = events.filter(({ at }) => dayOf(at) <= day);
      const [first] = found;
      return first === undefined
        ? undefined
        : {
            text: `The detector had seen ${found.length} by then, the first on ${first.at}: ${first.name}.`,
            evidence: [first.evidence],
          };
    }
    case 'detection-active': {
      const fact = entry?.seen.protection;
      if (entry === undefined || fact?.status !== 'observed' || fact.value.outcome !== 'fail') return undefined;
      return {
        text: `On that day detection was not effective: ${fact.value.faults.join('; ')}.`,
        evidence: [evidenceOf(entry, fact, fact.value.faults[0] ?? '')],
      };
    }
    case 'second-factor-required': {
      const fact = entry?.seen.factors;
      if (entry === undefined || fact?.status !== 'observed') return undefined;
      const open = fact.value.cells.filter(
        ({ kind, requirement }) =>
          kind === 'entry' && /^(?:notRequired|optional|conditional|requiredWithBypass)$/.test(requirement),
      );
      const [first] = open;
      return first === undefined
        ? undefined
        : {
            text: `On that day ${[...new Set(open.map(({ account }) => account))].join(', ')} got in with one factor, such as ${first.account} by ${first.way}.`,
            evidence: [evidenceOf(entry, fact, `${first.account}, ${first.way}: ${first.requirement}`)],
          };
    }
    case 'admins-are': {
      const fact = entry?.seen.admins;
      if (entry === undefined || fact?.status !== 'observed') return undefined;
      const named = new Set(claim.accounts);
      const more = fact.value
        .filter(({ name, state }) => !named.has(name) && state !== 'locked' && state !== 'expired')
        .map(({ name }) => name);
      return more.length === 0
        ? undefined
        : {
            text: `On that day these were administrators as well: ${more.join(', ')}.`,
            evidence: [evidenceOf(entry, fact, more.join(', ').slice(0, 300))],
          };
    }
    case 'decommissioned': {
      const later = history.entries.find((each) => each.day > day);
      return later === undefined
        ? undefined
        : {
            text: `A bundle of ${later.claimedAt} shows it running after that.`,
            evidence: [evidenceOf(later, { document: '', pointer: '', sources: [] }, 'a bundle after the claim')],
          };
    }
    case 'not-exposed': {
      const fact = entry?.seen.published;
      if (entry === undefined || fact?.status !== 'observed' || fact.value.length === 0) return undefined;
      return {
        text: `Exchange gives out addresses for the outside: ${fact.value.join(', ')}.`,
        evidence: [evidenceOf(entry, fact, fact.value.join(', ').slice(0, 300))],
      };
    }
    // In words alone: a person has to read it.
    case 'other':
      return undefined;
  }
}

/** Lists on the server that call a fix installed which its program files do not have. */
export function listFindings(history: History, exposures: readonly Exposure[], context: AuditContext): Finding[] {
  return exposures
    .filter(({ claimed }) => claimed === true)
    .flatMap(({ fixId, title, missing, evidence }) =>
      missing.map(({ from, to, why }) =>
        makeFinding(history.host, context, {
          rule: 'claim-contradicted',
          subject: fixId,
          title: `${title} is listed as installed and is not`,
          reason: `A list of installed updates on the server names it; ${why}. What decides is the program file.`,
          start: { kind: 'claim', at: from, text: 'the first bundle that shows both' },
          from,
          ...(to !== undefined && { to }),
          evidence: evidence.slice(0, 1),
        }),
      ),
    );
}

/** What the inventory says, against what the server shows. */
export function inventoryFindings(history: History, context: AuditContext): Finding[] {
  if (context.inventory.exposure !== 'internal') return [];
  const entry = history.entries.findLast(({ seen: { published } }) => published !== undefined);
  const fact = entry?.seen.published;
  if (entry === undefined || fact?.status !== 'observed' || fact.value.length === 0) return [];
  return [
    makeFinding(history.host, context, {
      rule: 'inventory-contradicted',
      subject: 'exposure',
      title: 'the inventory calls the server internal, and it gives out addresses for the outside',
      reason: `Exchange on it publishes ${fact.value.join(', ')}. Clocks of internet-facing services may apply.`,
      start: { kind: 'first-seen', at: entry.day, text: 'the newest bundle that shows it' },
      from: entry.day,
      evidence: [evidenceOf(entry, fact, fact.value.join(', ').slice(0, 300))],
    }),
  ];
}
