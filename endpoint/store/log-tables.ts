/** The log in its tables: the locked head, leaves, tiles, checkpoints, and proofs from what is stored. */
import type { LogSigner } from '../../evidence/checkpoint.ts';
import { type NodeReader, nodeHash } from '../../evidence/merkle.ts';
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

const tileLevels = 8;
const tileWidth = 256;

/**
 * Reads what `prove` asks of the tree: once to hear which nodes it wants, once with them. Only tile roots
 * and leaf hashes are stored; nodes between them are made here, at most 255 hashes a tile.
 */
export async function withNodes<T>(sql: Sql, prove: (nodes: NodeReader) => T): Promise<T> {
  const wanted = new Map<string, { level: number; tile: number }>();
  prove({
    get(level, index) {
      const place = placeOf(level, index);
      wanted.set(`${place.level}/${place.tile}`, place);
      return new Uint8Array(32);
    },
  });
  const tiles = new Map<string, readonly Uint8Array[]>();
  await Promise.all(
    Array.from(wanted, async ([name, { level, tile }]) => tiles.set(name, await tileHashes(sql, level, tile))),
  );
  return prove({
    get(level, index) {
      const { level: tileLevel, tile, begin, length } = placeOf(level, index);
      const hashes = (tiles.get(`${tileLevel}/${tile}`) ?? []).slice(begin, begin + length);
      if (hashes.length !== length) throw new RangeError(`the stored tree lacks node ${level}/${index}`);
      return foldFull(hashes);
    },
  });
}

/** The tile that a node is made from, and the part of the tile's hashes under it. */
function placeOf(level: number, index: number): { level: number; tile: number; begin: number; length: number } {
  const tileLevel = Math.floor(level / tileLevels);
  const length = 2 ** (level % tileLevels);
  const first = index * length;
  const tile = Math.floor(first / tileWidth);
  return { level: tileLevel, tile, begin: first - tile * tileWidth, length };
}

function foldFull(hashes: readonly Uint8Array[]): Uint8Array {
  let row = hashes;
  while (row.length > 1)
    row = Array.from({ length: row.length / 2 }, (_, index) =>
      nodeHash(row[index * 2] ?? new Uint8Array(), row[index * 2 + 1] ?? new Uint8Array()),
    );
  return row[0] ?? new Uint8Array();
}

/** The hashes of a tile from its left, as many as are stored without a hole; at most 256. `level` 0 are leaves. */
export async function tileHashes(sql: Sql, level: number, tile: number): Promise<Uint8Array[]> {
  const from = tile * tileWidth;
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
  const hashes: Uint8Array[] = [];
  for (const row of rows) {
    if (numberOf(row, 'position') !== from + hashes.length) break;
    hashes.push(bytesOf(row, 'hash'));
  }
  return hashes;
}
