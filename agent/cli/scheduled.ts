/** What runs without anybody watching: one collection, one post, and what the log is told of them. */
import { ok, type Refusal, type Result } from '../../evidence/result.ts';
import { postPending } from '../post/post.ts';
import { isDone, type PostReport } from '../post/report.ts';
import { spoolOutbox } from '../post/spool-outbox.ts';
import { hostSeed } from '../run/host-seed.ts';
import { type Bundled, bundleHere } from '../run/make-bundle.ts';
import { nextTurnMs, turnOffsetMs } from '../run/schedule.ts';
import { checkOwnProgram } from '../service/program-safety.ts';
import { lastRun } from '../spool/last-run.ts';
import type { State } from '../spool/state.ts';
import { exitCodes } from './exit-codes.ts';
import { postLines } from './render/post-report.ts';
import { styleFor } from './render/table.ts';
import type { ServiceLog } from './service-log.ts';
import { endpointOf, localMachine, openSessionState, type Session } from './session.ts';
import { writeMetrics } from './write-metrics.ts';

export type Turn = {
  /** Where given: nothing is done before this server's turn in each interval. */
  readonly intervalMs: number | undefined;
  readonly only: readonly string[] | undefined;
  readonly mode: 'task' | 'service';
};

/** One collection; undefined where the turn has not come. Refuses as the state folder does. */
export async function collectOnce(
  session: Session,
  { intervalMs, only, mode }: Turn,
  log: ServiceLog,
): Promise<Result<Bundled | undefined>> {
  const safe = checkOwnProgram();
  if (!safe.ok) return safe;
  const textfile = session.loaded.settings.metrics?.textfile;
  const told = (state: State | undefined, done: Result<Bundled>): Result<Bundled> => {
    if (textfile === undefined) return done;
    const endedAt = new Date().toISOString();
    const attempt = done.ok
      ? { endedAt, collectors: done.value.collected.outcomes }
      : { endedAt, collectors: [], failure: done.refusal.code };
    const fault = writeMetrics(state, textfile, attempt);
    if (fault !== undefined) log('warning', `metrics: ${fault}`);
    return done;
  };
  const machine = await localMachine();
  if (!machine.ok) return told(undefined, machine);
  const state = openSessionState(session, true);
  if (!state.ok) return told(undefined, state);
  if (intervalMs !== undefined && nextCollectionMs(state.value, intervalMs, Date.now()) > Date.now())
    return ok(undefined);
  const { settings } = session.loaded;
  return told(state.value, await bundleHere(state.value, { machine: machine.value, settings, only }, mode));
}

/** When this server's next turn comes, in milliseconds since 1970; in the past where it was missed. */
export function nextCollectionMs(state: State, intervalMs: number, nowMs: number): number {
  const last = lastRun(state);
  const lastMs = last.ok && last.value !== undefined ? Date.parse(last.value.startedAt) : undefined;
  return nextTurnMs(lastMs, nowMs, { intervalMs, offsetMs: turnOffsetMs(hostSeed(), intervalMs) });
}

/** One round of sending what waits. Refuses where nothing can be sent at all. */
export async function postOnce(session: Session, asked: string | undefined): Promise<Result<PostReport>> {
  const safe = checkOwnProgram();
  if (!safe.ok) return safe;
  const endpoint = endpointOf(asked, session);
  if (!endpoint.ok) return endpoint;
  const state = openSessionState(session, false);
  if (!state.ok) return state;
  return await postPending(spoolOutbox(state.value, endpoint.value.url), endpoint.value, { now: () => new Date() });
}

/** One line: what was seen and what was not, where the evidence is. */
export function logBundle(log: ServiceLog, { collected, digest, spooled }: Bundled): void {
  const unwell = collected.outcomes.filter(({ outcome }) => outcome !== 'complete' && outcome !== 'not-asked');
  const names = unwell.map(({ name, outcome, reason }) => `${name} ${outcome}${reason ? ` (${reason})` : ''}`);
  const place = spooled === undefined ? '' : `, number ${spooled.sequence} of chain ${spooled.chain.slice(0, 8)}`;
  log('info', `collected and signed ${digest.slice(0, 16)}${place}`);
  if (names.length > 0) log('warning', `not seen whole: ${names.join(', ')}`);
}

/** One line a pack, and the exit code. */
export function logPosted(log: ServiceLog, report: PostReport): number {
  const bad = report.packs.some(({ fate }) => fate === 'quarantined' || fate === 'forked') || !isDone(report);
  for (const line of postLines(report, styleFor({}, {}))) log(bad ? 'warning' : 'info', line.trim());
  if (report.packs.some(({ fate }) => fate === 'quarantined')) return exitCodes.failed;
  return isDone(report) ? exitCodes.done : exitCodes.spooled;
}

export function logRefusal(log: ServiceLog, { message, remedy }: Refusal): void {
  log('error', remedy === undefined ? message : `${message}; remedy: ${remedy}`);
}
