/**
 * What an audit keeps of packs that it verified, so that the next call need not verify them again. Found by the
 * SHA-256 of a pack's bytes, never by its path or time, so that a changed pack is simply another one; bound to the
 * program that read it, to the log key and to the stamp authorities by an HMAC, whose key lies beside it for nobody else to read. Only packs
 * that were verified whole are in here, so nothing here turns a refused pack into an accepted one; whoever has the
 * folder's key could, and could change the program as well. Everything in it can be made anew: whatever is damaged,
 * foreign or of another version is passed over.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { canonicalText } from '../evidence/canonical-json.ts';
import { sha256Hex } from '../evidence/digest.ts';
import { cacheKey } from './cache-key.ts';
import { type FolderRows, folderRows, folderSchema } from './folder-rows.ts';
import type { CachedEntry } from './kept-packs.ts';

export type { CachedEntry } from './kept-packs.ts';

export type CacheScope = {
  /** Changes whenever what is read from a pack may change. */
  readonly program: string;
  /** The verifier line of the trusted log, where there is one. */
  readonly logKey?: string | undefined;
  /** Fingerprints of the time-stamping authorities that are trusted: an entry holds the time of their stamp. */
  readonly stampAuthorities?: readonly string[];
};

export type PackCache = {
  /** What was kept of the pack with this SHA-256; the caller asks whether its key is still trusted. */
  get(packDigest: string): CachedEntry | undefined;
  /** Of a pack that was verified whole. */
  put(packDigest: string, entry: CachedEntry): void;
  /** What was kept of whole folders, which costs a fraction of the same packs one by one. */
  readonly folders: Pick<FolderRows, 'load' | 'find' | 'save'>;
  /** Forgets everything: something in it was wrong. */
  discard(): void;
  /** Writes what was put: until then `get` does not know it. */
  flush(): void;
  /** Writes what was put, and ends. */
  close(): void;
};

const schema = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS entries (scope TEXT, pack TEXT, body TEXT, mac BLOB, PRIMARY KEY (scope, pack)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS parts (digest TEXT PRIMARY KEY, text TEXT) WITHOUT ROWID;
  ${folderSchema}`;

const busyMs = 5000;
/** Written in one transaction, so that another process waits little. */
const atOnce = 500;
/** Parts of the same content are the same object; so many are remembered. */
const sharedParts = 8192;
/** Shorter ones stand in the entry itself. */
const shortPart = 120;

/** A part that stands elsewhere, by its SHA-256, or here. */
type Kept = { readonly d: string } | { readonly v: unknown };
type Body = Omit<CachedEntry, 'seen' | 'documents' | 'collectors'> & {
  readonly documents: Kept;
  readonly collectors: Kept;
  readonly seen: Readonly<Record<string, Kept>>;
};

/** A folder that nobody else can write. Where the file in it is damaged, it begins anew; undefined where it cannot be used at all. */
export function openPackCache(
  folder: string,
  { program, logKey, stampAuthorities = [] }: CacheScope,
): PackCache | undefined {
  const scope = sha256Hex(
    Buffer.from(canonicalText({ program, logKey: logKey ?? null, stampAuthorities: stampAuthorities.toSorted() })),
  );
  try {
    const key = cacheKey(folder);
    const file = join(folder, 'packs.sqlite');
    return cacheOver(openDatabase(file) ?? openAnew(file), scope, key);
  } catch {
    return undefined;
  }
}

/**
 * For this process alone: SQLite gives it a file that has no name (https://sqlite.org/inmemorydb.html#temp_db), gone
 * with the process however that ends. Undefined where there is no SQLite.
 */
export function openTemporaryCache(): PackCache | undefined {
  const database = openDatabase('');
  return database && cacheOver(database, 'this process', randomBytes(32));
}

function openDatabase(file: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    // Not an import: whoever uses no cache starts faster without SQLite.
    const sqlite = process.getBuiltinModule('node:sqlite');
    database = new sqlite.DatabaseSync(file, { timeout: busyMs });
    database.exec(schema);
    database.prepare('SELECT scope, pack, body, mac FROM entries LIMIT 1').all();
    database.prepare('SELECT digest, text FROM parts LIMIT 1').all();
    database.prepare('SELECT scope, folder, number, body, mac FROM folders LIMIT 1').all();
    return database;
  } catch (error) {
    database?.close();
    // SQLITE_BUSY (https://sqlite.org/rescode.html): somebody else uses it, which is no damage.
    if (error instanceof Error && 'errcode' in error && error.errcode === 5) throw error;
    return undefined;
  }
}

function openAnew(file: string): DatabaseSync {
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  const database = openDatabase(file);
  if (database === undefined) throw new Error('no cache can be made here');
  return database;
}

function cacheOver(database: DatabaseSync, scope: string, key: Uint8Array): PackCache {
  const select = database.prepare('SELECT body, mac FROM entries WHERE scope = ? AND pack = ?');
  const selectPart = database.prepare('SELECT text FROM parts WHERE digest = ?');
  const insert = database.prepare('INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)');
  const insertPart = database.prepare('INSERT OR REPLACE INTO parts VALUES (?, ?)');
  const folders = folderRows(database, scope, key);
  const shared = new Map<string, unknown>();
  const known = new Set<string>();
  let waiting: { readonly pack: string; readonly body: string; readonly parts: ReadonlyMap<string, string> }[] = [];

  const macOf = (pack: string, body: string): Uint8Array =>
    createHmac('sha256', key).update(`affiant-pack-cache/1\n${scope}\n${pack}\n${body}`).digest();

  const partOf = (kept: Kept): unknown => {
    if ('v' in kept) return kept.v;
    const again = shared.get(kept.d);
    if (again !== undefined) return again;
    const text = selectPart.get(kept.d)?.['text'];
    if (typeof text !== 'string' || sha256Hex(Buffer.from(text)) !== kept.d) throw new Error('a part was changed');
    const part: unknown = JSON.parse(text);
    if (shared.size >= sharedParts) shared.clear();
    shared.set(kept.d, part);
    return part;
  };

  const flush = (): void => {
    if (waiting.length === 0) return;
    const now = waiting;
    waiting = [];
    try {
      database.exec('BEGIN IMMEDIATE');
      for (const { pack, body, parts } of now) {
        for (const [digest, text] of parts) insertPart.run(digest, text);
        insert.run(scope, pack, body, macOf(pack, body));
      }
      database.exec('COMMIT');
    } catch {
      // A full disk, or another process that holds it for long: these packs are verified again next time.
      known.clear();
      if (database.isTransaction) database.exec('ROLLBACK');
    }
  };

  return {
    folders,
    get(pack) {
      try {
        const row = select.get(scope, pack);
        const [body, mac] = [row?.['body'], row?.['mac']];
        if (typeof body !== 'string' || !(mac instanceof Uint8Array)) return undefined;
        const expected = macOf(pack, body);
        if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) return undefined;
        const kept = JSON.parse(body) as Body;
        // Members stay in their order: what is printed is the same with and without a cache.
        return {
          ...kept,
          documents: partOf(kept.documents),
          collectors: partOf(kept.collectors),
          seen: Object.fromEntries(Object.entries(kept.seen).map(([name, part]) => [name, partOf(part)])),
        } as CachedEntry;
      } catch {
        return undefined;
      }
    },
    put(pack, entry) {
      const parts = new Map<string, string>();
      const keep = (value: unknown): Kept => {
        const text = JSON.stringify(value);
        if (text.length <= shortPart) return { v: value };
        const digest = sha256Hex(Buffer.from(text));
        if (known.size >= sharedParts) known.clear();
        if (!known.has(digest)) parts.set(digest, text);
        known.add(digest);
        return { d: digest };
      };
      const seenParts = Object.entries(entry.seen).filter(([, value]) => value !== undefined);
      const body: Body = {
        ...entry,
        documents: keep(entry.documents),
        collectors: keep(entry.collectors),
        seen: Object.fromEntries(seenParts.map(([name, value]) => [name, keep(value)])),
      };
      waiting.push({ pack, body: JSON.stringify(body), parts });
      if (waiting.length >= atOnce) flush();
    },
    discard() {
      waiting = [];
      known.clear();
      shared.clear();
      folders.discard();
      try {
        database.exec('DELETE FROM entries; DELETE FROM parts; DELETE FROM folders');
      } catch {
        // What cannot be deleted now is found wrong again.
      }
    },
    flush() {
      flush();
      folders.flush();
    },
    close() {
      flush();
      folders.flush();
      try {
        database.close();
      } catch {
        // It was closed before.
      }
    },
  };
}
