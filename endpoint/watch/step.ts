/** One look at the reporting of servers: new bundles are folded in, what time changed is decided again. */
import { randomUUID } from 'node:crypto';
import type { Reporting, Statement } from '../../schemas/generated/types.ts';
import { noteExpected } from '../store/expected.ts';
import type { Sql } from '../store/sql.ts';
import {
  type BundleRow,
  bundlesFrom,
  dueTargets,
  listOutages,
  lockCursor,
  moveCursor,
  newlyEnrolled,
  putMessage,
  putOutage,
  putWatched,
  type WatchedRow,
  watchedTargets,
} from '../store/watch-tables.ts';
import { decide, type Outage } from './decide.ts';
import { expectationOf, type ReportingConfig } from './expect.ts';
import { type Arrival, fold, noFacts, type TargetFacts } from './facts.ts';

/** A change of a server's state, as webhooks are told. */
export type Change = {
  readonly target: string;
  readonly what: 'state' | 'began' | 'ended';
  /** The new state, or the kind of the condition. */
  readonly is: string;
  readonly was?: string;
  readonly since: string;
  readonly detail?: string;
  readonly lastHeardAt?: string;
};

export type StepOptions = {
  readonly now: string;
  readonly reporting: ReportingConfig;
  /** Names of webhooks that are told. */
  readonly hooks: readonly string[];
  readonly origin: string;
};

export type Stepped = { readonly changes: readonly Change[]; readonly lost: number; readonly more: boolean };

const batch = 200;
const changesEach = 100;
const maxMessages = 10_000;
/** A silence of the endpoint itself that is longer than this is an outage. */
const outageMs = 3 * 60_000;
/** Older outages matter to nobody: servers are missing by then. */
const rememberedMs = 400 * 24 * 3600_000;

/**
 * Inside one transaction: changes, their messages and the cursor are kept together or not at all, so that each
 * change is told once, by whichever process looked, also after one died in between.
 */
export async function step(sql: Sql, options: StepOptions): Promise<Stepped> {
  const { now } = options;
  const { position, aliveAt } = await lockCursor(sql);
  if (aliveAt !== '' && Date.parse(now) - Date.parse(aliveAt) > outageMs) await putOutage(sql, aliveAt, now);
  const outages = await listOutages(sql, new Date(Date.parse(now) - rememberedMs).toISOString());
  const rows = await bundlesFrom(sql, position, batch);
  const touched = await foldRows(sql, rows);
  const enrolled = (await newlyEnrolled(sql, batch)).filter(({ target }) => !touched.has(target));
  for (const { target, enrolledAt } of enrolled) touched.set(target, { known: undefined, enrolledAt, facts: noFacts });
  const named = Object.entries(options.reporting.targets ?? {}).flatMap(([target, { retired }]) =>
    retired === true ? [] : [target],
  );
  // From now on: when the person who named them began to expect something, nobody wrote down.
  const expected = await noteExpected(sql, named, now, batch);
  for (const target of expected.unwatched)
    if (!touched.has(target)) touched.set(target, { known: undefined, enrolledAt: now, facts: noFacts });
  const due = (await dueTargets(sql, now, batch)).filter(({ target }) => !touched.has(target));
  for (const known of due)
    touched.set(known.target, { known, enrolledAt: known.enrolledAt, facts: JSON.parse(known.facts) as TargetFacts });
  const changes: Change[] = [];
  for (const [target, one] of touched) changes.push(...(await settle(sql, target, one, outages, options)));
  const lost = await tell(sql, changes, options);
  await moveCursor(sql, (rows.at(-1)?.logIndex ?? position - 1) + 1, now > aliveAt ? now : aliveAt);
  return { changes, lost, more: expected.more || [rows, enrolled, due].some(({ length }) => length >= batch) };
}

type Touched = {
  readonly known: WatchedRow | undefined;
  readonly enrolledAt: string | undefined;
  readonly facts: TargetFacts;
};

async function foldRows(sql: Sql, rows: readonly BundleRow[]): Promise<Map<string, Touched>> {
  const live = rows.filter(({ mode }) => mode !== 'replay');
  const known = await watchedTargets(sql, [...new Set(live.map(({ target }) => target))]);
  const touched = new Map<string, Touched>();
  for (const row of live) {
    const before = known.get(row.target);
    const one = touched.get(row.target) ?? {
      known: before,
      enrolledAt: before?.enrolledAt,
      facts: before === undefined ? noFacts : (JSON.parse(before.facts) as TargetFacts),
    };
    touched.set(row.target, { ...one, facts: fold(one.facts, arrivalOf(row)) });
  }
  return touched;
}

function arrivalOf({ payload, ...row }: BundleRow): Arrival {
  const { predicate } = JSON.parse(payload) as Statement;
  return {
    ...row,
    clockSetBack: predicate.clock.state === 'set-back',
    version: predicate.agent.version,
    collectors: predicate.collectors,
  };
}

async function settle(
  sql: Sql,
  target: string,
  { known, enrolledAt, facts }: Touched,
  outages: readonly Outage[],
  { now, reporting: config }: StepOptions,
): Promise<Change[]> {
  const expectation = expectationOf(target, facts.finished, config);
  const { reporting, nextAt } = decide(facts, { now, enrolledAt, expectation, outages });
  await putWatched(sql, {
    target,
    enrolledAt,
    facts: JSON.stringify(facts),
    reporting: JSON.stringify(reporting),
    state: reporting.state,
    nextAt,
  });
  return changesOf(target, known === undefined ? undefined : (JSON.parse(known.reporting) as Reporting), reporting);
}

/** What is different; of a server that is seen for the first time, what is wrong. */
export function changesOf(target: string, before: Reporting | undefined, after: Reporting): Change[] {
  const changes: Change[] = [];
  const was = before?.state ?? 'on-time';
  const isFine = (state: string): boolean => state === 'on-time' || state === 'unscheduled';
  if (was !== after.state && !(isFine(was) && isFine(after.state)))
    changes.push({
      target,
      what: 'state',
      is: after.state,
      was,
      since: after.since,
      ...(after.lastHeardAt !== undefined && { lastHeardAt: after.lastHeardAt }),
    });
  const had = new Set((before?.conditions ?? []).map(({ kind }) => kind));
  const has = new Set(after.conditions.map(({ kind }) => kind));
  for (const { kind, since, detail } of after.conditions)
    if (!had.has(kind)) changes.push({ target, what: 'began', is: kind, since, detail });
  for (const { kind, since } of before?.conditions ?? [])
    if (!has.has(kind)) changes.push({ target, what: 'ended', is: kind, since });
  return changes;
}

/** Many changes at once become few messages. */
async function tell(sql: Sql, changes: readonly Change[], { hooks, now, origin }: StepOptions): Promise<number> {
  let lost = 0;
  for (let at = 0; at < changes.length; at += changesEach) {
    const data = { origin, changes: changes.slice(at, at + changesEach) };
    const body = JSON.stringify({ type: 'affiant.reporting.changed', timestamp: now, data });
    for (const hook of hooks)
      if (!(await putMessage(sql, { hook, message: `msg_${randomUUID()}`, body, at: now, max: maxMessages })))
        lost += 1;
  }
  return lost;
}
