/** The packs of one folder, of which the cache keeps all in a few rows: what was verified before is not verified again. */
import { basename } from 'node:path';
import { sha256Hex } from '../evidence/digest.ts';
import { packLimits } from '../evidence/pack.ts';
import { identityOf, usualUnchangedBy } from './file-identity.ts';
import type { KeptPack } from './kept-packs.ts';
import type { PackCache } from './pack-cache.ts';
import { readKnown } from './pack-files.ts';
import {
  isOfSample,
  kept,
  known,
  knownOr,
  type ReadMemory,
  type ReadPack,
  readShown,
  type Trust,
} from './read-packs.ts';

export type FolderReader = {
  /** Of a pack in the folder, once. */
  read(path: string, shown: string): ReadPack;
  /** Keeps what was read for the next call. */
  end(): void;
};

/**
 * By `stat`, a file that has the identity of the one that was verified is not opened; by `hash`, each is read, and
 * known by the SHA-256 of its bytes. One of so many is verified all the same.
 */
export function folderReader(folder: string, trust: Trust, memory: ReadMemory, cache: PackCache): FolderReader {
  const { unchangedBy = usualUnchangedBy(folder), settledMs } = memory;
  const before = cache.folders.load(folder);
  const byDigest = new Map([...before.packs.values()].map((pack) => [pack.digest, pack]));
  const now: KeptPack[] = [];
  let last: KeptPack | undefined;

  return {
    read(path, shown) {
      const name = basename(path);
      const own = before.packs.get(name);
      const isSampled = isOfSample(memory);
      const isUnchanged =
        unchangedBy === 'stat' && own?.identity !== undefined && looked(path) === own.identity ? own : undefined;
      if (isUnchanged !== undefined && !isSampled && trust.key(isUnchanged.entry.keyId) !== undefined) {
        now.push(isUnchanged);
        const noted = last?.entry;
        last = isUnchanged;
        return known(isUnchanged.entry, path, shown, memory, noted);
      }
      const read = readShown(shown, () => readKnown(path, packLimits.maxBytes, settledMs));
      if (read.refused !== undefined) return { ok: false, refused: read.refused };
      const { bytes, identity } = read.value;
      const digest = sha256Hex(bytes);
      // The same file, and other bytes: its times say what is not so.
      if (isUnchanged !== undefined && identity === isUnchanged.identity && digest !== isUnchanged.digest)
        memory.contradicted.push(shown);
      const same = own?.digest === digest ? own : byDigest.get(digest);
      const cached = same?.entry ?? cache.get(digest);
      const found = knownOr(cached, isSampled, { bytes, path, shown }, trust, memory);
      // What cannot be given now, since its key is not trusted in this call, is kept as it is.
      if (!found.ok && same !== undefined && same === own) now.push(same);
      if (!found.ok || !found.whole) return found;
      const fresh = { name, digest, ...(identity !== undefined && { identity }), entry: cached ?? kept(found.entry) };
      now.push(same !== undefined && same === own && same.identity === identity ? same : fresh);
      return found;
    },
    end() {
      cache.folders.save(folder, before, now);
    },
  };
}

/** What cannot be looked at is read, and then told of. */
function looked(path: string): string | undefined {
  try {
    return identityOf(path);
  } catch {
    return undefined;
  }
}
