/**
 * The spool's cap. What is over it goes in this order: raw outputs, oldest pack first; then the other
 * documents, oldest first. Statements always stay, even where they alone are over the cap: they are
 * the signed trace. Each loss is an incident of the next statement, on the disk before the loss.
 */
import { encodePack, packMediaType } from '../../evidence/pack.ts';
import type { Statement } from '../../schemas/generated/types.ts';
import { writeDurably } from './durable.ts';
import { type Head, inChainOrder } from './head.ts';
import { forgetIncidents, instant, type PendingIncident, recordIncident, settleIncident } from './incidents.ts';
import { type PackFile, readPack } from './pack-file.ts';
import { pathIn, type State } from './state.ts';

export type Incoming = { readonly name: string; readonly file: PackFile; readonly bytes: Uint8Array };

type Kind = 'raw' | 'document';

/**
 * Makes room for a pack that is about to be spooled, and gives the bytes to spool: the pack's own,
 * or, where all older packs hold no document any more, those that are left of it.
 */
export function makeRoom(state: State, head: Head, incoming: Incoming): Uint8Array {
  const waiting = inChainOrder(state.files.list(pathIn(state, 'spool')), head);
  const sizes = waiting.map((name) => state.files.look(pathIn(state, 'spool', name))?.size ?? 0);
  let excess = sizes.reduce((sum, size) => sum + size, incoming.bytes.length) - state.limits.maxBytes;
  let { file, bytes } = incoming;
  for (const kind of ['raw', 'document'] as const) {
    for (const name of waiting) {
      if (excess <= 0) return bytes;
      excess -= shrinkWaiting(state, head, name, kind);
    }
    if (excess <= 0) return bytes;
    const shrunk = without(file, namesOf(file, kind));
    if (shrunk === undefined) continue;
    // Announced only: the record is settled once the pack stands in the spool (finishDrop).
    announce(state, incoming.name, file, namesOf(file, kind), bytes.length - shrunk.bytes.length);
    excess -= bytes.length - shrunk.bytes.length;
    ({ file, bytes } = shrunk);
  }
  return bytes;
}

/** Does the drop that an incident announced, or what a crash left of it. */
export function finishDrop(state: State, head: Head | undefined, pending: PendingIncident): void {
  const { chain, sequence, digest, documents } = pending.incident;
  const name = pending.file?.replace(/^spool./, '') ?? '';
  const file = readPack(state, 'spool', name);
  if (file === undefined || file.digest !== digest) {
    // A pack that was to be shrunk before it was first written, and never was: nothing is lost, no number given.
    const written = head?.id !== chain || (head?.sequence ?? -1) >= (sequence ?? 0);
    if (!written || (file !== undefined && file.digest !== digest)) forgetIncidents(state, [pending]);
    else settleIncident(state, pending);
    return;
  }
  const shrunk = without(file, documents ?? []);
  if (shrunk !== undefined) writeDurably(state.files, pathIn(state, 'spool', name), shrunk.bytes);
  settleIncident(state, pending);
}

/** Bytes that were gained. */
function shrinkWaiting(state: State, head: Head, name: string, kind: Kind): number {
  const bytes = state.files.read(pathIn(state, 'spool', name));
  if (bytes === undefined || !mayHold(bytes, kind)) return 0;
  // Where it is damaged, `pending` will find out; dropping from it would hide that.
  const file = readPack(state, 'spool', name);
  const shrunk = file === undefined ? undefined : without(file, namesOf(file, kind));
  if (file === undefined || shrunk === undefined) return 0;
  const gain = bytes.length - shrunk.bytes.length;
  finishDrop(state, head, announce(state, name, file, namesOf(file, kind), gain));
  return gain;
}

function announce(state: State, name: string, file: PackFile, documents: string[], bytes: number): PendingIncident {
  const { id, sequence } = file.statement.predicate.chain;
  const at = instant(state);
  const incident = {
    kind: 'dropped',
    at,
    chain: id,
    sequence,
    digest: file.digest,
    documents,
    bytes,
    reason: 'spool-full',
  } as const;
  return recordIncident(state, incident, { file: `spool/${name}` });
}

/** Names of the kind whose documents the file holds. A document that a raw output and another share is not raw. */
function namesOf({ statement, parts }: PackFile, kind: Kind): string[] {
  const held = statement.subject.filter(({ digest }) => parts.documents.has(digest.sha256));
  const wanted = new Set(held.filter(({ name }) => !isRaw(name)).map(({ digest }) => digest.sha256));
  return held.filter(({ digest }) => kind === 'document' || !wanted.has(digest.sha256)).map(({ name }) => name);
}

/** The file without the documents of these names; undefined where it holds none of them. */
function without(file: PackFile, names: readonly string[]): { file: PackFile; bytes: Uint8Array } | undefined {
  const gone = new Set(
    file.statement.subject.filter(({ name }) => names.includes(name)).map(({ digest }) => digest.sha256),
  );
  const documents = new Map([...file.parts.documents].filter(([digest]) => !gone.has(digest)));
  if (documents.size === file.parts.documents.size) return undefined;
  const parts = { ...file.parts, documents };
  const missing = file.statement.subject.filter(({ digest }) => !documents.has(digest.sha256)).map(({ name }) => name);
  return { file: { ...file, parts, missing }, bytes: encodePack(parts) };
}

/**
 * A cheap look without decoding, as a full spool is walked at each run: whether there is any document,
 * and whether the statement names a raw output. The members of a pack stand in canonical order.
 */
function mayHold(bytes: Uint8Array, kind: Kind): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = `"documents":{},"mediaType":"${packMediaType}"}`;
  if (text.toString('latin1', Math.max(0, text.length - end.length)) === end) return false;
  if (kind === 'document') return true;
  const [, payload] =
    /^\{"bundle":\{"dsseEnvelope":\{"payload":"([A-Za-z0-9+/=]*)"/.exec(text.toString('latin1')) ?? [];
  if (payload === undefined) return false;
  try {
    const statement = JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as Statement;
    return statement.subject.some(({ name }) => isRaw(name));
  } catch {
    return false;
  }
}

function isRaw(name: string): boolean {
  return name.startsWith('raw/');
}
