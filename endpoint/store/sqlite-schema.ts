import type { DatabaseSync } from 'node:sqlite';
import { ok, type Result, refuse } from '../../evidence/result.ts';

/** "AFNT": marks the file as ours (sqlite.org/pragma.html#pragma_application_id). */
const applicationId = 0x41464e54;

/** Step n brings a store of version n to n + 1. A released step is never changed. */
const steps: readonly string[] = [
  `
-- The keys that signed what is kept; a proof needs the public key long after trust in it ended.
CREATE TABLE signing_key (
  id INTEGER PRIMARY KEY, key_id TEXT NOT NULL UNIQUE, spki BLOB NOT NULL, role TEXT NOT NULL, first_seen_at TEXT NOT NULL
) STRICT;
-- The servers that a key speaks for.
CREATE TABLE key_target (
  key INTEGER NOT NULL REFERENCES signing_key, target TEXT NOT NULL, bound_at TEXT NOT NULL, PRIMARY KEY (key, target)
) STRICT, WITHOUT ROWID;
-- The log: what each leaf hashes, the full nodes of its tree, and each checkpoint that was signed.
CREATE TABLE leaf (position INTEGER PRIMARY KEY, kind TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE node (
  level INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, root BLOB NOT NULL, note TEXT NOT NULL, signed_at TEXT NOT NULL) STRICT;
-- payload: the canonical bytes of the statement; with its type they make the bytes that are signed (PAE).
-- existing: the digest that stood at this place of the chain before, if one did.
CREATE TABLE bundle (
  id INTEGER PRIMARY KEY, key INTEGER NOT NULL REFERENCES signing_key, digest BLOB NOT NULL,
  target TEXT NOT NULL, mode TEXT NOT NULL, chain TEXT NOT NULL, sequence INTEGER NOT NULL, previous BLOB,
  finished_at TEXT NOT NULL, received_at TEXT NOT NULL, labels TEXT NOT NULL, existing BLOB,
  payload BLOB NOT NULL, signature BLOB NOT NULL, log_index INTEGER NOT NULL UNIQUE REFERENCES leaf,
  UNIQUE (key, digest)
) STRICT;
CREATE INDEX bundle_place ON bundle (key, chain, sequence);
CREATE TABLE receipt (bundle INTEGER PRIMARY KEY REFERENCES bundle, receipt TEXT NOT NULL) STRICT;
-- Documents per key, so that nobody learns from an answer what another server sent. kind: the name
-- under which the document was validated; held under one name it does not stand for another.
CREATE TABLE document (
  id INTEGER PRIMARY KEY, key INTEGER NOT NULL REFERENCES signing_key, sha256 BLOB NOT NULL, kind TEXT NOT NULL,
  zstd BLOB NOT NULL, size INTEGER NOT NULL, received_at TEXT NOT NULL, UNIQUE (key, sha256, kind)
) STRICT;
-- Documents that a signed bundle says were let go at the spool's cap, by the bundle that lacks them.
CREATE TABLE dropped (
  key INTEGER NOT NULL REFERENCES signing_key, digest BLOB NOT NULL, name TEXT NOT NULL, PRIMARY KEY (key, digest, name)
) STRICT, WITHOUT ROWID;
`,
];

/**
 * Makes or migrates the tables, inside a transaction that the caller holds: two processes may start at
 * once. Refuses with `store-foreign` (a database of something else) or `store-newer` (made by a newer
 * version).
 */
export function migrate(database: DatabaseSync, file: string): Result<void> {
  const version = pragma(database, 'user_version');
  const owner = pragma(database, 'application_id');
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
  if (owner !== applicationId && !(owner === 0 && version === 0 && isEmpty))
    return refuse('store-foreign', `${file} is a database of another program`, { remedy: 'name another state folder' });
  if (version > steps.length)
    return refuse('store-newer', `${file} was made by a newer version of affiant (store version ${version})`, {
      remedy: 'start the version that made it, or a newer one',
    });
  for (const step of steps.slice(version)) database.exec(step);
  database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${steps.length}`);
  return ok(undefined);
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}
