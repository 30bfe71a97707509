/** Whether a server reports as it should: from what is remembered of it, and the time. Pure. */
import type { Reporting, ReportingCondition } from '../../schemas/generated/types.ts';
import type { TargetFacts } from './facts.ts';

/** A time in which the endpoint itself could take nothing. */
export type Outage = { readonly from: string; readonly to: string };

export type Expectation = {
  readonly everySeconds: number;
  readonly from: 'configured' | 'learned' | 'default';
  /** A person said that nothing more will come. */
  readonly retired: boolean;
};

export type Surroundings = {
  readonly now: string;
  /** When a key for this server was enrolled, where one was. */
  readonly enrolledAt: string | undefined;
  readonly expectation: Expectation;
  /** In the order of time, those that ended after the server was last heard. */
  readonly outages: readonly Outage[];
};

export type Decided = {
  readonly reporting: Reporting;
  /** When time alone may change it; undefined where only a bundle can. */
  readonly nextAt: string | undefined;
};

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** How long a fork stands after the last forked bundle, where only one continuation goes on. */
const forkStandsMs = 7 * day;
/** How long servers have to come back after an outage of the endpoint. */
const returnMs = hour;

export function decide(facts: TargetFacts, around: Surroundings): Decided {
  const now = Date.parse(around.now);
  const { expectation } = around;
  const begin = facts.lastHeardAt ?? around.enrolledAt;
  const conditions = conditionsOf(facts, now);
  const base = {
    expectedEverySeconds: expectation.everySeconds,
    expectation: expectation.from,
    conditions: [...conditions],
    ...(facts.lastHeardAt !== undefined && { lastHeardAt: facts.lastHeardAt }),
  };
  const fork = facts.fork && new Date(Date.parse(facts.fork.lastAt) + forkStandsMs).toISOString();
  const forkEnds = fork !== undefined && fork > around.now ? fork : undefined;
  if (begin === undefined || expectation.retired)
    return {
      reporting: { ...base, state: 'unscheduled', since: begin ?? firstSeen(facts) ?? around.now },
      nextAt: forkEnds,
    };
  const { lateAt, missingAt } = deadlines(begin, expectation, around.outages);
  const isHeard = facts.lastHeardAt !== undefined;
  const state = now < lateAt ? 'on-time' : isHeard ? (now < missingAt ? 'late' : 'missing') : 'never-heard';
  const since = state === 'on-time' ? Date.parse(begin) : state === 'missing' ? missingAt : lateAt;
  const changes = [lateAt, ...(isHeard ? [missingAt] : [])]
    .filter((at) => at > now)
    .map((at) => new Date(at).toISOString());
  return {
    reporting: { ...base, state, since: new Date(since).toISOString(), dueAt: new Date(lateAt).toISOString() },
    nextAt: [...changes, ...(forkEnds === undefined ? [] : [forkEnds])].toSorted()[0],
  };
}

/**
 * A quarter of the interval, and at least a quarter of an hour, is no lateness: timers are spread on
 * purpose. Time in which the endpoint took nothing does not count, and after it servers may take an
 * hour to come back: their back-off and their timers are not theirs to blame.
 */
function deadlines(
  begin: string,
  { everySeconds }: Expectation,
  outages: readonly Outage[],
): { readonly lateAt: number; readonly missingAt: number } {
  const every = everySeconds * 1000;
  const grace = Math.max(15 * minute, every / 4);
  const from = Date.parse(begin);
  const shifted = (deadline: number): number => {
    let at = deadline;
    for (const outage of outages) {
      const starts = Math.max(from, Date.parse(outage.from));
      const ends = Date.parse(outage.to);
      if (ends <= from || starts >= at) continue;
      at = Math.max(at + (ends - starts), ends + Math.min(every, returnMs));
    }
    return at;
  };
  return { lateAt: shifted(from + every + grace), missingAt: shifted(from + 3 * every + grace) };
}

function firstSeen({ chains }: TargetFacts): string | undefined {
  return Object.values(chains)
    .map(({ lastAt }) => lastAt)
    .toSorted()[0];
}

/** In the order of the schema's kinds. */
function conditionsOf(facts: TargetFacts, now: number): ReportingCondition[] {
  const conditions: ReportingCondition[] = [];
  const add = (kind: ReportingCondition['kind'], since: string, detail: string): void => {
    conditions.push({ kind, since, detail });
  };
  for (const [name, { gaps }] of Object.entries(facts.chains).toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const [first] = gaps.map(({ since }) => since).toSorted();
    if (first === undefined) continue;
    const places = gaps.map(({ from, to }) => (from === to ? String(from) : `${from} to ${to}`)).join(', ');
    const chain = name.split('/')[1]?.slice(0, 8) ?? '';
    add('chain-gap', first, `of chain ${chain} the numbers ${places} never came`.slice(0, 500));
  }
  if (facts.clockSince !== undefined)
    add(
      'clock-skew',
      facts.clockSince,
      'the times that it claims do not fit those of the endpoint, or its clock was set back',
    );
  const fork = facts.fork && forkOf(facts, facts.fork, now);
  if (fork !== undefined) add('fork', fork.since, fork.detail);
  const { version } = facts;
  if (version?.lowerSince !== undefined)
    add('downgraded', version.lowerSince, `agent ${version.now}, and ${version.best} before`.slice(0, 500));
  const lost = Object.entries(facts.collectors).filter((entry): entry is [string, string] => entry[1] !== null);
  const [firstLost] = lost.map(([, since]) => since).toSorted();
  if (firstLost !== undefined)
    add(
      'collectors-lost',
      firstLost,
      `these see nothing any more: ${lost
        .map(([name]) => name)
        .toSorted()
        .join(', ')}`.slice(0, 500),
    );
  return conditions;
}

/** Two machines go on under one key, or one did: the first is a clone, the second a restored snapshot that began anew. */
function forkOf(
  { chains }: TargetFacts,
  { since, lastAt }: NonNullable<TargetFacts['fork']>,
  now: number,
): { readonly since: string; readonly detail: string } | undefined {
  const goOn = Object.values(chains).filter((chain) => chain.lastAt > lastAt).length;
  if (goOn >= 2) return { since, detail: 'two continuations of one chain, and both go on: a clone' };
  return now - Date.parse(lastAt) < forkStandsMs
    ? { since, detail: 'two continuations of one chain: a restored snapshot or a clone' }
    : undefined;
}
