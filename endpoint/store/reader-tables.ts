/** What readers saw, and who brought bundles of others. */
import type { Read } from '../../schemas/generated/types.ts';
import { selectIn } from './dialect.ts';
import type { StoreModule } from './module.ts';
import { fromHex, hexOf, numberOf, optionalHexOf, type Row, type Sql, textOf } from './sql.ts';
import type { Admission } from './store.ts';

export const readerTables: StoreModule = {
  name: 'readers',
  steps: [
    ({ integer, text, bytes, id, strict }) => `
-- The audit trail of reads; a row stands before its answer leaves.
CREATE TABLE reader_trail (
  id ${id}, at ${text} NOT NULL, reader ${text} NOT NULL, role ${text} NOT NULL, what ${text} NOT NULL,
  target ${text}, bundle ${bytes}, shown ${integer} NOT NULL, address ${text}, request ${text} NOT NULL
) ${strict};
-- Who brought a bundle that did not come from its server.
CREATE TABLE upload (
  log_index ${integer} NOT NULL REFERENCES log_leaf, uploader ${text} NOT NULL, at ${text} NOT NULL,
  address ${text}, note ${text}, PRIMARY KEY (log_index, uploader)
) ${strict};`,
  ],
  async kept(sql, batch) {
    for (const { admission, logIndex } of batch)
      if (admission.upload !== undefined) await insertUpload(sql, logIndex, admission.upload, admission.receivedAt);
  },
};

export type NewRead = {
  readonly at: string;
  readonly reader: string;
  readonly role: string;
  readonly what: string;
  readonly target?: string | undefined;
  readonly bundle?: string | undefined;
  readonly count: number;
  readonly from?: string | undefined;
  readonly request: string;
};

export async function putRead(sql: Sql, read: NewRead): Promise<void> {
  await sql.run(
    `INSERT INTO reader_trail (at, reader, role, what, target, bundle, shown, address, request)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      read.at,
      read.reader,
      read.role,
      read.what,
      read.target ?? null,
      read.bundle === undefined ? null : fromHex(read.bundle),
      read.count,
      read.from ?? null,
      read.request,
    ],
  );
}

export async function listReads(sql: Sql, after: number, limit: number): Promise<Read[]> {
  const rows = await sql.all('SELECT * FROM reader_trail WHERE id > $1 ORDER BY id LIMIT $2', [after, limit]);
  return rows.map((row) => {
    const target = optionalText(row, 'target');
    const bundle = optionalHexOf(row, 'bundle');
    const from = optionalText(row, 'address');
    return {
      id: numberOf(row, 'id'),
      at: textOf(row, 'at'),
      reader: textOf(row, 'reader'),
      role: textOf(row, 'role'),
      what: textOf(row, 'what'),
      ...(target !== undefined && { target }),
      ...(bundle !== undefined && { bundle }),
      count: numberOf(row, 'shown'),
      ...(from !== undefined && { from }),
      request: textOf(row, 'request'),
    };
  });
}

function optionalText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : textOf(row, column);
}

type NewUpload = NonNullable<Admission['upload']>;

async function insertUpload(sql: Sql, logIndex: number, { by, from, note }: NewUpload, at: string): Promise<void> {
  await sql.run(
    'INSERT INTO upload (log_index, uploader, at, address, note) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
    [logIndex, by, at, from ?? null, note ?? null],
  );
}

/** Remembers who brought a bundle that was kept before; of one uploader the first time stands. */
export async function putUpload(sql: Sql, digest: string, upload: NewUpload, at: string): Promise<void> {
  const row = await sql.get('SELECT log_index FROM bundle WHERE digest = $1', [fromHex(digest)]);
  if (row !== undefined) await insertUpload(sql, numberOf(row, 'log_index'), upload, at);
}

export type KnownUpload = { by: string; at: string; from?: string; note?: string };

/** By log index. */
export async function uploadsOf(sql: Sql, logIndexes: readonly number[]): Promise<Map<number, KnownUpload[]>> {
  const rows = await selectIn(
    sql,
    'SELECT * FROM upload',
    ['log_index'],
    logIndexes.map((index) => [index]),
    'ORDER BY at, uploader',
  );
  const found = new Map<number, KnownUpload[]>();
  for (const row of rows) {
    const from = optionalText(row, 'address');
    const note = optionalText(row, 'note');
    const upload = {
      by: textOf(row, 'uploader'),
      at: textOf(row, 'at'),
      ...(from !== undefined && { from }),
      ...(note !== undefined && { note }),
    };
    const index = numberOf(row, 'log_index');
    found.set(index, [...(found.get(index) ?? []), upload]);
  }
  return found;
}

/** The server and the key of a kept bundle; undefined where there is none. */
export async function placeOfBundle(
  sql: Sql,
  keyId: string,
  digest: string,
): Promise<{ readonly target: string; readonly logIndex: number; readonly spki: string } | undefined> {
  const row = await sql.get(
    `SELECT target, log_index, spki FROM bundle JOIN signing_key ON signing_key.id = bundle.key
     WHERE signing_key.key_id = $1 AND digest = $2`,
    [keyId, fromHex(digest)],
  );
  if (row === undefined) return undefined;
  const spki = Buffer.from(hexOf(row, 'spki'), 'hex').toString('base64');
  return { target: textOf(row, 'target'), logIndex: numberOf(row, 'log_index'), spki };
}
