/** Signed records beside bundles: appended with the changes that they record, read back with their proof. */
import type { LogSigner } from '../../evidence/checkpoint.ts';
import { maxEntryBytes } from '../../evidence/log-tiles.ts';
import { leafHash } from '../../evidence/merkle.ts';
import { ok, type Refusal, type Result } from '../../evidence/result.ts';
import { lockHead, sealHead } from './log-tables.ts';
import { receiptAt, receiptFrom } from './receipts.ts';
import { bytesOf, type Database, numberOf, type Row, type Sql, type SqlValue, textOf } from './sql.ts';
import type { Appended, KeptRecord, RecordKind, RecordMaker, SignedRecord } from './store.ts';

/** Rolls the transaction back and carries the callback's refusal out of it. */
class ChangeRefused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new ChangeRefused(result.refusal);
  return result.value;
}

export async function appendRecord<T>(
  database: Database,
  signer: LogSigner,
  record: SignedRecord | RecordMaker,
  changes?: (sql: Sql, index: number) => Promise<Result<T>>,
): Promise<Result<Appended<T>>> {
  try {
    return ok(await database.write((sql) => appendInside(sql, signer, record, changes)));
  } catch (error) {
    if (error instanceof ChangeRefused) return { ok: false, refusal: error.refusal };
    throw error;
  }
}

async function appendInside<T>(
  sql: Sql,
  signer: LogSigner,
  record: SignedRecord | RecordMaker,
  changes?: (sql: Sql, index: number) => Promise<Result<T>>,
): Promise<Appended<T>> {
  const head = await lockHead(sql);
  const { kind, leafBody, envelope, at } = typeof record === 'function' ? valueOf(await record(sql)) : record;
  if (leafBody.length > maxEntryBytes) throw new RangeError('a record is longer than an entry of the log may be');
  const known = await sql.get('SELECT log_index, sealed FROM record WHERE hash = $1', [leafHash(leafBody)]);
  if (known !== undefined) {
    const index = numberOf(known, 'log_index');
    const receipt = await receiptAt(sql, index, numberOf(known, 'sealed'), signer.verifierKey);
    return { index, receipt, repeated: true, value: undefined };
  }
  const { index, hash } = head.edge.append(leafBody);
  const sealed = await sealHead(sql, head, [{ index, kind, hash, body: leafBody }], signer, at);
  await sql.run('INSERT INTO record (log_index, sealed, kind, hash, envelope, at) VALUES ($1, $2, $3, $4, $5, $6)', [
    index,
    sealed.size,
    kind,
    hash,
    envelope,
    at,
  ]);
  const value = changes === undefined ? undefined : valueOf(await changes(sql, index));
  return { index, receipt: receiptFrom(index, sealed, head.edge.proof(index)), repeated: false, value };
}

const columns = `SELECT log_index, sealed, record.kind, envelope, at, body FROM record JOIN log_leaf ON position = log_index`;

export async function readRecord(sql: Sql, logKey: string, index: number): Promise<KeptRecord | undefined> {
  const row = await sql.get(`${columns} WHERE log_index = $1`, [index]);
  return row && keptRecord(sql, logKey, row);
}

export async function listRecords(
  sql: Sql,
  logKey: string,
  { kind, after = -1, limit = 100 }: { readonly kind?: RecordKind; readonly after?: number; readonly limit?: number },
): Promise<KeptRecord[]> {
  const values: SqlValue[] = [after, Math.min(Math.max(1, limit), 1000)];
  if (kind !== undefined) values.push(kind);
  const rows = await sql.all(
    `${columns} WHERE log_index > $1 ${kind === undefined ? '' : 'AND record.kind = $3'} ORDER BY log_index LIMIT $2`,
    values,
  );
  const records: KeptRecord[] = [];
  for (const row of rows) records.push(await keptRecord(sql, logKey, row));
  return records;
}

async function keptRecord(sql: Sql, logKey: string, row: Row): Promise<KeptRecord> {
  const index = numberOf(row, 'log_index');
  return {
    index,
    kind: textOf(row, 'kind') as RecordKind,
    leafBody: bytesOf(row, 'body'),
    envelope: bytesOf(row, 'envelope'),
    at: textOf(row, 'at'),
    receipt: await receiptAt(sql, index, numberOf(row, 'sealed'), logKey),
  };
}
