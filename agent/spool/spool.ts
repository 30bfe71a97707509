/**
 * The spool: bundles are signed into it and leave it on a receipt. Every operation takes the lock,
 * finishes what a crash left (recover.ts), and then does one thing, so that kill -9 at any point
 * loses no bundle, counts none twice, and leaves no gap untold.
 */
import { canonicalText } from '../../evidence/canonical-json.ts';
import { ok, type Result } from '../../evidence/result.ts';
import type { ChainLink, CheckpointSeen, Incident } from '../../schemas/generated/types.ts';
import { makeRoom } from './cap.ts';
import { firstHead } from './chain.ts';
import { newestCheckpoint } from './checkpoint-memory.ts';
import { isTemporary, writeDurably } from './durable.ts';
import { attempt, fail, guarded } from './fault.ts';
import { headAfter, inChainOrder, nextLink, writeHead } from './head.ts';
import { forgetIncidents, maxIncidents, pendingIncidents } from './incidents.ts';
import { knownKeys } from './keys.ts';
import { type PackFile, packName, readPack, readPackFile } from './pack-file.ts';
import { setAside } from './quarantine.ts';
import { recover } from './recover.ts';
import { pathIn, type State } from './state.ts';

/** A pack that waits. */
export type SpooledPack = {
  /** Its file name, the same in `spool/` and `packs/`. */
  readonly name: string;
  readonly path: string;
  readonly chain: string;
  readonly sequence: number;
  /** The bundle digest. */
  readonly digest: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Subjects whose documents the spool let go at its cap: they cannot be sent. */
  readonly missing: readonly string[];
};

/** What the next statement must say. */
export type NextLink = {
  readonly chain: ChainLink;
  /** To be told, oldest first, exactly as given. */
  readonly incidents: Incident[];
  readonly checkpoint?: CheckpointSeen;
  /** The claimed end of the bundle before: a clock that shows less was set back. RFC 3339. */
  readonly clockFloor?: string;
};

export type BuiltPack = { readonly bytes: Uint8Array; readonly digest: string; readonly finishedAt: string };

/**
 * Allocates the next place, has `build` sign for it, and spools the pack, all under one lock: the
 * file is the allocation. Once the pack is on the disk the answer is ok, whatever else fails: head
 * and incidents are put right by the next operation. Refuses as the disk does, with `pack-invalid`
 * where `build` made something else than it was asked for (nothing is allocated then), and with
 * `key-lost`. What `build` throws passes through, and nothing is allocated.
 */
export function append(state: State, build: (link: NextLink) => BuiltPack): Result<SpooledPack> {
  return guarded(state, () => {
    const keys = knownKeys(state);
    const head = recover(state) ?? firstHead(state);
    const told = pendingIncidents(state).good.slice(0, maxIncidents);
    const checkpoint = newestCheckpoint(state);
    const chain = nextLink(head);
    const link: NextLink = {
      chain,
      incidents: told.map(({ incident }) => incident),
      ...(checkpoint === undefined ? {} : { checkpoint }),
      ...(head.finishedAt === undefined ? {} : { clockFloor: head.finishedAt }),
    };
    const built = build(link);
    const name = packName(chain.id, chain.sequence);
    const read = readPackFile(built.bytes, keys, name);
    if (!read.ok) fail('pack-invalid', `the bundle that was built cannot be spooled: ${read.refusal.message}`);
    checkBuilt(read.value, built, link);
    const bytes = makeRoom(state, head, { name, file: read.value, bytes: built.bytes });
    writeDurably(state.files, pathIn(state, 'spool', name), bytes, 'refuse');
    attempt(state.folder, () => {
      writeHead(state, headAfter(head, read.value));
      forgetIncidents(state, told);
    });
    // What the cap let go of this very pack must show in the answer.
    const kept = bytes === built.bytes ? read : readPackFile(bytes, keys, name);
    return entryOf(state, name, kept.ok ? kept.value : read.value, bytes.length);
  });
}

/** An incident that a statement left out would be forgotten in silence right after. */
function checkBuilt({ statement, digest }: PackFile, built: BuiltPack, link: NextLink): void {
  const { chain, incidents, run } = statement.predicate;
  const same = canonicalText([chain, incidents ?? []]) === canonicalText([link.chain, link.incidents]);
  if (!same || digest !== built.digest || run.finishedAt !== built.finishedAt)
    fail(
      'pack-invalid',
      'the bundle that was built does not say what it was asked to: place, incidents, digest or end',
    );
}

/**
 * The packs that wait, in the order of the chain, each verified. A file that is not what was signed
 * goes to the quarantine and into the next statement. What is no regular file is left alone.
 */
export function pending(state: State): Result<SpooledPack[]> {
  const names = guarded(state, () => {
    const head = recover(state);
    const files = state.files.list(pathIn(state, 'spool')).filter((name) => isWaitingFile(state, name));
    const known = inChainOrder(files, head);
    for (const name of files) if (!known.includes(name)) setAside(state, name);
    return known;
  });
  if (!names.ok) return names;
  const entries: SpooledPack[] = [];
  for (const name of names.value) {
    // Outside the lock, as verifying takes long and a collection must not wait for it.
    const seen = attempt(state.folder, () => entryAt(state, name));
    // Inside, once more: another process may just have released it.
    const entry = seen.ok && seen.value === undefined ? guarded(state, () => entryOrAside(state, name)) : seen;
    if (!entry.ok) return entry;
    if (entry.value !== undefined) entries.push(entry.value);
  }
  return ok(entries);
}

/** The entry of a name in the spool; undefined where it is gone or damaged. */
function entryAt(state: State, name: string): SpooledPack | undefined {
  const file = readPack(state, 'spool', name);
  const size = state.files.look(pathIn(state, 'spool', name))?.size;
  return file === undefined || size === undefined ? undefined : entryOf(state, name, file, size);
}

function entryOrAside(state: State, name: string): SpooledPack | undefined {
  const entry = entryAt(state, name);
  if (entry === undefined && isWaitingFile(state, name)) setAside(state, name);
  return entry;
}

function isWaitingFile(state: State, name: string): boolean {
  return !isTemporary(name) && state.files.look(pathIn(state, 'spool', name))?.type === 'file';
}

function entryOf(state: State, name: string, { statement, digest, missing }: PackFile, size: number): SpooledPack {
  const { id, sequence } = statement.predicate.chain;
  return { name, path: pathIn(state, 'spool', name), chain: id, sequence, digest, size, missing };
}
