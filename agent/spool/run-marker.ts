/**
 * Who collects now. A run holds a lock of its own, which the kernel releases when it dies, and keeps
 * the names of its running collectors in `run.json`. Whoever takes the lock and finds the note knows
 * that the run before died, and under which collectors.
 */

import { dirname } from 'node:path';
import type { Result } from '../../evidence/result.ts';
import { forgive, resting, strike } from './collector-health.ts';
import { removeDurably } from './durable.ts';
import { attempt, fail, guarded, StateFault } from './fault.ts';
import { instant, recordIncident } from './incidents.ts';
import { holdLock } from './lock.ts';
import { isRecord, readNote, writeNote } from './notes.ts';
import { pathIn, type State } from './state.ts';

export type Run = {
  /** On the disk before the collector begins: the machine itself may not survive it. */
  started(collector: string): Result<undefined>;
  finished(collector: string): Result<undefined>;
  /** The run ended by itself. */
  end(): Result<undefined>;
  /** Somebody ended the run: the next statement says that it was interrupted, and blames no collector. */
  abandon(): Result<undefined>;
  /** Collectors that rest, with the time until when (collector-health.ts). */
  readonly resting: ReadonlyMap<string, string>;
  /** When it began, and where a watchdog writes why it ended this process. */
  readonly startedAt: string;
  readonly watchdogFile: string;
};

const file = 'run.json';
const watchdogNote = 'watchdog.json';

/**
 * Begins a run. If the run before died, each collector that was running then is an incident
 * `interrupted` of the next statement, or one without a collector if none was; where a watchdog ended it, the one that it
 * named alone, with the reason. Refuses with
 * `run-in-progress` while another process collects with this state folder: one at a time is enough load.
 */
export function beginRun(state: State, holdRunLock: (path: string) => () => void = holdAtOnce): Result<Run> {
  return attempt(state.folder, () => {
    const startedAt = instant(state);
    const letGo = holdRunLock(pathIn(state, 'run.lock'));
    let rests: ReadonlyMap<string, string> = new Map();
    try {
      state.lock(() => {
        reportInterrupted(state);
        rests = resting(state);
        writeNote(state, file, { startedAt, collectors: [] });
      });
    } catch (error) {
      letGo();
      throw error;
    }
    return {
      ...running(state, startedAt, letGo),
      resting: rests,
      startedAt,
      watchdogFile: pathIn(state, watchdogNote),
    };
  });
}

type Marks = Pick<Run, 'started' | 'finished' | 'end' | 'abandon'>;

function running(state: State, startedAt: string, letGo: () => void): Marks {
  const collectors = new Set<string>();
  const done = new Set<string>();
  const write = (): Result<undefined> =>
    guarded(state, () => {
      writeNote(state, file, { startedAt, collectors: [...collectors].toSorted() });
      return undefined;
    });
  return {
    started(collector) {
      collectors.add(collector);
      return write();
    },
    finished(collector) {
      collectors.delete(collector);
      done.add(collector);
      return write();
    },
    abandon() {
      collectors.clear();
      return write();
    },
    end() {
      try {
        return guarded(state, () => {
          forgive(state, done);
          removeDurably(state.files, pathIn(state, file));
          return undefined;
        });
      } finally {
        letGo();
      }
    },
  };
}

function reportInterrupted(state: State): void {
  if (state.files.look(pathIn(state, file)) === undefined) return;
  const note = readNote(state, file);
  const at = instant(state);
  const startedAt = isRecord(note) && typeof note['startedAt'] === 'string' ? note['startedAt'] : '';
  const names = isRecord(note) && Array.isArray(note['collectors']) ? note['collectors'] : [];
  const collectors = names.filter(
    (name): name is string => typeof name === 'string' && /^[a-z][a-z-]{0,63}$/.test(name),
  );
  const ended = endedByWatchdog(state, startedAt);
  const named = ended?.collector === undefined ? collectors : [ended.collector];
  for (const collector of named.length === 0 ? [undefined] : named)
    recordIncident(
      state,
      {
        kind: 'interrupted',
        at,
        ...(collector === undefined ? {} : { collector }),
        ...(ended === undefined ? {} : { reason: ended.reason }),
      },
      // The same run is reported once, though this may be done again after a crash.
      { key: startedAt },
    );
  for (const collector of named) strike(state, collector, ended !== undefined);
  if (state.files.look(pathIn(state, watchdogNote)) !== undefined)
    removeDurably(state.files, pathIn(state, watchdogNote));
}

/** What the watchdog of that very run wrote. */
function endedByWatchdog(state: State, startedAt: string): { reason: string; collector?: string } | undefined {
  const note = readNote(state, watchdogNote);
  if (!isRecord(note) || note['startedAt'] !== startedAt) return undefined;
  const { reason, collector } = note;
  if (reason !== 'too-much-memory' && reason !== 'stalled' && reason !== 'too-long') return undefined;
  return typeof collector === 'string' && /^[a-z][a-z-]{0,63}$/.test(collector) ? { reason, collector } : { reason };
}

function holdAtOnce(path: string): () => void {
  try {
    return holdLock(path, 0);
  } catch (error) {
    if (error instanceof StateFault && error.refusal.code === 'state-locked')
      fail(
        'run-in-progress',
        `another affiant is collecting with the state folder ${dirname(path)}`,
        'wait until it is done',
      );
    throw error;
  }
}
