/** What a reading of packs holds while it goes on, and whom it trusts. */
import type { X509Certificate } from 'node:crypto';
import type { LogVerifier } from '../evidence/checkpoint.ts';
import { type ProvedDocuments, provedDocuments } from '../evidence/proved-documents.ts';
import { ok, type Result, refuse } from '../evidence/result.ts';
import type { VerificationKey } from '../evidence/signing-key.ts';
import { settledAfterMs, type UnchangedBy } from './file-identity.ts';
import { type ObserveMemory, observeMemory } from './observe.ts';
import type { PackCache } from './pack-cache.ts';

export type Trust = {
  /** The trusted key of that id. */
  readonly key: (keyId: string) => VerificationKey | undefined;
  readonly logKey?: LogVerifier;
  /** Authorities whose time stamps on checkpoints are trusted. */
  readonly stampAuthorities?: readonly X509Certificate[];
};

export type ReadMemory = ObserveMemory & {
  /** Packs that were verified, by the digest of a document that they hold: another may leave it out. */
  readonly holders: Map<string, string>;
  /** Of whatever pack: what need not be parsed and validated again. */
  readonly known: ProvedDocuments;
  /** What was kept of packs that were verified before. */
  readonly cache?: PackCache | undefined;
  /** One of so many packs that the cache knows is verified all the same. */
  readonly sampleOf: number;
  /** How packs of a whole folder that the cache has are known again; undefined: as is usual for the folder. */
  readonly unchangedBy?: UnchangedBy | undefined;
  /** Milliseconds after which a file that nobody changed is known by its identity. */
  readonly settledMs: number;
  /** Files of which the cache said something else than they do: nothing that it said can be believed. */
  readonly contradicted: string[];
};

/** A cache that is wrong has been wrong for long before one of so many is looked at. */
const usualSample = 256;

export function readMemory(
  cache?: PackCache,
  sampleOf = usualSample,
  {
    unchangedBy,
    settledMs = settledAfterMs,
  }: { readonly unchangedBy?: UnchangedBy | undefined; readonly settledMs?: number } = {},
): ReadMemory {
  return {
    ...observeMemory(),
    holders: new Map(),
    known: provedDocuments(keptDocumentBytes),
    ...(cache !== undefined && { cache }),
    sampleOf,
    unchangedBy,
    settledMs,
    contradicted: [],
  };
}

/** Whether what was read may be used: refuses with `cache-wrong`, and empties the cache, where it contradicted a pack. */
export function cacheHeld({ cache, contradicted }: ReadMemory): Result<undefined> {
  const [file] = contradicted;
  if (file === undefined) return ok(undefined);
  cache?.discard();
  return refuse('cache-wrong', `the cache says something else of ${file} than the pack itself`, {
    remedy: 'the cache was emptied; run the command again, and ask who could write to its folder',
  });
}

/** Packs of one server come together, and few documents of one are those of another: more would only be held. */
const keptDocumentBytes = 6 * 1024 * 1024;

/** Of so many documents it is known where they are. */
const keptHolders = 65_536;

/** The newest in use last; the oldest are let go. */
export function touch<T>(kept: Map<string, T>, key: string, value: T): void {
  kept.delete(key);
  kept.set(key, value);
  for (const oldest of kept.keys()) {
    if (kept.size <= keptHolders) break;
    kept.delete(oldest);
  }
}
