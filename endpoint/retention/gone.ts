/** Removes documents inside a transaction that records it, and tells which bundles lost some. */
import type { Statement } from '../../schemas/generated/types.ts';
import { bytesOf, hexOf, numberOf, type Row, type Sql, textOf } from '../store/sql.ts';

/** A document that is to go. */
export type Leaving = {
  readonly id: number;
  readonly key: number;
  readonly sha256: string;
  readonly size: number;
  readonly receivedAt: string;
};

export const leavingColumns = 'id, key, sha256, size, received_at';

export function leavingOf(row: Row): Leaving {
  return {
    id: numberOf(row, 'id'),
    key: numberOf(row, 'key'),
    sha256: hexOf(row, 'sha256'),
    size: numberOf(row, 'size'),
    receivedAt: textOf(row, 'received_at'),
  };
}

/** Deletes them and takes them off the totals. SQLite overwrites what it frees (`secure_delete`). */
export async function removeDocuments(sql: Sql, leaving: readonly Leaving[]): Promise<void> {
  for (const { id } of leaving) await sql.run('DELETE FROM document WHERE id = $1', [id]);
  await sql.run('UPDATE log_head SET documents = documents - $1, document_bytes = document_bytes - $2 WHERE id = 1', [
    leaving.length,
    leaving.reduce((sum, { size }) => sum + size, 0),
  ]);
}

/** How many bundles name one of the documents: their statements say so, and they stay. */
export async function bundlesLosing(sql: Sql, leaving: readonly Leaving[]): Promise<number> {
  let losing = 0;
  for (const [key, documents] of Map.groupBy(leaving, (document) => document.key)) {
    const digests = new Set(documents.map(({ sha256 }) => sha256));
    const since = documents.map(({ receivedAt }) => receivedAt).toSorted()[0] ?? '';
    for (let after = -1; ; ) {
      const rows = await sql.all(
        `SELECT log_index, payload FROM bundle WHERE key = $1 AND received_at >= $2 AND log_index > $3
         ORDER BY log_index LIMIT 500`,
        [key, since, after],
      );
      for (const row of rows) if (subjectsOf(row).some(({ digest }) => digests.has(digest.sha256))) losing += 1;
      if (rows.length < 500) break;
      after = numberOf(rows.at(-1) ?? {}, 'log_index');
    }
  }
  return losing;
}

export function subjectsOf(row: Row): Statement['subject'] {
  return (JSON.parse(Buffer.from(bytesOf(row, 'payload')).toString('utf8')) as Statement).subject;
}
