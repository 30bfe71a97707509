/** Silence, broken chains, and clocks that go wrong: what the evidence says of itself. */

import { attestationRef, attestationsOf } from './attestations.ts';
import { type AuditContext, evidenceOf } from './context.ts';
import { addDays, dayOf, dueOf } from './days.ts';
import type { Finding } from './finding.ts';
import { believedAt } from './history.ts';
import type { History, HistoryEntry } from './history-model.ts';
import { makeFinding } from './make-finding.ts';
import type { CompiledClock } from './policy/fix-clock.ts';

const whole = { document: '', pointer: '', sources: [] };

/** Between two bundles, and from the last to the day of the audit. `scan` counts only bundles that looked for updates. */
export function gapFindings(history: History, context: AuditContext): Finding[] {
  const clocks = context.policies.clocks.filter(
    ({ clock }) => clock.measures === 'evidence-gap' || clock.measures === 'scan',
  );
  const hours = clocks.flatMap(({ clock: { limit, warnAfter } }) =>
    [limit, warnAfter].map((each) => (each === undefined ? 24 : 'hours' in each ? each.hours : 24)),
  );
  const least = Math.min(24, ...hours) * 3_600_000;
  const wide = silences(history.entries, least);
  const looked = history.entries.filter(({ documents }) => 'updates' in documents);
  const wideLooked = looked.length === history.entries.length ? wide : silences(looked, least);
  return clocks.flatMap((compiled) =>
    gapsOf(history, compiled, context, compiled.clock.measures === 'scan' ? wideLooked : wide),
  );
}

type Silence = { readonly entry: HistoryEntry; readonly next?: HistoryEntry };

/** Bundles nearer together than any clock gives make no silence. */
function silences(entries: readonly HistoryEntry[], leastMs: number): Silence[] {
  return entries.flatMap((entry, at): Silence[] => {
    const next = entries[at + 1];
    if (next === undefined) return [{ entry }];
    const apart = Date.parse(believedAt(next)) - Date.parse(believedAt(entry));
    return apart > leastMs ? [{ entry, next }] : [];
  });
}

function gapsOf(
  { host }: History,
  compiled: CompiledClock,
  context: AuditContext,
  wide: readonly Silence[],
): Finding[] {
  const { clock } = compiled;
  const { limit } = clock;
  if (limit === undefined) return [];
  const { retiredOn } = context.inventory;
  const end = retiredOn !== undefined && retiredOn < context.at ? retiredOn : context.at;
  return wide.flatMap(({ entry, next }): Finding[] => {
    // A clock that was set back makes no silence, and one that ran ahead of the stamps puts none off.
    const at = believedAt(entry);
    if (next !== undefined && believedAt(next) <= at) return [];
    const last = next === undefined ? end : addDays(next.day, -1);
    const due = dueOf(at, limit);
    const warning = clock.warnAfter === undefined ? undefined : dueOf(at, clock.warnAfter).breachDay;
    const level = last >= due.breachDay ? 'breach' : warning !== undefined && last >= warning ? 'warning' : undefined;
    if (level === undefined) return [];
    const what = clock.measures === 'scan' ? 'no bundle looked for missing updates' : 'no signed evidence came';
    return [
      makeFinding(host, context, {
        rule: clock.id,
        clock: compiled,
        subject: 'evidence',
        level,
        title: level === 'breach' ? what : `${what} for more than a day`,
        reason: `the last bundle before claims ${entry.claimedAt}; ${next === undefined ? 'none came since' : `the next claims ${next.claimedAt}`}. What is said of the days between is the last known state.`,
        start: { kind: 'last-evidence', at, text: 'the last signed bundle' },
        dueDay: due.dueDay,
        breachDay: due.breachDay,
        from: level === 'breach' ? due.breachDay : (warning ?? due.breachDay),
        ...(next !== undefined && { to: last }),
        evidence: [
          evidenceOf(entry, whole, 'the last bundle before the silence'),
          ...(next === undefined ? [] : [evidenceOf(next, whole, 'the first after it')]),
        ],
        stale: next === undefined,
      }),
    ];
  });
}

/** Numbers that are not there, two bundles at one place, clocks set back, incidents that the agent reported. */
export function chainFindings(history: History, context: AuditContext): Finding[] {
  const { host, gaps, faults, entries } = history;
  const byBundle = new Map(entries.map((entry) => [entry.bundle, entry]));
  const refs = (bundles: readonly string[]): Finding['evidence'] =>
    bundles.flatMap((bundle) => {
      const entry = byBundle.get(bundle);
      return entry === undefined
        ? []
        : [evidenceOf(entry, whole, `number ${entry.chain.sequence} of chain ${entry.chain.id.slice(0, 8)}`)];
    });
  const missing = gaps.map(({ chainId, fromSequence, toSequence, after, before }) => {
    const count = toSequence - fromSequence + 1;
    const numbers = count === 1 ? `number ${fromSequence}` : `numbers ${fromSequence} to ${toSequence}`;
    return makeFinding(host, context, {
      rule: 'chain-gap',
      subject: `${chainId.slice(0, 8)} ${fromSequence}`,
      title: `${count === 1 ? 'a bundle' : `${count} bundles`} of the chain ${count === 1 ? 'is' : 'are'} not here`,
      reason: `${numbers} of chain ${chainId.slice(0, 8)} ${count === 1 ? 'was' : 'were'} signed and ${count === 1 ? 'is' : 'are'} not among the packs. Evidence is missing, by loss or on purpose.`,
      start: { kind: 'last-evidence', at: after, text: 'the last bundle before' },
      from: after,
      to: before,
      evidence: refs(
        entries
          .filter(
            (entry) =>
              entry.chain.id === chainId &&
              (entry.chain.sequence === fromSequence - 1 || entry.chain.sequence === toSequence + 1),
          )
          .map(({ bundle }) => bundle),
      ),
    });
  });
  const broken = faults.map(({ kind, chainId, sequence, bundles, text }) => {
    const day = byBundle.get(bundles.at(-1) ?? '')?.day ?? context.at;
    return makeFinding(host, context, {
      rule: `chain-${kind}`,
      subject: `${chainId.slice(0, 8)} ${sequence}`,
      title:
        kind === 'clock-set-back' || kind === 'claim-outside-bounds'
          ? 'the clock of the server cannot be believed'
          : 'the chain of evidence contradicts itself',
      reason: text,
      start: { kind: 'first-seen', at: day, text: 'the bundle that shows it' },
      from: day,
      to: day,
      evidence: refs(bundles),
    });
  });
  return [...missing, ...broken, ...entries.flatMap((entry) => incidentFindings(history, entry, context))];
}

function incidentFindings({ host }: History, entry: HistoryEntry, context: AuditContext): Finding[] {
  return entry.incidents
    .filter(({ kind }) => kind === 'dropped' || kind === 'fork' || kind === 'log-diverged' || kind === 'damaged')
    .map(({ kind, at, documents = [], reason }, index) =>
      makeFinding(host, context, {
        rule: `incident-${kind}`,
        subject: `${entry.chain.id.slice(0, 8)} ${entry.chain.sequence} ${index}`,
        title: `the agent reports: ${kind}`,
        reason: `${reason ?? kind}${documents.length > 0 ? `; documents let go: ${documents.join(', ')}` : ''}`,
        start: { kind: 'first-seen', at, text: 'noticed by the agent' },
        from: dayOf(at),
        to: entry.day,
        evidence: [evidenceOf(entry, whole, `incident ${kind}`)],
      }),
    );
}

/** The clock of notification, from the day of awareness. Whether the notification was made, no server can show. */
export function notificationFindings({ host, entries }: History, context: AuditContext): Finding[] {
  const clocks = context.policies.clocks.filter(({ clock }) => clock.measures === 'breach-notification');
  return attestationsOf(context.attestations, 'incident-aware', host, context.at).flatMap((attestation) =>
    clocks.flatMap((compiled): Finding[] => {
      const { predicate } = attestation;
      const due = dueOf(predicate.awareAt, compiled.clock.limit ?? { hours: 72 });
      const late = context.at >= due.breachDay;
      const entry = entries.findLast(({ day }) => day <= dayOf(predicate.awareAt));
      return [
        makeFinding(host, context, {
          rule: compiled.clock.id,
          clock: compiled,
          subject: predicate.incident ?? predicate.what,
          verdict: late ? 'undetermined' : 'fail',
          level: late ? 'breach' : 'warning',
          title: late ? 'the time for notifying the breach is over' : 'a breach has to be notified',
          reason: `${predicate.author.name} was aware on ${predicate.awareAt}: ${predicate.what}. The notification was due within ${compiled.clock.limit === undefined ? '72 hours' : 'the limit'}, by ${due.dueDay}; whether it was made is not shown by any evidence here.`,
          start: { kind: 'awareness', at: predicate.awareAt, text: 'somebody was aware of the breach' },
          ...due,
          from: late ? due.breachDay : dayOf(predicate.awareAt),
          evidence:
            entry === undefined ? [] : [evidenceOf(entry, whole, 'the state of the server on the day of awareness')],
          attestation: attestationRef(attestation, predicate.what),
        }),
      ];
    }),
  );
}
