/** Packs from an endpoint in a folder, as `affiant verify` and an audit read them: TARGET/INDEX-DIGEST.pack.json, the keys beside them. */
import { createPublicKey } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeBase64 } from '../../evidence/base64.ts';
import type { LogVerifier } from '../../evidence/checkpoint.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { type VerificationKey, verificationKeyFromPem } from '../../evidence/signing-key.ts';
import { verifyPack } from '../../evidence/verify-pack.ts';
import type { BundleList } from '../../schemas/generated/types.ts';
import type { ReaderClient } from './reader-client.ts';

type Entry = BundleList['bundles'][number];

export type Fetched = {
  readonly entry: Entry;
  readonly outcome: 'fetched' | 'present' | 'failed';
  /** Of a failed one; of a fetched one the names of documents that the endpoint does not keep any more. */
  readonly detail?: string;
};

export type FetchOptions = {
  readonly folder: string;
  readonly endpoint: string;
  readonly target: string | undefined;
  readonly log: LogVerifier;
  readonly onFetched: (fetched: Fetched) => void;
};

/**
 * Fetches what is behind the place where the last run ended. Each pack is verified, signature, documents and
 * receipt, before it gets its name; the place moves on only past packs that lie in the folder, so that a
 * run that ends early is taken up again and one that failed is tried again.
 */
export async function fetchInto(client: ReaderClient, options: FetchOptions): Promise<Result<Fetched[]>> {
  const { folder, target } = options;
  const cursors = readCursors(folder, options.endpoint);
  if (!cursors.ok) return cursors;
  const name = target ?? '*';
  let after = cursors.value.get(name);
  let isWhole = true;
  const all: Fetched[] = [];
  for (;;) {
    const page = await client.bundles(target, after);
    if (!page.ok) return page;
    for (const entry of page.value.bundles) {
      const fetched = await fetchOne(client, entry, options);
      if (!fetched.ok) return fetched;
      all.push(fetched.value);
      options.onFetched(fetched.value);
      if (fetched.value.outcome === 'failed') isWhole = false;
      if (isWhole) cursors.value.set(name, entry.logIndex);
    }
    const saved = writeCursors(folder, options.endpoint, cursors.value);
    if (!saved.ok) return saved;
    const next = page.value.next === undefined ? undefined : Number(page.value.next);
    // A list that goes back would never end.
    if (next === undefined || next <= (after ?? -1)) return ok(all);
    after = next;
  }
}

async function fetchOne(client: ReaderClient, entry: Entry, { folder, log }: FetchOptions): Promise<Result<Fetched>> {
  const file = packFile(folder, entry);
  if (existsSync(file)) return ok({ entry, outcome: 'present' });
  const pack = await client.pack(entry.keyId, entry.digest);
  if (!pack.ok)
    return pack.refusal.code === 'bundle-unknown'
      ? ok({ entry, outcome: 'failed', detail: 'the endpoint lists it and does not give it' })
      : pack;
  const key = keyOf(pack.value.spki, entry.keyId);
  if (key === undefined)
    return ok({ entry, outcome: 'failed', detail: 'the endpoint gave another key than the one that it names' });
  const verified = verifyPack(pack.value.bytes, {
    key: (keyId) => (keyId === entry.keyId ? key.key : undefined),
    logKey: log,
    requireReceipt: true,
    allowMissingDocuments: true,
  });
  if (!verified.ok) return ok({ entry, outcome: 'failed', detail: verified.refusal.message });
  const { digest, statement, missing, place } = verified.value;
  if (digest !== entry.digest || statement.predicate.target.id !== entry.target || place?.index !== entry.logIndex)
    return ok({ entry, outcome: 'failed', detail: 'the endpoint gave another bundle than the one that it lists' });
  const written = writeInFolder(join(folder, 'keys', `${entry.keyId}.pem`), Buffer.from(key.pem));
  if (!written.ok) return written;
  const stored = writeInFolder(file, pack.value.bytes);
  if (!stored.ok) return stored;
  return ok({
    entry,
    outcome: 'fetched',
    ...(missing.length > 0 && { detail: `without documents that are not kept any more: ${missing.join(', ')}` }),
  });
}

export function packFile(
  folder: string,
  { target, logIndex, digest }: Pick<Entry, 'target' | 'logIndex' | 'digest'>,
): string {
  return join(folder, target, `${String(logIndex).padStart(12, '0')}-${digest.slice(0, 16)}.pack.json`);
}

/** A key may come from anybody: its id is the digest of its bytes. */
function keyOf(spki: string, keyId: string): { readonly key: VerificationKey; readonly pem: string } | undefined {
  const der = decodeBase64(spki);
  if (der === undefined || der.length === 0) return undefined;
  try {
    const pem = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
      .export({ type: 'spki', format: 'pem' })
      .toString();
    const key = verificationKeyFromPem(pem);
    return key.ok && key.value.keyId === keyId ? { key: key.value, pem } : undefined;
  } catch {
    return undefined;
  }
}

const cursorFile = 'fetch.json';

/** Refuses with `fetch-folder` a folder of another endpoint: two logs in one folder would be one history. */
function readCursors(folder: string, endpoint: string): Result<Map<string, number>> {
  const file = join(folder, cursorFile);
  if (!existsSync(file)) return ok(new Map());
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as { endpoint?: unknown; after?: Record<string, unknown> };
    if (value.endpoint !== endpoint)
      return refuse('fetch-folder', `${folder} holds packs of another endpoint (${String(value.endpoint)})`, {
        remedy: 'name another folder',
      });
    const entries = Object.entries(value.after ?? {}).flatMap(([name, index]): [string, number][] =>
      typeof index === 'number' && Number.isSafeInteger(index) ? [[name, index]] : [],
    );
    return ok(new Map(entries));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'it is no JSON';
    return refuse('fetch-folder', `${file} cannot be read (${code})`, {
      remedy: 'remove it: packs that lie in the folder are not fetched again',
    });
  }
}

function writeCursors(folder: string, endpoint: string, after: ReadonlyMap<string, number>): Result<undefined> {
  const text = `${JSON.stringify({ endpoint, after: Object.fromEntries(after) }, undefined, 2)}\n`;
  return writeInFolder(join(folder, cursorFile), Buffer.from(text));
}

/** Whole or not there: a file beside it, fsync, rename. */
export function writeInFolder(file: string, bytes: Uint8Array): Result<undefined> {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}.tmp`;
    const descriptor = openSync(temporary, 'w', 0o600);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
    return ok(undefined);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('fetch-folder', `${file} cannot be written (${code})`, {
      remedy: 'name a folder that this user may write, with room for the packs',
    });
  }
}

/** The log's key that is kept in the folder since its first use. */
export function pinnedLogKey(folder: string): string | undefined {
  const file = join(folder, 'log.vkey');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

export function pinLogKey(folder: string, verifierKey: string): Result<undefined> {
  return writeInFolder(join(folder, 'log.vkey'), Buffer.from(`${verifierKey}\n`));
}
