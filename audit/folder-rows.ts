/**
 * What the cache (pack-cache.ts) keeps of whole folders: a row of all packs of a folder, and a row more for each call that found
 * new ones, until there are many. Each row is bound by an HMAC to the folder's path, to its number and to the row
 * before it: a row that was changed, moved, or that is of another folder ends what is believed there.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { type CachedEntry, type KeptPack, readPacks, writePacks } from './kept-packs.ts';

/** What was kept of one folder. */
export type KeptFolder = {
  readonly packs: ReadonlyMap<string, KeptPack>;
  /** Of the rows that were read. */
  readonly rows: number;
  readonly mac: string;
  readonly last?: CachedEntry;
};

export type FolderRows = {
  /** By the folder's path; nothing where nothing was kept, or nothing of it can be believed. */
  load(folder: string): KeptFolder;
  /** A pack by its SHA-256, where a row of its folder has it. The last folder that was asked for is held. */
  find(folder: string, packDigest: string): CachedEntry | undefined;
  /** All packs that shall be kept of the folder; those that `load` gave are the same objects. Written at `flush`. */
  save(folder: string, before: KeptFolder, packs: readonly KeptPack[]): void;
  flush(): void;
  /** Forgets what waits to be written. */
  discard(): void;
};

export const folderSchema =
  'CREATE TABLE IF NOT EXISTS folders (scope TEXT, folder TEXT, number INTEGER, body TEXT, mac BLOB, UNIQUE (scope, folder, number));';

/** A folder with more is kept pack by pack: all of it is read at once. */
export const mostInRows = 4000;

/** A new day adds a row; so many are written as one again. */
const mostRows = 16;

/** Characters that wait to be written in one transaction. */
const waitingAtMost = 2 * 1024 * 1024;

const nothing: KeptFolder = { packs: new Map(), rows: 0, mac: '' };

type Row = { readonly folder: string; readonly number: number; readonly body: string; readonly mac: Uint8Array };

export function folderRows(database: DatabaseSync, scope: string, key: Uint8Array): FolderRows {
  const select = database.prepare(
    'SELECT number, body, mac FROM folders WHERE scope = ? AND folder = ? ORDER BY number',
  );
  const remove = database.prepare('DELETE FROM folders WHERE scope = ? AND folder = ?');
  const insert = database.prepare('INSERT OR REPLACE INTO folders VALUES (?, ?, ?, ?, ?)');
  let waiting: Row[] = [];
  let length = 0;

  const macOf = (folder: string, number: number, before: string, body: string): Uint8Array =>
    createHmac('sha256', key)
      .update(`affiant-folder-cache/1\n${scope}\n${folder}\n${number}\n${before}\n${body}`)
      .digest();

  const flush = (): void => {
    const now = waiting;
    waiting = [];
    length = 0;
    if (now.length === 0) return;
    try {
      database.exec('BEGIN IMMEDIATE');
      for (const { folder, number, body, mac } of now) {
        if (number === 0) remove.run(scope, folder);
        insert.run(scope, folder, number, body, mac);
      }
      database.exec('COMMIT');
    } catch {
      // A full disk, or another process that holds it for long: these packs are verified again next time.
      if (database.isTransaction) database.exec('ROLLBACK');
    }
  };

  let held: { readonly folder: string; readonly entries: ReadonlyMap<string, CachedEntry> } | undefined;
  const rows: FolderRows = {
    load(folder) {
      let kept = nothing;
      try {
        for (const { number, body, mac } of select.all(scope, folder)) {
          if (number !== kept.rows || typeof body !== 'string' || !(mac instanceof Uint8Array)) break;
          const expected = macOf(folder, number, kept.mac, body);
          if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) break;
          const packs = readPacks(body, kept.last);
          const last = packs.at(-1)?.entry ?? kept.last;
          kept = {
            packs: new Map([...kept.packs, ...packs.map((pack) => [pack.name, pack] as const)]),
            rows: number + 1,
            mac: Buffer.from(mac).toString('hex'),
            ...(last !== undefined && { last }),
          };
        }
      } catch {
        // What cannot be read is verified again.
      }
      return kept;
    },
    find(folder, packDigest) {
      if (held?.folder !== folder) {
        const packs = [...rows.load(folder).packs.values()];
        held = { folder, entries: new Map(packs.map(({ digest, entry }) => [digest, entry])) };
      }
      return held.entries.get(packDigest);
    },
    save(folder, before, packs) {
      held = undefined;
      const fresh = packs.filter((pack) => before.packs.get(pack.name) !== pack);
      const isGone = packs.length - fresh.length < before.packs.size - replaced(before, fresh);
      if (fresh.length === 0 && !isGone) return;
      const isMore = !isGone && before.rows > 0 && before.rows < mostRows && fresh.length * 4 <= packs.length;
      const number = isMore ? before.rows : 0;
      const body = writePacks(isMore ? fresh : packs, isMore ? before.last : undefined);
      waiting.push({ folder, number, body, mac: macOf(folder, number, isMore ? before.mac : '', body) });
      length += body.length;
      if (length >= waitingAtMost) flush();
    },
    flush,
    discard() {
      waiting = [];
      length = 0;
      held = undefined;
    },
  };
  return rows;
}

/** How many of the new ones stand in place of one that was kept. */
function replaced(before: KeptFolder, fresh: readonly KeptPack[]): number {
  return fresh.filter(({ name }) => before.packs.has(name)).length;
}
