/** What clocks of threat detection and of logs look at in a bundle. */
import { type Day, dayOf, daysBetween } from './days.ts';
import type { History } from './history-model.ts';
import { over } from './measure-facts.ts';
import type { CompiledClock } from './policy/fix-clock.ts';
import { cited, type Measure } from './standing.ts';

export const signatures: Measure = {
  states: (entry) =>
    over(entry.seen.protection, 'detection signatures', ({ signatureAt }) => {
      const fact = entry.seen.protection;
      if (fact === undefined || signatureAt === undefined)
        return {
          kind: 'unknown',
          reason: 'no product says how old its signatures are',
          evidence: cited({ document: 'edr', pointer: '/products', sources: [] }, 'no date'),
        };
      return {
        kind: 'bad',
        reason: `the newest signatures are of ${signatureAt}`,
        start: signatureAt,
        evidence: cited({ ...fact, pointer: '/products' }, `signatures of ${signatureAt}`),
      };
    }),
  title: (subject, verdict) => (verdict === 'fail' ? `${subject} are old` : `how old the ${subject} are is not known`),
  startKind: 'state-began',
  startText: 'the newest signatures were made',
  ages: true,
};

export const protection: Measure = {
  states: (entry) =>
    over(entry.seen.protection, 'threat detection', ({ outcome, faults, unknowns }) => {
      const evidence = cited(
        entry.seen.protection ?? { document: 'edr', pointer: '', sources: [] },
        (faults[0] ?? unknowns[0] ?? 'in order').slice(0, 300),
      );
      if (outcome === 'pass') return { kind: 'ok' };
      return outcome === 'fail'
        ? { kind: 'bad', reason: faults.join('; '), evidence }
        : { kind: 'unknown', reason: unknowns.join('; '), evidence };
    }),
  title: (_subject, verdict) =>
    verdict === 'fail' ? 'threat detection is not effective' : 'whether threat detection is effective is not known',
  startKind: 'state-began',
  startText: 'the first bundle that shows it',
};

export const forwarding: Measure = {
  states: (entry) =>
    over(entry.seen.protection, 'log forwarding', (value) => {
      const why = value.forwardingWhy.join('; ') || 'nothing forwards logs';
      const evidence = cited({ document: 'edr', pointer: '/logForwarding', sources: [] }, why.slice(0, 300));
      if (value.forwarding === 'pass') return { kind: 'ok' };
      return { kind: value.forwarding === 'fail' ? 'bad' : 'unknown', reason: why, evidence };
    }),
  title: (_subject, verdict) =>
    verdict === 'fail' ? 'logs and alerts do not leave the server' : 'whether logs leave the server is not known',
  startKind: 'state-began',
  startText: 'the first bundle that shows it',
};

/** Never tested: since the first evidence. */
export function tests({ entries }: History): Measure {
  const first = entries[0];
  return {
    states: (entry) =>
      over(entry.seen.protection, 'detection test', ({ provedAt }) => {
        const start = provedAt ?? first?.day ?? entry.day;
        const reason =
          provedAt === undefined
            ? 'no proof of detection was ever made: whether anything would be seen is not known'
            : `the last proof of detection is of ${dayOf(provedAt)}`;
        return {
          kind: 'bad',
          reason,
          start,
          evidence: cited(
            { document: 'edr', pointer: '/detectionProofs', sources: [] },
            provedAt === undefined ? 'no proof' : `proved ${provedAt}`,
          ),
        };
      }),
    title: () => 'detection was not tested in time',
    startKind: 'last-test',
    startText: 'the last proof of detection, or the first evidence where there is none',
    ages: true,
  };
}

export function retention({ clock }: CompiledClock, { entries }: History): Measure {
  const days = clock.limit !== undefined && 'days' in clock.limit ? clock.limit.days : 90;
  const first: Day | undefined = entries[0]?.day;
  return {
    states: (entry) =>
      over(entry.seen.protection, 'log retention', ({ oldestLogAt, forwarding: leaves }) => {
        const evidence = cited(
          { document: 'edr', pointer: '/logRetention', sources: [] },
          oldestLogAt === undefined ? 'no log tells how far it reaches' : `the oldest entry is of ${oldestLogAt}`,
        );
        if (leaves === 'pass') return { kind: 'ok' };
        if (oldestLogAt === undefined)
          return { kind: 'unknown', reason: 'how far back the logs reach could not be seen', evidence };
        if (daysBetween(dayOf(oldestLogAt), entry.day) >= days) return { kind: 'ok' };
        // A server that is not known for that long may be young.
        if (first === undefined || daysBetween(first, entry.day) < days) return { kind: 'ok' };
        return {
          kind: 'bad',
          reason: `logs reach back to ${dayOf(oldestLogAt)}, less than ${days} days, and do not leave the server`,
          start: entry.day,
          evidence,
        };
      }),
    title: (_subject, verdict) =>
      verdict === 'fail' ? `logs do not reach back ${days} days` : 'how far back logs reach is not known',
    startKind: 'state-began',
    startText: 'the first bundle that shows it',
  };
}
