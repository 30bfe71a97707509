/** Files that are not what was signed, or that the endpoint refused for good. They are moved, never deleted. */
import { basename, join } from 'node:path';
import { sha256Hex } from '../../evidence/digest.ts';
import { moveDurably, writeDurably } from './durable.ts';
import { errnoOf } from './fault.ts';
import { instant, type PendingIncident, recordIncident, settleIncident } from './incidents.ts';
import { knownKeys } from './keys.ts';
import { readPack, readPackFile } from './pack-file.ts';
import { pathIn, type State } from './state.ts';

/** Sets a file aside that is damaged. Its incident names it by its SHA-256, as nothing in it can be believed. */
export function setAside(state: State, name: string, folder: 'spool' | 'incidents' = 'spool'): void {
  const file = join(folder, name);
  const bytes = readBounded(state, pathIn(state, file));
  if (bytes === undefined) return;
  const incident =
    bytes === 'oversized'
      ? ({ kind: 'damaged', at: instant(state), reason: 'file-oversized' } as const)
      : ({ kind: 'damaged', at: instant(state), digest: sha256Hex(bytes), reason: 'file-damaged' } as const);
  finishMove(state, recordIncident(state, incident, { file }));
}

/** Sets a pack aside that the endpoint refused for good. `note` is kept beside it for a person. */
export function setRejectedAside(
  state: State,
  entry: { readonly name: string; readonly chain: string; readonly sequence: number; readonly digest: string },
  reason: string,
  note: Uint8Array | undefined,
): void {
  const { name, chain, sequence, digest } = entry;
  const bytes = readBounded(state, pathIn(state, 'spool', name));
  if (bytes === undefined) return;
  if (readPack(state, 'spool', name)?.digest !== digest) return setAside(state, name);
  if (note !== undefined) writeDurably(state.files, `${quarantined(state, name, bytes)}.problem.json`, note);
  const incident = { kind: 'rejected', at: instant(state), chain, sequence, digest, reason } as const;
  finishMove(state, recordIncident(state, incident, { file: join('spool', name) }));
}

/** Does the move that an incident announced, or what a crash left of it. */
export function finishMove(state: State, pending: PendingIncident): void {
  const from = pathIn(state, pending.file ?? '');
  const bytes = readBounded(state, from);
  if (bytes !== undefined) {
    // The endpoint never took what this statement told: the next one tells it again.
    if (pending.incident.kind === 'rejected' && bytes !== 'oversized') retell(state, bytes);
    moveDurably(state.files, from, quarantined(state, basename(from), bytes));
  }
  settleIncident(state, pending);
}

function retell(state: State, bytes: Uint8Array): void {
  const pack = readPackFile(bytes, knownKeys(state));
  for (const incident of pack.ok ? (pack.value.statement.predicate.incidents ?? []) : [])
    recordIncident(state, incident);
}

/** The name holds the content's digest, so that two files never meet under one. */
function quarantined(state: State, name: string, bytes: Uint8Array | 'oversized'): string {
  const mark = bytes === 'oversized' ? 'oversized' : sha256Hex(bytes).slice(0, 16);
  return pathIn(state, 'quarantine', `${mark}-${name}`);
}

function readBounded(state: State, path: string): Uint8Array | 'oversized' | undefined {
  try {
    return state.files.read(path);
  } catch (error) {
    if (errnoOf(error) === 'EFBIG') return 'oversized';
    throw error;
  }
}
