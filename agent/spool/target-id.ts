import { randomBytes } from 'node:crypto';
import type { Result } from '../../evidence/result.ts';
import { fail, guarded } from './fault.ts';
import { isRecord, readNote, writeNote } from './notes.ts';
import { pathIn, type State } from './state.ts';

const file = 'target.json';

/**
 * The random id of this state folder, 32 hexadecimal digits, for a server that shows no identity of
 * its own. Made once. A damaged file is refused with `target-damaged`: another id would be another server.
 */
export function loadOrCreateTargetId(state: State): Result<string> {
  return guarded(state, () => {
    const path = pathIn(state, file);
    if (state.files.look(path) === undefined) writeNote(state, file, { id: randomBytes(16).toString('hex') });
    const note = readNote(state, file);
    if (isRecord(note) && typeof note['id'] === 'string' && /^[0-9a-f]{32}$/.test(note['id'])) return note['id'];
    return fail(
      'target-damaged',
      `${path} is damaged`,
      'restore it from a backup; the id also stands in every bundle of this server',
    );
  });
}
