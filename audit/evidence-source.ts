/** Everything that an audit is asked over: packs, inventory, attestations, policies, catalogues: read once, verified. */
import { existsSync, readFileSync } from 'node:fs';
import { catalogues } from '../catalogue/list.ts';
import { ok, type Result, refuse } from '../evidence/result.ts';
import { type Attestation, readAttestations } from './attestations.ts';
import type { AuditOptions } from './audit-host.ts';
import type { DocumentsOf } from './context.ts';
import type { EntryStore } from './entry-store.ts';
import type { UnchangedBy } from './file-identity.ts';
import type { HistoryEntry, RefusedPack } from './history-model.ts';
import { readInventory } from './inventory.ts';
import type { PackCache } from './pack-cache.ts';
import { listPacks, shownPath } from './pack-files.ts';
import { choosePolicies, loadPolicies } from './policy/policy-set.ts';
import { cacheHeld, readEntry, readMemory, type Trust } from './read-packs.ts';

export type SourceRequest = {
  readonly packs: string;
  readonly trust: Trust;
  readonly inventory?: string;
  readonly attestations?: string;
  readonly policies?: string;
  /** What was kept of packs that were verified before. */
  readonly cache?: PackCache | undefined;
  /** How packs of folders that the cache has are known again; undefined: as is usual for the folder. */
  readonly unchangedBy?: UnchangedBy | undefined;
  /** A cache for this call alone, asked for where there are very many packs and no other. */
  readonly spill?: () => PackCache | undefined;
  /** Names of policies, instead of those in force. */
  readonly chosen?: readonly string[];
};

/** A folder of packs, and what stands before the names of its files where they are shown. */
export type PackFolder = { readonly path: string; readonly shown: string };

/** What an audit knows beside the entries. */
type Beside = {
  readonly refused: readonly RefusedPack[];
  /** All but the day. */
  readonly options: Omit<AuditOptions, 'at'>;
  /** What a reader must know of where it comes from. */
  readonly notes: readonly string[];
};

export type EvidenceSource = Beside & { readonly entries: readonly HistoryEntry[] };

/** The same, server by server. */
export type EvidenceStream = Beside & { readonly store: EntryStore };

/** Refuses where a folder or a file cannot be used at all; single packs that do not verify are named in `refused`. */
export function readSource(request: SourceRequest, entriesOf = readFolder): Result<EvidenceSource> {
  return sourceOver(request, () => {
    const read = entriesOf(request.packs, request.trust, request.cache);
    if (!read.ok) return read;
    const { entries, refused } = read.value;
    const keyIds = new Set(entries.map(({ keyId }) => keyId));
    return ok({ own: { entries }, refused, keyIds, replayed: entries.some(({ mode }) => mode === 'replay') });
  });
}

/** All that an audit asks beside the packs, around what `packs` read of them. */
export function sourceOver<Own extends object>(
  request: SourceRequest,
  packs: () => Result<{
    readonly own: Own;
    readonly refused: readonly RefusedPack[];
    readonly keyIds: ReadonlySet<string>;
    readonly replayed: boolean;
    readonly documents?: DocumentsOf;
  }>,
): Result<Beside & Own> {
  const { trust } = request;
  const notes: string[] = [];
  const loaded = loadPolicies(request.policies);
  if (!loaded.ok) return loaded;
  const inventory = request.inventory === undefined ? undefined : inventoryFrom(request.inventory, trust);
  if (inventory?.ok === false) return inventory;
  if (inventory?.ok === true && inventory.value.signedBy === undefined)
    notes.push(
      `the inventory is not signed: nobody vouches for exposure, role and owner (${request.inventory}.sigstore.json is not there)`,
    );
  const chosen = request.chosen ?? inventory?.value.inventory.policies;
  const policies = choosePolicies(loaded.value, chosen);
  if (!policies.ok) return policies;
  const attestations =
    request.attestations === undefined ? undefined : readAttestations(request.attestations, trust.key);
  if (attestations?.ok === false) return attestations;
  const read = packs();
  if (!read.ok) return read;
  const said = byPersons(attestations?.value.attestations ?? [], read.value.keyIds);
  if (trust.logKey === undefined) notes.push('no log key was given: places in the log are not checked');
  if (read.value.replayed) notes.push('replayed recordings are among the packs: they prove nothing of a server');
  return ok({
    ...read.value.own,
    refused: [...read.value.refused, ...(attestations?.value.refused ?? []), ...said.refused],
    options: {
      catalogues,
      policies: policies.value,
      attestations: said.kept,
      ...(inventory !== undefined && { inventory: inventory.value.inventory }),
      ...(read.value.documents !== undefined && { documents: read.value.documents }),
    },
    notes,
  });
}

/** A server's key vouches for what the server is, and not for what a person has looked at: it could clear itself. */
function byPersons(
  all: readonly Attestation[],
  servers: ReadonlySet<string>,
): { readonly kept: readonly Attestation[]; readonly refused: readonly RefusedPack[] } {
  const bad = all.filter(({ predicate }) => servers.has(predicate.key.id));
  return {
    kept: all.filter((each) => !bad.includes(each)),
    refused: bad.map(({ file, predicate }) => ({
      file,
      code: 'key-of-a-server',
      message: `signed by the key ${predicate.key.id}, which signs bundles: a server cannot speak for a person`,
    })),
  };
}

export type ReadFolder = { readonly entries: readonly HistoryEntry[]; readonly refused: readonly RefusedPack[] };

/** Every pack below the folder. Refuses with `packs-none` where there is none, and as `cacheHeld` does. */
export function readFolder(folder: string, trust: Trust, cache?: PackCache): Result<ReadFolder> {
  const paths = listPacks(folder);
  if (!paths.ok) return paths;
  if (paths.value.length === 0) return noPacks(folder);
  const memory = readMemory(cache);
  const entries: HistoryEntry[] = [];
  const refused: RefusedPack[] = [];
  for (const path of paths.value) {
    const read = readEntry(path, shownPath(folder, path), trust, memory);
    if (read.ok) entries.push(read.entry);
    else refused.push(read.refused);
  }
  const held = cacheHeld(memory);
  return held.ok ? ok({ entries, refused }) : held;
}

export function noPacks(folder: string): Result<never> {
  return refuse('packs-none', `${folder} holds no packs (*.pack.json)`, {
    remedy: 'give the folder that holds them with --packs',
  });
}

function inventoryFrom(file: string, trust: Trust): ReturnType<typeof readInventory> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('inventory-unreadable', `${file} cannot be read (${code})`, {
      remedy: 'check the path given with --inventory',
    });
  }
  const beside = `${file}.sigstore.json`;
  return readInventory(text, file, existsSync(beside) ? readFileSync(beside) : undefined, trust.key);
}
