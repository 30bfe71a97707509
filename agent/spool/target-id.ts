import { randomBytes } from 'node:crypto';
import type { Result } from '../../evidence/result.ts';
import type { Target } from '../../schemas/generated/types.ts';
import { fail, guarded } from './fault.ts';
import { isRecord, readNote, writeNote } from './notes.ts';
import { pathIn, type State } from './state.ts';

const file = 'target.json';

export type TargetNote = {
  /** The random id of this state folder, 32 hexadecimal digits, for a server that shows no identity of its own. */
  readonly id: string;
  /** The target of the run before; undefined before the first. */
  readonly last?: Target;
};

/** Makes the id once. A damaged file is refused with `target-damaged`: another id would be another server. */
export function loadOrCreateTarget(state: State): Result<TargetNote> {
  return guarded(state, () => {
    if (state.files.look(pathIn(state, file)) === undefined)
      writeNote(state, file, { id: randomBytes(16).toString('hex') });
    return noteIn(state);
  });
}

/** Keeps the target of this run for the next; nothing is written where it is the same. */
export function rememberTarget(state: State, { id, basis }: Target): Result<undefined> {
  return guarded(state, () => {
    const note = noteIn(state);
    if (note.last?.id !== id || note.last.basis !== basis) writeNote(state, file, { id: note.id, last: { id, basis } });
    return undefined;
  });
}

function noteIn(state: State): TargetNote {
  const note = readNote(state, file);
  if (isRecord(note) && isId(note['id'])) {
    const { last } = note;
    if (last === undefined) return { id: note['id'] };
    if (isRecord(last) && isId(last['id'])) {
      const basis = bases.find((known) => known === last['basis']);
      if (basis !== undefined) return { id: note['id'], last: { id: last['id'], basis } };
    }
  }
  return fail(
    'target-damaged',
    `${pathIn(state, file)} is damaged`,
    'restore it from a backup; the id also stands in every bundle of this server',
  );
}

const bases = ['machine-id', 'smbios-uuid', 'ssh-host-key', 'state'] as const satisfies readonly Target['basis'][];

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
}
