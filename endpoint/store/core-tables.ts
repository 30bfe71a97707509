/** The tables of bundles and of the log. */
import { makeEdge } from '../log-edge.ts';
import type { Words } from './dialect.ts';
import type { StoreModule } from './module.ts';
import { bytesOf, numberOf, type Sql } from './sql.ts';

/** What a SQLite store of the first version holds. PostgreSQL came later and begins with the tables of the next step. */
const firstSqlite = `
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
`;

/** Tables that the first version of SQLite had in the same form. */
function unchanged({ integer, text, bytes, id }: Words): string {
  return `
CREATE TABLE signing_key (
  id ${id}, key_id ${text} NOT NULL UNIQUE, spki ${bytes} NOT NULL, role ${text} NOT NULL, first_seen_at ${text} NOT NULL
);
CREATE TABLE key_target (
  key ${integer} NOT NULL REFERENCES signing_key, target ${text} NOT NULL, bound_at ${text} NOT NULL, PRIMARY KEY (key, target)
);
CREATE TABLE checkpoint (
  size ${integer} PRIMARY KEY, root ${bytes} NOT NULL, note ${text} NOT NULL, signed_at ${text} NOT NULL
);
CREATE TABLE document (
  id ${id}, key ${integer} NOT NULL REFERENCES signing_key, sha256 ${bytes} NOT NULL, kind ${text} NOT NULL,
  zstd ${bytes} NOT NULL, size ${integer} NOT NULL, received_at ${text} NOT NULL, UNIQUE (key, sha256, kind)
);
CREATE TABLE dropped (
  key ${integer} NOT NULL REFERENCES signing_key, digest ${bytes} NOT NULL, name ${text} NOT NULL,
  PRIMARY KEY (key, digest, name)
);`;
}

function log({ integer, text, bytes, strict }: Words): string {
  return `
-- What each leaf of the log hashes, and its hash.
CREATE TABLE log_leaf (
  position ${integer} PRIMARY KEY, kind ${text} NOT NULL, hash ${bytes} NOT NULL, body ${bytes} NOT NULL
) ${strict};
-- Roots of full tiles: (level, position) is the root over 256^level leaves. Nodes between are made from these.
CREATE TABLE log_tile (
  level ${integer} NOT NULL, position ${integer} NOT NULL, hash ${bytes} NOT NULL, PRIMARY KEY (level, position)
) ${strict};
-- One row, locked by whoever appends. frontier: the roots of the full subtrees that make the tree, largest first.
CREATE TABLE log_head (
  id ${integer} PRIMARY KEY CHECK (id = 1), size ${integer} NOT NULL, frontier ${bytes} NOT NULL,
  documents ${integer} NOT NULL, document_bytes ${integer} NOT NULL
) ${strict};`;
}

function bundles({ integer, text, bytes, strict }: Words): string {
  return `
-- payload: the canonical bytes of the statement; with its type they make the bytes that are signed (PAE).
-- existing: the digest that stood at this place of the chain before, if one did. sealed: the size of the
-- checkpoint that its receipt leads to.
CREATE TABLE bundle (
  log_index ${integer} PRIMARY KEY REFERENCES log_leaf, sealed ${integer} NOT NULL REFERENCES checkpoint,
  key ${integer} NOT NULL REFERENCES signing_key, digest ${bytes} NOT NULL UNIQUE,
  target ${text} NOT NULL, mode ${text} NOT NULL, chain ${text} NOT NULL, sequence ${integer} NOT NULL, previous ${bytes},
  finished_at ${text} NOT NULL, received_at ${text} NOT NULL, labels ${text} NOT NULL, existing ${bytes},
  payload ${bytes} NOT NULL, signature ${bytes} NOT NULL
) ${strict};
CREATE INDEX bundle_place ON bundle (key, chain, sequence);
CREATE INDEX bundle_target ON bundle (target, log_index);
-- The servers that ever reported, with their newest bundle.
CREATE TABLE target (
  id ${text} PRIMARY KEY, first_at ${text} NOT NULL, newest_at ${text} NOT NULL, newest ${integer} NOT NULL, bundles ${integer} NOT NULL
) ${strict};
-- Signed records beside bundles, each a leaf: enrolment, revocation, pruning and others.
CREATE TABLE record (
  log_index ${integer} PRIMARY KEY REFERENCES log_leaf, sealed ${integer} NOT NULL REFERENCES checkpoint,
  kind ${text} NOT NULL, hash ${bytes} NOT NULL UNIQUE, envelope ${bytes} NOT NULL, at ${text} NOT NULL
) ${strict};
CREATE INDEX record_kind ON record (kind, log_index);`;
}

const emptyHead = `
INSERT INTO log_head (id, size, frontier, documents, document_bytes) VALUES (1, 0, $1, 0, 0)`;

async function fillFromFirst(sql: Sql): Promise<void> {
  await sql.script(`
INSERT INTO log_leaf SELECT position, kind, hash, body FROM leaf JOIN node USING (position) WHERE level = 0;
INSERT INTO log_tile SELECT level / 8, position, hash FROM node WHERE level > 0 AND level % 8 = 0;
INSERT INTO bundle SELECT log_index, json_extract(receipt, '$.treeSize'), key, digest, target, mode, chain, sequence, previous,
  finished_at, received_at, labels, existing, payload, signature
  FROM bundle_first JOIN receipt ON receipt.bundle = bundle_first.id ORDER BY log_index;
INSERT INTO target SELECT target, min(received_at), max(received_at), max(log_index), count(*) FROM bundle
  WHERE mode <> 'replay' GROUP BY target;
DROP TABLE receipt; DROP TABLE bundle_first; DROP TABLE leaf; DROP TABLE node;`);
  const edge = makeEdge(0, new Uint8Array());
  for (const row of await sql.all('SELECT hash FROM log_leaf ORDER BY position')) edge.appendHash(bytesOf(row, 'hash'));
  const documents = await sql.get('SELECT count(*) AS count, coalesce(sum(size), 0) AS bytes FROM document');
  await sql.run('UPDATE log_head SET size = $1, frontier = $2, documents = $3, document_bytes = $4', [
    edge.size(),
    edge.frontier(),
    numberOf(documents ?? {}, 'count'),
    numberOf(documents ?? {}, 'bytes'),
  ]);
}

export const coreTables: StoreModule = {
  name: 'core',
  steps: [
    (words, dialect) => (dialect === 'sqlite' ? firstSqlite : unchanged(words)),
    (words, dialect) => async (sql) => {
      const isSqlite = dialect === 'sqlite';
      // An index keeps its name when its table is renamed.
      if (isSqlite) await sql.script('DROP INDEX bundle_place; ALTER TABLE bundle RENAME TO bundle_first');
      await sql.script(log(words) + bundles(words));
      await sql.run(emptyHead, [new Uint8Array()]);
      if (isSqlite) await fillFromFirst(sql);
    },
    // When a bundle last named the document, to a day: what is named still is not pruned. Of those before this
    // step nobody knows, so they count as named by their key's newest bundle.
    ({ text }) => `
ALTER TABLE document ADD COLUMN used_at ${text} NOT NULL DEFAULT '';
UPDATE document SET used_at = coalesce((SELECT max(received_at) FROM bundle WHERE bundle.key = document.key), received_at);
CREATE INDEX document_used ON document (used_at);`,
  ],
};
