/** A pack as a file of the spool: its name, and whether its content is what this server signed. */
import { openBundle } from '../../evidence/bundle.ts';
import { decodePack, type PackParts, packLimits, packParts } from '../../evidence/pack.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { Statement } from '../../schemas/generated/types.ts';
import { type KnownKeys, knownKeys } from './keys.ts';
import { pathIn, type State } from './state.ts';

/** A pack whose signature and documents were checked. */
export type PackFile = {
  readonly parts: PackParts;
  readonly statement: Statement;
  /** The bundle digest. */
  readonly digest: string;
  /** Names of subjects whose documents the file no longer holds. */
  readonly missing: readonly string[];
};

/** The place in a chain that a file's name tells; `chain8` is the start of the chain's id. */
export type Place = { readonly chain8: string; readonly sequence: number };

/** `<first 8 of the chain id>-<sequence, at least 12 digits>.pack.json` */
export function packName(chain: string, sequence: number): string {
  return `${chain.slice(0, 8)}-${String(sequence).padStart(12, '0')}.pack.json`;
}

export function placeOf(name: string): Place | undefined {
  const [, chain8, digits] = /^([0-9a-f]{8})-([0-9]{12,16})\.pack\.json$/.exec(name) ?? [];
  return chain8 === undefined || digits === undefined ? undefined : { chain8, sequence: Number(digits) };
}

/**
 * The pack in these bytes: canonical, signed by one of the keys, its documents named by the statement, and
 * under its own name. Documents may be missing (the spool's cap), never strange. Their schemas are
 * not asked: a pack that waited through an update of the agent is as good as before.
 */
export function readPackFile(bytes: Uint8Array, keys: KnownKeys, name?: string): Result<PackFile> {
  const pack = decodePack(bytes);
  if (!pack.ok) return pack;
  const { hint } = pack.value.bundle.verificationMaterial.publicKey;
  const key = keys(hint);
  if (key === undefined) return refuse('key-mismatch', `the pack is signed by another key: ${hint}`);
  const opened = openBundle(pack.value.bundle, key);
  if (!opened.ok) return opened;
  const { statement, digest } = opened.value;
  const parts = packParts(pack.value);
  const named = new Set(statement.subject.map((subject) => subject.digest.sha256));
  for (const document of parts.documents.keys())
    if (!named.has(document))
      return refuse('document-unknown', 'the pack holds a document that its statement does not name', {
        pointer: `/documents/${document}`,
      });
  const { id, sequence } = statement.predicate.chain;
  if (name !== undefined && name !== packName(id, sequence))
    return refuse('name-mismatch', `the pack is number ${sequence} of its chain, and its file has another name`);
  const missing = statement.subject
    .filter((subject) => !parts.documents.has(subject.digest.sha256))
    .map((subject) => subject.name);
  return ok({ parts, statement, digest, missing });
}

/** A pack of the state folder; undefined where it is not there or not whole. Inside the lock. */
export function readPack(state: State, folder: 'spool' | 'packs', name: string): PackFile | undefined {
  const path = pathIn(state, folder, name);
  const look = state.files.look(path);
  if (look?.type !== 'file' || look.size > packLimits.maxBytes) return undefined;
  const bytes = state.files.read(path);
  const pack = bytes === undefined ? undefined : readPackFile(bytes, knownKeys(state), name);
  return pack?.ok === true ? pack.value : undefined;
}
