/** How packs leave the spool: with a receipt, or refused for good; and how a chain is left. */
import { encodePack } from '../../evidence/pack.ts';
import { type Result, refuse } from '../../evidence/result.ts';
import { validated } from '../../evidence/validate.ts';
import type { Receipt } from '../../schemas/generated/types.ts';
import { receipt as isReceipt } from '../../schemas/generated/validators.js';
import { forkChain } from './chain.ts';
import { removeDurably, writeDurably } from './durable.ts';
import { attempt, fail, guarded } from './fault.ts';
import { type Head, headName, inChainOrder } from './head.ts';
import { type PackFile, readPack } from './pack-file.ts';
import { setRejectedAside } from './quarantine.ts';
import { recover } from './recover.ts';
import type { SpooledPack } from './spool.ts';
import { pathIn, type State } from './state.ts';

/** The bytes of a waiting pack, as they go out. Refuses with `pack-gone` where it was released meanwhile. */
export function readSpooled(state: State, entry: SpooledPack): Result<Uint8Array> {
  const bytes = attempt(state.folder, () => state.files.read(pathIn(state, 'spool', entry.name)));
  if (!bytes.ok) return bytes;
  if (bytes.value === undefined)
    return refuse('pack-gone', `${entry.path} is no longer there: another process sent it`);
  return { ok: true, value: bytes.value };
}

/**
 * Lets a pack go for a receipt, which the caller has verified. Answers with the path where it lies
 * now, receipt inside.
 *
 *     packs/NAME with the receipt, durably     then     spool/NAME unlinked, folder fsynced
 *
 * A crash between leaves both, and the next operation ends it. Doing it twice is ok. Older receipted
 * packs beyond `keepPacks` are removed: the endpoint has them.
 */
export function release(state: State, entry: SpooledPack, receipt: Receipt): Result<string> {
  const valid = validated(isReceipt, receipt, 'receipt');
  if (!valid.ok) return valid;
  return guarded(state, () => {
    const head = recover(state);
    const target = pathIn(state, 'packs', entry.name);
    const file = readPack(state, 'spool', entry.name);
    if (file === undefined) {
      if (readPack(state, 'packs', entry.name)?.digest === entry.digest) return target;
      if (state.files.look(entry.path) === undefined) return target;
    }
    if (file?.digest !== entry.digest)
      fail(
        'pack-changed',
        `${entry.path} is not the pack that was sent`,
        'run affiant post again: it checks every file',
      );
    // Before the write, too: on a full disk this is the room for it.
    prune(state, head, state.limits.keepPacks - 1, entry.name);
    writeDurably(state.files, target, encodePack({ ...file.parts, receipt: valid.value }));
    removeDurably(state.files, pathIn(state, 'spool', entry.name));
    return target;
  });
}

/** Removes the oldest receipted packs but `keep`; files with other names are nobody's business here. */
function prune(state: State, head: Head | undefined, keep: number, except: string): void {
  const names = inChainOrder(state.files.list(pathIn(state, 'packs')), head).filter((name) => name !== except);
  for (const name of names.slice(0, Math.max(0, names.length - Math.max(0, keep))))
    state.files.unlink(pathIn(state, 'packs', name));
}

/**
 * Sets a pack aside that the endpoint refused for good. The next statement says so, with `reason` (a
 * code in kebab-case), and tells again what the refused one had to tell. `note` is kept beside the
 * file for a person: what the endpoint answered.
 */
export function quarantine(state: State, entry: SpooledPack, reason: string, note?: Uint8Array): Result<undefined> {
  const code = /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(reason) && reason.length <= 64 ? reason : 'rejected';
  return guarded(state, () => {
    recover(state);
    setRejectedAside(state, entry, code, note);
    return undefined;
  });
}

/**
 * Leaves the chain of `conflict`, this agent's own bundle whose place the endpoint knows with another
 * digest (409): the next bundle begins a new chain that names it. Doing it twice is doing it once.
 */
export function fork(
  state: State,
  conflict: { readonly chain: string; readonly sequence: number; readonly digest: string },
): Result<undefined> {
  const { chain, sequence, digest } = conflict;
  return guarded(state, () => {
    recover(state);
    forkChain(state, { id: chain, sequence, digest });
    return undefined;
  });
}

/** The newest pack of the chain, waiting or receipted, to compare a new one with; undefined where there is none. */
export function newestPack(state: State): Result<{ readonly path: string; readonly file: PackFile } | undefined> {
  return guarded(state, () => {
    const head = recover(state);
    const name = head === undefined ? undefined : headName(head);
    if (name === undefined) return undefined;
    for (const folder of ['spool', 'packs'] as const) {
      const file = readPack(state, folder, name);
      if (file !== undefined) return { path: pathIn(state, folder, name), file };
    }
    return undefined;
  });
}
