/**
 * A SQLite file as the first version of the store wrote it: its tables as they were released, filled with real
 * bundles in the order in which that version wrote. For tests of what later versions make of it.
 */
import { DatabaseSync } from 'node:sqlite';
import { constants, zstdCompressSync } from 'node:zlib';
import { canonicalBytes } from '../../../evidence/canonical-json.ts';
import { appendLeaf, inclusionProofAt, leafHash, type NodeReader, rootAt } from '../../../evidence/merkle.ts';
import { documentDigest } from '../../../evidence/pack.ts';
import { logLeaf, makeReceipt } from '../../../evidence/receipt.ts';
import type { Receipt } from '../../../schemas/generated/types.ts';
import type { SampleLog } from '../../evidence/sample.ts';
import type { Agent, Made } from '../agent.ts';

const tables = `
CREATE TABLE signing_key (
  id INTEGER PRIMARY KEY, key_id TEXT NOT NULL UNIQUE, spki BLOB NOT NULL, role TEXT NOT NULL, first_seen_at TEXT NOT NULL
) STRICT;
CREATE TABLE key_target (
  key INTEGER NOT NULL REFERENCES signing_key, target TEXT NOT NULL, bound_at TEXT NOT NULL, PRIMARY KEY (key, target)
) STRICT, WITHOUT ROWID;
CREATE TABLE leaf (position INTEGER PRIMARY KEY, kind TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE node (
  level INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, root BLOB NOT NULL, note TEXT NOT NULL, signed_at TEXT NOT NULL) STRICT;
CREATE TABLE bundle (
  id INTEGER PRIMARY KEY, key INTEGER NOT NULL REFERENCES signing_key, digest BLOB NOT NULL,
  target TEXT NOT NULL, mode TEXT NOT NULL, chain TEXT NOT NULL, sequence INTEGER NOT NULL, previous BLOB,
  finished_at TEXT NOT NULL, received_at TEXT NOT NULL, labels TEXT NOT NULL, existing BLOB,
  payload BLOB NOT NULL, signature BLOB NOT NULL, log_index INTEGER NOT NULL UNIQUE REFERENCES leaf,
  UNIQUE (key, digest)
) STRICT;
CREATE INDEX bundle_place ON bundle (key, chain, sequence);
CREATE TABLE receipt (bundle INTEGER PRIMARY KEY REFERENCES bundle, receipt TEXT NOT NULL) STRICT;
CREATE TABLE document (
  id INTEGER PRIMARY KEY, key INTEGER NOT NULL REFERENCES signing_key, sha256 BLOB NOT NULL, kind TEXT NOT NULL,
  zstd BLOB NOT NULL, size INTEGER NOT NULL, received_at TEXT NOT NULL, UNIQUE (key, sha256, kind)
) STRICT;
CREATE TABLE dropped (
  key INTEGER NOT NULL REFERENCES signing_key, digest BLOB NOT NULL, name TEXT NOT NULL, PRIMARY KEY (key, digest, name)
) STRICT, WITHOUT ROWID;
PRAGMA application_id = 0x41464e54; PRAGMA user_version = 1;
`;

export type FirstBundle = { readonly agent: Agent; readonly made: Made; readonly receipt: Receipt };

/** Each batch was sealed by one checkpoint. Gives the receipts that the agents got then. */
export function writeFirstStore(
  file: string,
  { signer }: SampleLog,
  receivedAt: string,
  batches: readonly (readonly { readonly agent: Agent; readonly made: Made }[])[],
): FirstBundle[] {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(tables);
  const run = (sql: string, ...values: (string | number | Uint8Array | null)[]): number =>
    Number(database.prepare(sql).run(...values).lastInsertRowid);
  const stored = new Map<string, Uint8Array>();
  const nodes: NodeReader = {
    get(level, index) {
      const hash = stored.get(`${level}/${index}`);
      if (hash === undefined) throw new RangeError(`no node ${level}/${index}`);
      return hash;
    },
  };
  const keys = new Map<string, number>();
  const places = new Map<string, string>();
  const written: FirstBundle[] = [];
  let size = 0;

  function keyOf({ key, target }: Agent): number {
    const known = keys.get(key.keyId);
    if (known !== undefined) return known;
    const spki = key.publicKey.export({ type: 'spki', format: 'der' });
    const id = run(
      'INSERT INTO signing_key (key_id, spki, role, first_seen_at) VALUES (?, ?, ?, ?)',
      key.keyId,
      spki,
      'agent',
      receivedAt,
    );
    run('INSERT INTO key_target (key, target, bound_at) VALUES (?, ?, ?)', id, target, receivedAt);
    keys.set(key.keyId, id);
    return id;
  }

  function keep(agent: Agent, { bundle, digest, statement, documents }: Made): { id: number; index: number } {
    const key = keyOf(agent);
    const { chain, target, mode, run: ran } = statement.predicate;
    for (const [name, document] of documents) {
      const bytes = canonicalBytes(document);
      run(
        'INSERT OR IGNORE INTO document (key, sha256, kind, zstd, size, received_at) VALUES (?, ?, ?, ?, ?, ?)',
        key,
        Buffer.from(documentDigest(document), 'hex'),
        name.startsWith('raw/') ? 'raw' : name,
        zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
        bytes.length,
        receivedAt,
      );
    }
    const body = logLeaf(bundle, agent.key);
    const index = size;
    size += 1;
    run('INSERT INTO leaf (position, kind, body) VALUES (?, ?, ?)', index, 'bundle', body);
    for (const { level, index: position, hash } of appendLeaf(index, leafHash(body), nodes)) {
      stored.set(`${level}/${position}`, hash);
      run('INSERT INTO node (level, position, hash) VALUES (?, ?, ?)', level, position, hash);
    }
    const place = `${chain.id}/${chain.sequence}`;
    const existing = places.get(place);
    if (existing === undefined) places.set(place, digest);
    const id = run(
      `INSERT INTO bundle (key, digest, target, mode, chain, sequence, previous, finished_at, received_at, labels, existing,
       payload, signature, log_index) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      key,
      Buffer.from(digest, 'hex'),
      target.id,
      mode,
      chain.id,
      chain.sequence,
      chain.previous === undefined ? null : Buffer.from(chain.previous, 'hex'),
      ran.finishedAt,
      receivedAt,
      existing === undefined ? '[]' : '["chain-fork"]',
      existing === undefined ? null : Buffer.from(existing, 'hex'),
      Buffer.from(bundle.dsseEnvelope.payload, 'base64'),
      Buffer.from(bundle.dsseEnvelope.signatures[0]?.sig ?? '', 'base64'),
      index,
    );
    return { id, index };
  }

  database.exec('BEGIN');
  for (const batch of batches) {
    const kept = batch.map(({ agent, made }) => ({ agent, made, ...keep(agent, made) }));
    const root = rootAt(size, nodes);
    const checkpoint = signer.signCheckpoint(size, root);
    run('INSERT INTO checkpoint (size, root, note, signed_at) VALUES (?, ?, ?, ?)', size, root, checkpoint, receivedAt);
    for (const { agent, made, id, index } of kept) {
      const hashes = inclusionProofAt(index, size, nodes);
      const receipt = makeReceipt({ index, size, hashes, checkpoint, logKey: signer.verifierKey });
      run('INSERT INTO receipt (bundle, receipt) VALUES (?, ?)', id, JSON.stringify(receipt));
      written.push({ agent, made, receipt });
    }
  }
  database.exec('COMMIT');
  database.close();
  return written;
}
