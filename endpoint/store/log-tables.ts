/** The log in its tables: the locked head, leaves, tiles, checkpoints, and proofs from what is stored. */
import type { LogSigner } from '../../evidence/checkpoint.ts';
import { encodeEntries, nodesFromTiles, placeInTile, type TileAddress, tileWidth } from '../../evidence/log-tiles.ts';
import { consistencyProofAt, inclusionProofAt, type NodeReader } from '../../evidence/merkle.ts';
import type { SealedLog } from '../log.ts';
import { type Edge, makeEdge } from '../log-edge.ts';
import { forUpdate, insertRows } from './dialect.ts';
import { bytesOf, numberOf, type Row, type Sql, textOf } from './sql.ts';

/** A leaf that waits to be written. */
export type NewLeaf = {
  readonly index: number;
  readonly kind: string;
  readonly hash: Uint8Array;
  readonly body: Uint8Array;
};

export type Head = { readonly edge: Edge; readonly documents: number; readonly documentBytes: number };

/** Locks the log for the rest of the transaction: whoever comes second waits here and reads what the first one left. */
export async function lockHead(sql: Sql): Promise<Head> {
  const row = await sql.get(
    `SELECT size, frontier, documents, document_bytes FROM log_head WHERE id = 1 ${forUpdate(sql)}`,
  );
  if (row === undefined) throw new Error('the log has no head');
  return {
    edge: makeEdge(numberOf(row, 'size'), bytesOf(row, 'frontier')),
    documents: numberOf(row, 'documents'),
    documentBytes: numberOf(row, 'document_bytes'),
  };
}

/** Signs the tree of the edge and writes all that is new of it. Nobody may see the checkpoint before the commit. */
export async function sealHead(
  sql: Sql,
  head: Head,
  leaves: readonly NewLeaf[],
  signer: LogSigner,
  signedAt: string,
): Promise<SealedLog> {
  const { edge } = head;
  const size = edge.size();
  const root = edge.root();
  const sealed: SealedLog = { size, root, note: signer.signCheckpoint(size, root), logKey: signer.verifierKey };
  await Promise.all([
    insertRows(
      sql,
      'log_leaf',
      ['position', 'kind', 'hash', 'body'],
      leaves.map(({ index, kind, hash, body }) => [index, kind, hash, body]),
    ),
    insertRows(
      sql,
      'log_tile',
      ['level', 'position', 'hash'],
      edge.tiles.map(({ level, position, hash }) => [level, position, hash]),
    ),
    sql.run('INSERT INTO checkpoint (size, root, note, signed_at) VALUES ($1, $2, $3, $4)', [
      size,
      root,
      sealed.note,
      signedAt,
    ]),
    sql.run('UPDATE log_head SET size = $1, frontier = $2, documents = $3, document_bytes = $4 WHERE id = 1', [
      size,
      edge.frontier(),
      head.documents,
      head.documentBytes,
    ]),
  ]);
  return sealed;
}

function sealedOf(row: Row, logKey: string): SealedLog {
  return { size: numberOf(row, 'size'), root: bytesOf(row, 'root'), note: textOf(row, 'note'), logKey };
}

/** The newest signed checkpoint; undefined in a store that was never opened. */
export async function newestCheckpoint(sql: Sql, logKey: string): Promise<SealedLog | undefined> {
  const row = await sql.get('SELECT size, root, note FROM checkpoint ORDER BY size DESC LIMIT 1');
  return row && sealedOf(row, logKey);
}

/** The checkpoint that was signed over a tree of exactly this size. */
export async function checkpointOf(sql: Sql, size: number, logKey: string): Promise<SealedLog | undefined> {
  const row = await sql.get('SELECT size, root, note FROM checkpoint WHERE size = $1', [size]);
  return row && sealedOf(row, logKey);
}

/**
 * Reads what `prove` asks of the tree: once to hear which nodes it wants, once with them. Only tile roots
 * and leaf hashes are stored; nodes between them are made here, at most 255 hashes a tile.
 */
export async function withNodes<T>(sql: Sql, prove: (nodes: NodeReader) => T): Promise<T> {
  const wanted = new Map<string, { level: number; index: number }>();
  prove({
    get(level, index) {
      const place = placeInTile(level, index);
      wanted.set(`${place.level}/${place.index}`, place);
      return new Uint8Array(32);
    },
  });
  const tiles = new Map<string, readonly Uint8Array[]>();
  await Promise.all(
    Array.from(wanted, async ([name, { level, index }]) => tiles.set(name, await tileHashes(sql, level, index))),
  );
  return prove(nodesFromTiles((level, index) => tiles.get(`${level}/${index}`) ?? []));
}

/** The hashes of a tile from its left, as many as are stored without a hole; at most 256. `level` 0 are leaves. */
export async function tileHashes(sql: Sql, level: number, index: number): Promise<Uint8Array[]> {
  const from = index * tileWidth;
  const rows =
    level === 0
      ? await sql.all('SELECT position, hash FROM log_leaf WHERE position >= $1 AND position < $2 ORDER BY position', [
          from,
          from + tileWidth,
        ])
      : await sql.all(
          'SELECT position, hash FROM log_tile WHERE level = $1 AND position >= $2 AND position < $3 ORDER BY position',
          [level, from, from + tileWidth],
        );
  return inOrder(rows, from, 'hash');
}

/** The bodies of the leaves that an entry bundle holds. */
export async function tileEntries(sql: Sql, index: number): Promise<Uint8Array[]> {
  const from = index * tileWidth;
  const rows = await sql.all(
    'SELECT position, body FROM log_leaf WHERE position >= $1 AND position < $2 ORDER BY position',
    [from, from + tileWidth],
  );
  return inOrder(rows, from, 'body');
}

function inOrder(rows: readonly Row[], from: number, column: string): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const row of rows) {
    if (numberOf(row, 'position') !== from + found.length) break;
    found.push(bytesOf(row, column));
  }
  return found;
}

/** The proof that the tree of `second` leaves continues that of `first`; undefined where the log has no tree of `second`. */
export async function readConsistency(sql: Sql, first: number, second: number): Promise<Uint8Array[] | undefined> {
  if (second > (await headSize(sql)) || first < 1 || first > second) return undefined;
  return withNodes(sql, (nodes) => consistencyProofAt(first, second, nodes));
}

/** The proof that the leaf stands in the tree of `size` leaves; undefined where the log has no such leaf or tree. */
export async function readInclusion(sql: Sql, index: number, size: number): Promise<Uint8Array[] | undefined> {
  if (size > (await headSize(sql)) || index < 0 || index >= size) return undefined;
  return withNodes(sql, (nodes) => inclusionProofAt(index, size, nodes));
}

async function headSize(sql: Sql): Promise<number> {
  return numberOf((await sql.get('SELECT size FROM log_head WHERE id = 1')) ?? {}, 'size');
}

/** The bytes at a tile's address; undefined where the log is not that large. */
export async function readTile(sql: Sql, { of, level, index, width }: TileAddress): Promise<Uint8Array | undefined> {
  const found = of === 'entries' ? await tileEntries(sql, index) : await tileHashes(sql, level, index);
  if (found.length < width) return undefined;
  const part = found.slice(0, width);
  return of === 'entries' ? encodeEntries(part) : Buffer.concat(part);
}
