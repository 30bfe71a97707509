/** Evidence server by server: what the cache holds is let go, and loaded again when its server's turn comes. */
import { dirname, join, relative } from 'node:path';
import { ok, type Result } from '../evidence/result.ts';
import type { DocumentsOf } from './context.ts';
import { type EntryCollector, entryCollector } from './entry-store.ts';
import { type EvidenceStream, noPacks, type PackFolder, type SourceRequest, sourceOver } from './evidence-source.ts';
import { mostInRows } from './folder-rows.ts';
import type { RefusedPack } from './history-model.ts';
import { listPacks, shownPath } from './pack-files.ts';
import { type FolderReader, folderReader } from './read-folder.ts';
import {
  cacheHeld,
  documentsAgain,
  entryAgain,
  type ReadMemory,
  readEntry,
  readMemory,
  type Trust,
} from './read-packs.ts';

/** A pack that was found: where it lies, in which folder, and which it is of all, in the order of folders and names. */
export type ListedPack = { readonly path: string; readonly folder: PackFolder; readonly order: number };

/** What was refused, and which pack it is of all. */
export type OrderedRefusal = RefusedPack & { readonly order: number };

/** What was read of the packs, before anything is judged. */
export type ReadStream = {
  readonly store: EntryCollector;
  readonly refused: readonly OrderedRefusal[];
  readonly documents: DocumentsOf;
  /** Digests of documents that packs leave out and that were not found in others. */
  readonly lost: readonly string[];
};

/** Every pack below the folders. Refuses as `listPacks` does, and with `packs-none`. */
export function listFolders(packs: string, folders: readonly PackFolder[]): Result<ListedPack[]> {
  const listed: ListedPack[] = [];
  for (const folder of folders) {
    const paths = listPacks(folder.path);
    if (!paths.ok) return paths;
    for (const path of paths.value) listed.push({ path, folder, order: listed.length });
  }
  return listed.length === 0 ? noPacks(packs) : ok(listed);
}

/** More entries than these are not held where there is a place to put them. */
export const spillFrom = 20_000;

/** As `readSource`, but lets go of the entries that the cache holds. The cache must stay open as long as the store is used. */
export function streamSource(request: SourceRequest, folders: readonly PackFolder[]): Result<EvidenceStream> {
  return sourceOver(request, () => {
    const listed = listFolders(request.packs, folders);
    if (!listed.ok) return listed;
    const cache = request.cache ?? (listed.value.length > spillFrom ? request.spill?.() : undefined);
    const read = readListed(request.trust, listed.value, folders, readMemory(cache));
    if (!read.ok) return read;
    const { store, refused, documents } = read.value;
    const { keyIds, replayed } = store;
    return ok({ own: { store }, refused: refused.map(withoutOrder), keyIds, replayed, documents });
  });
}

export function withoutOrder({ order: _order, ...refused }: OrderedRefusal): RefusedPack {
  return refused;
}

/** Verifies these packs; `memory` brings the cache, where there is one, and with `letGo` entries that it has are not held. Refuses as `cacheHeld` does. */
export function readListed(
  trust: Trust,
  listed: readonly ListedPack[],
  folders: readonly PackFolder[],
  memory: ReadMemory,
  letGo = true,
): Result<ReadStream> {
  const shownOf = ({ path: folder, shown }: PackFolder, path: string): string =>
    shown === '' ? shownPath(folder, path) : join(shown, shownPath(folder, path));
  const store = entryCollector(({ path, digest, folder }) =>
    entryAgain(path, shownOf(folder, path), digest, trust, memory),
  );
  const refused: OrderedRefusal[] = [];
  const lost = new Set<string>();
  const reader = letGo ? undefined : readerOf(listed, trust, memory);
  for (const { path, folder, order } of listed) {
    const shown = shownOf(folder, path);
    const read = reader?.read(path, shown) ?? readEntry(path, shown, trust, memory);
    if (!read.ok) {
      refused.push({ ...read.refused, order });
      continue;
    }
    for (const digest of read.lost ?? []) lost.add(digest);
    const kept = letGo && read.kept !== undefined ? { path, folder, digest: read.kept } : undefined;
    store.add(read.entry, kept, order);
  }
  reader?.end();
  if (letGo) memory.cache?.flush();
  const held = cacheHeld(memory);
  const documents = documentsOver(folders, trust, memory);
  return held.ok ? ok({ store, refused, documents, lost: [...lost] }) : held;
}

/** The cache keeps these as one folder, where it is one and not too large. */
function readerOf(listed: readonly ListedPack[], trust: Trust, memory: ReadMemory): FolderReader | undefined {
  const [first] = listed;
  if (first === undefined || memory.cache === undefined || listed.length > mostInRows) return undefined;
  const folder = dirname(first.path);
  return listed.every(({ path }) => dirname(path) === folder)
    ? folderReader(folder, trust, memory, memory.cache)
    : undefined;
}

/** Documents of a bundle, read again from the pack that lies in these folders. */
export function documentsOver(folders: readonly PackFolder[], trust: Trust, memory: ReadMemory): DocumentsOf {
  return (entry) => {
    const path = placeOf(folders, entry.file);
    return path === undefined ? undefined : documentsAgain(path, entry, trust, memory);
  };
}

/** Where the file lies that is shown so. */
export function placeOf(folders: readonly PackFolder[], file: string): string | undefined {
  const folder = folders.find(({ shown }) => shown === '' || file.startsWith(join(shown, '/')));
  return folder && join(folder.path, folder.shown === '' ? file : relative(folder.shown, file));
}
