/** A folder of packs, each verified before anything in it is believed. */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { canonicalText } from '../evidence/canonical-json.ts';
import { sha256Hex } from '../evidence/digest.ts';
import { packLimits } from '../evidence/pack.ts';
import { readDocument } from '../evidence/read-document.ts';
import { type VerifiedPack, verifyPack } from '../evidence/verify-pack.ts';
import { dayOf } from './days.ts';
import type { HistoryEntry, RefusedPack } from './history-model.ts';
import type { CachedEntry } from './kept-packs.ts';
import { observe, type ReadDocuments } from './observe.ts';
import { readAtMost } from './pack-files.ts';
import { type ReadMemory, type Trust, touch } from './read-memory.ts';

export { cacheHeld, type ReadMemory, readMemory, type Trust } from './read-memory.ts';

export type ReadPack =
  | {
      readonly ok: true;
      readonly entry: HistoryEntry;
      /** Nothing of the pack came from another one. */ readonly whole: boolean;
      /** The pack's SHA-256, where the cache has it now. */ readonly kept?: string;
      /** Digests of documents that it leaves out and that were not found elsewhere. */ readonly lost?: readonly string[];
    }
  | { readonly ok: false; readonly refused: RefusedPack };

/** Reads, verifies, and keeps what an audit needs. Never throws for what a file holds. */
export function readEntry(path: string, shown: string, trust: Trust, memory: ReadMemory): ReadPack {
  const { cache } = memory;
  const read = readShown(shown, () => readAtMost(path, packLimits.maxBytes));
  if (read.refused !== undefined) return { ok: false, refused: read.refused };
  if (cache === undefined) return entryOf(read.value, shown, trust, memory, path);
  const digest = sha256Hex(read.value);
  const own = cache.get(digest);
  const cached = own ?? cache.folders.find(dirname(path), digest);
  const found = knownOr(cached, isOfSample(memory), { bytes: read.value, path, shown }, trust, memory);
  if (!found.ok || !found.whole) return found;
  if (own === undefined) cache.put(digest, kept(found.entry));
  return { ...found, kept: digest };
}

/** What was read of a file, or why nothing was. */
export function readShown<T>(
  shown: string,
  read: () => T | undefined,
): { readonly value: T; readonly refused?: never } | { readonly refused: RefusedPack } {
  try {
    const value = read();
    if (value !== undefined) return { value };
    return { refused: { file: shown, code: 'too-large', message: `larger than ${packLimits.maxBytes} bytes` } };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return { refused: { file: shown, code: 'unreadable', message: `cannot be read (${code})` } };
  }
}

/** Whether a pack is verified although it is known. */
export function isOfSample({ sampleOf }: ReadMemory): boolean {
  return randomInt(sampleOf) === 0;
}

/** What was kept of these bytes, where it may be given; else the pack is verified, and held against what was kept. */
export function knownOr(
  cached: CachedEntry | undefined,
  isSampled: boolean,
  { bytes, path, shown }: { readonly bytes: Uint8Array; readonly path: string; readonly shown: string },
  trust: Trust,
  memory: ReadMemory,
): ReadPack {
  // A key that is not trusted any more takes its answers with it.
  const isTrusted = cached !== undefined && trust.key(cached.keyId) !== undefined;
  if (isTrusted && !isSampled) return known(cached, path, shown, memory);
  const read = entryOf(bytes, shown, trust, memory, path);
  if (isTrusted && !(read.ok && isSame(read.entry, cached))) memory.contradicted.push(shown);
  return read;
}

/** An entry that was kept, of the pack at `path`; `before` of the same folder, whose documents need not be noted again. */
export function known(
  cached: CachedEntry,
  path: string,
  shown: string,
  memory: ReadMemory,
  before?: CachedEntry,
): ReadPack {
  for (const [name, digest] of Object.entries(cached.documents))
    if (before?.documents[name] !== digest) touch(memory.holders, digest, path);
  const { bundle, ...rest } = cached;
  return { ok: true, entry: { bundle, file: shown, ...rest }, whole: true };
}

export function kept({ file: _path, ...entry }: HistoryEntry): CachedEntry {
  return entry;
}

function isSame(entry: HistoryEntry, cached: CachedEntry): boolean {
  // What is not there and what is undefined is the same in the cache.
  const text = (value: unknown): string => canonicalText(JSON.parse(JSON.stringify(value)));
  return text(kept(entry)) === text(cached);
}

/**
 * An entry that this process read a moment ago: from the cache, or, where that lost it, from the pack. Throws where
 * the pack is another one by now: an answer without it would be half an answer.
 */
export function entryAgain(
  path: string,
  shown: string,
  digest: string,
  trust: Trust,
  memory: ReadMemory,
): HistoryEntry {
  const cached = memory.cache?.get(digest) ?? memory.cache?.folders.find(dirname(path), digest);
  if (cached !== undefined) {
    const { bundle, ...rest } = cached;
    return { bundle, file: shown, ...rest };
  }
  const bytes = readFileSync(path);
  const read = sha256Hex(bytes) === digest ? entryOf(bytes, shown, trust, memory) : undefined;
  if (read?.ok !== true) throw new Error(`${shown} was changed while it was read: run the command again`);
  return read.entry;
}

/** A document that a pack leaves out: its digest was signed, so that it is the same wherever it is found. */
function documentElsewhere(digest: string, trust: Trust, memory: ReadMemory): object | undefined {
  const found = memory.known.get(digest)?.document;
  const holder = memory.holders.get(digest);
  if (found !== undefined || holder === undefined) return found;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(holder);
  } catch {
    return undefined;
  }
  const verified = verifyPack(bytes, { ...trust, allowMissingDocuments: true, known: memory.known });
  return verified.ok ? verified.value.pack.documents[digest] : undefined;
}

/** `path` where the pack can be read again. */
export function entryOf(bytes: Uint8Array, shown: string, trust: Trust, memory: ReadMemory, path?: string): ReadPack {
  const verified = verifyPack(bytes, { ...trust, allowMissingDocuments: true, known: memory.known });
  if (verified.ok && path !== undefined)
    for (const digest of Object.keys(verified.value.pack.documents)) touch(memory.holders, digest, path);
  if (verified.ok) {
    const { missing, statement } = verified.value;
    const entry = toEntry(verified.value, shown, trust, memory);
    if (missing.length === 0) return { ok: true, entry, whole: true };
    const left = statement.subject.filter(({ name }) => missing.includes(name));
    const digests = left.map(({ digest }) => digest.sha256);
    return { ok: true, entry, whole: false, lost: digests.filter((digest) => !memory.holders.has(digest)) };
  }
  const { code, message, pointer } = verified.refusal;
  return { ok: false, refused: { file: shown, code, message, ...(pointer !== undefined && { pointer }) } };
}

/** As this version reads it; undefined where it cannot be had, or is no document of that name. */
function namedElsewhere(name: string, digest: string, trust: Trust, memory: ReadMemory): object | undefined {
  const document = documentElsewhere(digest, trust, memory);
  const read = document === undefined ? undefined : readDocument(name, document);
  return read?.ok === true ? read.value : undefined;
}

function toEntry(verified: VerifiedPack, file: string, trust: Trust, memory: ReadMemory): HistoryEntry {
  const { statement, digest, place, receipt, pack, timestamp } = verified;
  const { predicate } = statement;
  const documents: ReadDocuments = new Map(
    statement.subject.flatMap(({ name, digest: { sha256 } }) => {
      const document = verified.read.get(name) ?? namedElsewhere(name, sha256, trust, memory);
      return document === undefined ? [] : [[name, { digest: sha256, document }] as const];
    }),
  );
  const claimedAt = predicate.run.finishedAt;
  const observed = observe(documents, claimedAt, memory);
  const lost = statement.subject.filter(({ name }) => !documents.has(name) && !name.includes('/'));
  return {
    bundle: digest,
    file,
    claimedAt,
    day: dayOf(claimedAt),
    ...(predicate.checkpoint !== undefined && {
      notBefore: { origin: predicate.checkpoint.origin, size: predicate.checkpoint.size },
    }),
    ...(place !== undefined && {
      notAfter: {
        origin: place.origin,
        size: place.size,
        ...(timestamp?.kind === 'verified' && { at: timestamp.at }),
      },
    }),
    mode: predicate.mode,
    keyId: pack.bundle.verificationMaterial.publicKey.hint,
    targetId: predicate.target.id,
    chain: predicate.chain,
    clock: predicate.clock,
    collectors: predicate.collectors,
    incidents: predicate.incidents ?? [],
    receipt,
    ...(place !== undefined && { logIndex: place.index }),
    documents: Object.fromEntries(statement.subject.map(({ name, digest: { sha256 } }) => [name, sha256])),
    seen:
      lost.length === 0
        ? observed
        : {
            ...observed,
            unseen: [
              ...observed.unseen,
              ...lost.map(({ name }) => ({
                document: name,
                pointer: '',
                sources: [],
                status: 'failed',
                reason: 'document-let-go',
              })),
            ],
          },
  };
}

/** The documents of a bundle as this version reads them, from the pack at `path`; undefined where it is another one by now. */
export function documentsAgain(
  path: string,
  entry: HistoryEntry,
  trust: Trust,
  memory: ReadMemory,
): ReadonlyMap<string, object> | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch {
    return undefined;
  }
  const verified = verifyPack(bytes, { ...trust, allowMissingDocuments: true, known: memory.known });
  if (!verified.ok || verified.value.digest !== entry.bundle) return undefined;
  const found = new Map(verified.value.read);
  for (const [name, digest] of Object.entries(entry.documents)) {
    const elsewhere = found.has(name) ? undefined : namedElsewhere(name, digest, trust, memory);
    if (elsewhere !== undefined) found.set(name, elsewhere);
  }
  return found;
}
