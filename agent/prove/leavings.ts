/**
 * What a proof makes is on the disk of the state folder before it is made, so that it is removed in every
 * case: at the end, at a signal, and, after a kill or a power cut, by the next start.
 */

import { canonicalText } from '../../evidence/canonical-json.ts';
import type { Result } from '../../evidence/result.ts';
import { parseStrictJson } from '../../evidence/strict-json.ts';
import { isTemporary, removeDurably, writeDurably } from '../spool/durable.ts';
import { guarded } from '../spool/fault.ts';
import { isRecord } from '../spool/notes.ts';
import { pathIn, type State } from '../spool/state.ts';
import type { ProofMachine } from './proof-machine.ts';

/** The names of one proof's folder and files, all from its nonce. */
export type Traces = { readonly folder: string; readonly sample: string; readonly control: string };

export function tracesOf(parent: string, nonce: string): Traces {
  const folder = `${parent === '/' ? '' : parent}/affiant-prove-${nonce}`;
  return { folder, sample: `${folder}/affiant-${nonce}.com`, control: `${folder}/affiant-${nonce}.txt` };
}

/** True where nothing of it is left. */
export function removeTraces(machine: ProofMachine, { folder, sample, control }: Traces): boolean {
  // A folder that is no folder of ours (a link, another's) is left alone.
  const look = machine.look(folder);
  if (look === undefined) return true;
  if (!look.directory || look.uid !== machine.uid) return false;
  return [sample, control, folder].map((path) => machine.remove(path)).every(Boolean);
}

const prefix = 'leaving-';

/** Announces a folder that is about to be made. Refuses as the disk does; then nothing may be made. */
export function announce(state: State, parent: string, nonce: string): Result<undefined> {
  return guarded(state, () => {
    writeDurably(state.files, fileOf(state, nonce), Buffer.from(canonicalText({ parent, nonce })));
    return undefined;
  });
}

/** Forgets it, once nothing is left. */
export function settle(state: State, nonce: string): Result<undefined> {
  return guarded(state, () => {
    const path = fileOf(state, nonce);
    if (state.files.look(path) !== undefined) removeDurably(state.files, path);
    return undefined;
  });
}

/** Removes what earlier proofs could not. Gives the number of folders that are still there. */
export function sweepLeavings(state: State, machine: ProofMachine): Result<number> {
  return guarded(state, () => {
    let left = 0;
    for (const name of state.files.list(pathIn(state, 'prove'))) {
      if (!name.startsWith(prefix) || isTemporary(name)) continue;
      const path = pathIn(state, 'prove', name);
      const leaving = parse(state.files.read(path));
      if (leaving !== undefined && !removeTraces(machine, tracesOf(leaving.parent, leaving.nonce))) left += 1;
      else removeDurably(state.files, path);
    }
    return left;
  });
}

function fileOf(state: State, nonce: string): string {
  return pathIn(state, 'prove', `${prefix}${nonce}.json`);
}

function parse(bytes: Uint8Array | undefined): { parent: string; nonce: string } | undefined {
  const read = bytes === undefined ? undefined : parseStrictJson(bytes, { maxBytes: 64 * 1024, maxDepth: 4 });
  if (read?.ok !== true || !isRecord(read.value)) return undefined;
  const { parent, nonce } = read.value;
  if (typeof parent !== 'string' || !/^(?:\/|[A-Za-z]:\\)/.test(parent)) return undefined;
  return typeof nonce === 'string' && /^[0-9a-f]{32}$/.test(nonce) ? { parent, nonce } : undefined;
}
