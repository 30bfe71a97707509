/**
 * The chain of this state folder. The signed files are the truth; `chain.json` is written after each,
 * so that it may lag by the one that a crash cut off, and is brought up to date before anything
 * leaves the spool. A number is therefore never given twice.
 */
import { randomBytes } from 'node:crypto';
import { sha256Hex } from '../../evidence/digest.ts';
import { ok, type Result } from '../../evidence/result.ts';
import type { ForkOrigin } from '../../schemas/generated/types.ts';
import { removeDurably, writeDurably } from './durable.ts';
import { type Head, headAfter, inChainOrder, isOrigin, parseHead, writeHead } from './head.ts';
import { instant, recordIncident } from './incidents.ts';
import { readNote, writeNote } from './notes.ts';
import { type PackFile, placeOf, readPack } from './pack-file.ts';
import { setAside } from './quarantine.ts';
import { pathIn, type State, subfolders } from './state.ts';

const maxEarlier = 64;

/**
 * The head, as the files say it. Undefined in a folder where nothing was signed yet. Where packs show
 * that there was a head and it is gone or damaged, an incident says so and a new chain takes its
 * place: which number came last can no longer be known, and giving one twice would look like a clone.
 */
export function settleHead(state: State): Head | undefined {
  const bytes = state.files.read(pathIn(state, 'chain.json'));
  const noted = bytes === undefined ? undefined : parseHead(bytes);
  if (state.guest) return noted === undefined ? undefined : catchUp(state, noted);
  const start = noted ?? successor(state, bytes);
  if (start === undefined) return undefined;
  const head = forkAsAsked(state, catchUp(state, start));
  if (head !== noted) writeHead(state, head);
  // Recorded once, and again after a crash, until the first bundle of the new chain is signed.
  if (head.forkOf !== undefined && head.sequence === undefined) recordFork(state, head, head.forkOf);
  return head;
}

/** The head of a folder's first chain. Written before the first pack: a pack without a head means that the head was lost. */
export function firstHead(state: State): Head {
  const head: Head = { id: newChainId(state), earlier: [] };
  writeHead(state, head);
  return head;
}

/**
 * Begins a new chain that names `conflict`, this agent's own bundle whose place the endpoint knows
 * with another digest. Where the present chain is another already, nothing is done: several waiting
 * packs of one chain can meet the same conflict.
 */
export function forkChain(state: State, conflict: ForkOrigin): Result<Head> {
  const settled = settleHead(state);
  if (state.guest) {
    if (settled?.id === conflict.id) writeNote(state, forkAsked, conflict);
    return ok(settled ?? { id: conflict.id, earlier: [] });
  }
  const head = settled ?? firstHead(state);
  if (head.id !== conflict.id) return ok(head);
  const forked = forkedHead(state, head, conflict);
  // The head first: what it says of the fork is signed in any case, and the incident follows from it.
  writeHead(state, forked);
  recordFork(state, forked, conflict);
  return ok(forked);
}

/** What one who sends and does not sign asks of the one who does. */
const forkAsked = 'post/fork.json';

/** The head, forked where the sender met a conflict of this very chain. */
function forkAsAsked(state: State, head: Head): Head {
  const path = pathIn(state, forkAsked);
  if (state.files.look(path) === undefined) return head;
  const asked = readNote(state, forkAsked);
  const forked = isOrigin(asked) && asked.id === head.id ? forkedHead(state, head, asked) : head;
  // The head first: a crash between leaves a note of a chain that is no longer the present one.
  if (forked !== head) writeHead(state, forked);
  removeDurably(state.files, path);
  return forked;
}

function recordFork(state: State, head: Head, { id, sequence, digest }: ForkOrigin): void {
  recordIncident(state, { kind: 'fork', at: head.forkedAt ?? instant(state), chain: id, sequence, digest });
}

function forkedHead(state: State, head: Head, { id, sequence, digest }: ForkOrigin): Head {
  return {
    id: newChainId(state),
    earlier: [...head.earlier, head.id].slice(-maxEarlier),
    forkOf: { id, sequence, digest },
    forkedAt: instant(state),
    ...(head.finishedAt === undefined ? {} : { finishedAt: head.finishedAt }),
  };
}

/** A new head for a folder without a usable one; undefined where nothing shows that there ever was one. */
function successor(state: State, damaged: Uint8Array | undefined): Head | undefined {
  const newest = newestPack(state);
  if (damaged !== undefined) {
    const digest = sha256Hex(damaged);
    // A copy: until the new head replaces it, the damaged one must stand.
    writeDurably(state.files, pathIn(state, 'quarantine', `${digest.slice(0, 16)}-chain.json`), damaged);
    recordIncident(state, { kind: 'damaged', at: instant(state), digest, reason: 'chain-head-unreadable' });
  } else if (newest !== undefined)
    recordIncident(state, { kind: 'damaged', at: instant(state), reason: 'chain-head-missing' });
  if (newest === undefined) return damaged === undefined ? undefined : { id: newChainId(state), earlier: [] };
  const { id, sequence } = newest.statement.predicate.chain;
  return forkedHead(state, headAfter({ id, earlier: [] }, newest), { id, sequence, digest: newest.digest });
}

/** The pack with the latest claimed end, of whatever chain. */
function newestPack(state: State): PackFile | undefined {
  return (['packs', 'spool'] as const)
    .flatMap((folder) => state.files.list(pathIn(state, folder)).map((name) => ({ folder, name })))
    .filter(({ name }) => placeOf(name) !== undefined)
    .map(({ folder, name }) => readPack(state, folder, name))
    .filter((pack) => pack !== undefined)
    .toSorted((left, right) => endOf(left) - endOf(right))
    .at(-1);
}

function endOf({ statement }: PackFile): number {
  return Date.parse(statement.predicate.run.finishedAt);
}

/** The head moved on to the newest whole pack of its chain. A damaged file that holds a later number is set aside: the number is given anew. */
function catchUp(state: State, head: Head): Head {
  for (const folder of ['spool', 'packs'] as const) {
    const chain8 = head.id.slice(0, 8);
    const later = state.files.list(pathIn(state, folder)).filter((name) => {
      const place = placeOf(name);
      return place !== undefined && place.chain8 === chain8 && place.sequence > (head.sequence ?? -1);
    });
    for (const name of inChainOrder(later, head).toReversed()) {
      const pack = readPack(state, folder, name);
      if (pack !== undefined) return catchUp(state, headAfter(head, pack));
      if (folder === 'spool') setAside(state, name);
    }
  }
  return head;
}

/** Random, and such that no file of another chain begins like it. */
function newChainId(state: State): string {
  for (;;) {
    const id = randomBytes(16).toString('hex');
    const start = `${id.slice(0, 8)}-`;
    if (!subfolders.some((folder) => state.files.list(pathIn(state, folder)).some((name) => name.includes(start))))
      return id;
  }
}
