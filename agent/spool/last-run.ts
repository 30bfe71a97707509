/** `last-run.json`: when this server collected last, for the next turn and for whoever asks how it goes. */
import type { Result } from '../../evidence/result.ts';
import { attempt, guarded } from './fault.ts';
import { isRecord, readNote, writeNote } from './notes.ts';
import type { State } from './state.ts';

const file = 'last-run.json';

export type LastRun = {
  readonly startedAt: string;
  readonly finishedAt: string;
  /** The bundle digest. */
  readonly digest: string;
};

/** Kept once the bundle is in the spool: a run that made none is no run. */
export function rememberRun(state: State, { startedAt, finishedAt, digest }: LastRun): Result<undefined> {
  return guarded(state, () => {
    writeNote(state, file, { startedAt, finishedAt, digest });
    return undefined;
  });
}

/** Undefined before the first, and where the note is damaged: then the next run is due now. */
export function lastRun(state: State): Result<LastRun | undefined> {
  return attempt(state.folder, () => {
    const note = readNote(state, file);
    if (!isRecord(note)) return undefined;
    const { startedAt, finishedAt, digest } = note;
    if (typeof startedAt !== 'string' || typeof finishedAt !== 'string' || typeof digest !== 'string') return undefined;
    if (Number.isNaN(Date.parse(startedAt)) || Number.isNaN(Date.parse(finishedAt))) return undefined;
    return { startedAt, finishedAt, digest };
  });
}
