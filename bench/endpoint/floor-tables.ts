/** What any endpoint must write of a bundle, in SQLite: itself by its digest, its place, its server; its leaf; documents. */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type Tables = {
  /** One transaction, flushed. */
  insert(from: number, payloads: readonly Uint8Array[], documents: readonly (readonly Uint8Array[])[]): void;
  close(): void;
};

const chains = 32;
const leafBytes = 500;

/** With so many bundles in them: what is written for one goes to pages of its own once an index is larger than a few. */
export function makeTables(folder: string, kept: number): Tables {
  const database = new DatabaseSync(join(folder, 'floor.db'));
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE bundle (id INTEGER PRIMARY KEY, digest BLOB UNIQUE, chain TEXT, sequence INTEGER, target TEXT, payload BLOB); CREATE INDEX place ON bundle (chain, sequence); CREATE INDEX target ON bundle (target, id); CREATE TABLE leaf (id INTEGER PRIMARY KEY, hash BLOB, body BLOB); CREATE TABLE document (id INTEGER PRIMARY KEY, sha BLOB UNIQUE, zstd BLOB)',
  );
  const bundle = database.prepare(
    'INSERT INTO bundle (digest, chain, sequence, target, payload) VALUES (?, ?, ?, ?, ?)',
  );
  const leaf = database.prepare('INSERT INTO leaf (hash, body) VALUES (?, ?)');
  const known = database.prepare('SELECT id FROM bundle WHERE digest = ?');
  const before = database.prepare('SELECT digest FROM bundle WHERE chain = ? AND sequence = ?');
  const document = database.prepare('INSERT OR IGNORE INTO document (sha, zstd) VALUES (?, ?)');
  const names = Array.from({ length: chains }, (_, index) => createHash('md5').update(String(index)).digest('hex'));
  const body = Buffer.alloc(leafBytes, 1);
  let sequence = 0;

  function insert(from: number, payloads: readonly Uint8Array[], documents: readonly (readonly Uint8Array[])[]): void {
    database.exec('BEGIN IMMEDIATE');
    for (const [index, payload] of payloads.entries()) {
      const digest = randomBytes(32);
      const chain = names[(from + index) % chains] ?? '';
      known.get(digest);
      before.get(chain, sequence - 1);
      bundle.run(digest, chain, sequence, chain, payload);
      leaf.run(digest, body);
      for (const bytes of documents[index] ?? []) document.run(digest, bytes);
    }
    sequence += 1;
    database.exec('COMMIT');
  }

  const filling = Array.from({ length: chains }, () => Buffer.alloc(2000, 1));
  database.exec('PRAGMA synchronous = OFF');
  for (let held = 0; held < kept; held += chains) insert(0, filling, []);
  database.exec('PRAGMA synchronous = FULL');
  return { insert, close: () => database.close() };
}
