/** A folder of packs, each verified before anything in it is believed. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { LogVerifier } from '../evidence/checkpoint.ts';
import { packLimits } from '../evidence/pack.ts';
import { type ProvedDocuments, provedDocuments } from '../evidence/proved-documents.ts';
import { ok, type Result, refuse } from '../evidence/result.ts';
import type { VerificationKey } from '../evidence/signing-key.ts';
import { type VerifiedPack, verifyPack } from '../evidence/verify-pack.ts';
import { dayOf } from './days.ts';
import type { HistoryEntry, RefusedPack } from './history-model.ts';
import { type ObserveMemory, observe, observeMemory, type ReadDocuments } from './observe.ts';

export type Trust = {
  /** The trusted key of that id. */
  readonly key: (keyId: string) => VerificationKey | undefined;
  readonly logKey?: LogVerifier;
};

/** Documents of packs that were verified: a pack may leave out what another of the folder has. */
export type ReadMemory = ObserveMemory & {
  readonly documents: Map<string, object>;
  /** Of whatever pack: what need not be parsed and validated again. */
  readonly known: ProvedDocuments;
};

export function readMemory(): ReadMemory {
  return { ...observeMemory(), documents: new Map(), known: provedDocuments() };
}

/** How many documents are kept for packs that leave them out. */
const keptDocuments = 4096;

/** Packs below a folder, in the order of their names; other files are passed over. Refuses with `packs-unreadable`. */
export function listPacks(folder: string): Result<string[]> {
  try {
    if (!statSync(folder).isDirectory()) return refuse('packs-unreadable', `${folder} is not a folder`);
    return ok(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.pack.json'))
        .map((entry) => join(entry.parentPath, entry.name))
        .toSorted(),
    );
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('packs-unreadable', `${folder} cannot be read (${code})`, {
      remedy: 'check the folder given with --packs',
    });
  }
}

export type ReadPack =
  | { readonly ok: true; readonly entry: HistoryEntry }
  | { readonly ok: false; readonly refused: RefusedPack };

/** Reads, verifies, and keeps what an audit needs. Never throws for what a file holds. */
export function readEntry(path: string, shown: string, trust: Trust, memory: ReadMemory): ReadPack {
  let bytes: Uint8Array;
  try {
    if (statSync(path).size > packLimits.maxBytes)
      return {
        ok: false,
        refused: { file: shown, code: 'too-large', message: `larger than ${packLimits.maxBytes} bytes` },
      };
    bytes = readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return { ok: false, refused: { file: shown, code: 'unreadable', message: `cannot be read (${code})` } };
  }
  return entryOf(bytes, shown, trust, memory);
}

export function entryOf(bytes: Uint8Array, shown: string, trust: Trust, memory: ReadMemory): ReadPack {
  const verified = verifyPack(bytes, { ...trust, allowMissingDocuments: true, known: memory.known });
  if (verified.ok) return { ok: true, entry: toEntry(verified.value, shown, memory) };
  const { code, message, pointer } = verified.refusal;
  return { ok: false, refused: { file: shown, code, message, ...(pointer !== undefined && { pointer }) } };
}

function toEntry(verified: VerifiedPack, file: string, memory: ReadMemory): HistoryEntry {
  const { statement, digest, place, receipt, pack } = verified;
  const { predicate } = statement;
  const documents: ReadDocuments = new Map(
    statement.subject.flatMap(({ name, digest: { sha256 } }) => {
      const document = verified.documents.get(name) ?? memory.documents.get(sha256);
      return document === undefined ? [] : [[name, { digest: sha256, document }] as const];
    }),
  );
  for (const { digest: key, document } of documents.values()) {
    memory.documents.delete(key);
    memory.documents.set(key, document);
  }
  for (const oldest of memory.documents.keys()) {
    if (memory.documents.size <= keptDocuments) break;
    memory.documents.delete(oldest);
  }
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
    ...(place !== undefined && { notAfter: { origin: place.origin, size: place.size } }),
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

/** The path as it is shown: below the folder, with slashes. */
export function shownPath(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}
