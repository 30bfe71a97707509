/** Time stamps of checkpoints. */
import type { StoreModule } from './module.ts';
import { bytesOf, numberOf, type Sql } from './sql.ts';

export const stampTables: StoreModule = {
  name: 'stamps',
  steps: [
    ({ integer, text, bytes, strict }) => `
-- stamp: the TimeStampResp over the signed note of the checkpoint of that size (RFC 3161).
CREATE TABLE checkpoint_stamp (
  size ${integer} PRIMARY KEY REFERENCES checkpoint, stamp ${bytes} NOT NULL, at ${text} NOT NULL
) ${strict};`,
  ],
};

export type Stamp = { readonly size: number; readonly stamp: Uint8Array };

/** The oldest stamped checkpoint that holds the leaf: the earliest moment that is proved for it. */
export async function stampOver(sql: Sql, logIndex: number): Promise<Stamp | undefined> {
  const row = await sql.get('SELECT size, stamp FROM checkpoint_stamp WHERE size > $1 ORDER BY size LIMIT 1', [
    logIndex,
  ]);
  return row && { size: numberOf(row, 'size'), stamp: bytesOf(row, 'stamp') };
}

/** Size of the newest checkpoint that is stamped; −1 where none is. */
export async function newestStamped(sql: Sql): Promise<number> {
  return numberOf((await sql.get('SELECT coalesce(max(size), -1) AS size FROM checkpoint_stamp')) ?? {}, 'size');
}

/** Another process may have been quicker. */
export async function putStamp(sql: Sql, { size, stamp }: Stamp, at: string): Promise<void> {
  await sql.run('INSERT INTO checkpoint_stamp (size, stamp, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
    size,
    stamp,
    at,
  ]);
}
