/** What is asked of the kept bundles: lists, servers, counts. */
import type { Label } from './labels.ts';
import { type Database, hexOf, numberOf, optionalHexOf, type Row, type Sql, type SqlValue, textOf } from './sql.ts';
import type { BundleQuery, BundleSummary, Counts, TargetQuery, TargetSummary } from './store.ts';

const maxLimit = 1000;

function limitOf(limit = 100): number {
  return Math.min(Math.max(1, Math.trunc(limit)), maxLimit);
}

export async function listBundles(sql: Sql, query: BundleQuery): Promise<BundleSummary[]> {
  const { order = 'oldest' } = query;
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  function where(condition: string, value: SqlValue | undefined): void {
    if (value === undefined) return;
    values.push(value);
    conditions.push(`${condition} $${values.length}`);
  }
  function whereIn(column: string, members: readonly string[] | undefined): void {
    if (members === undefined) return;
    const places = members.map((member) => `$${values.push(member)}`);
    conditions.push(places.length === 0 ? '1 = 0' : `${column} IN (${places.join(', ')})`);
  }
  where('target =', query.target);
  whereIn('target', query.targets);
  where('key_id =', query.keyId);
  where('received_at >=', query.from);
  where('received_at <', query.until);
  where(order === 'oldest' ? 'log_index >' : 'log_index <', query.after);
  values.push(limitOf(query.limit));
  const rows = await sql.all(
    `SELECT log_index, key_id, digest, target, mode, chain, sequence, previous, finished_at, received_at, labels, existing
     FROM bundle JOIN signing_key ON signing_key.id = bundle.key
     ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
     ORDER BY log_index ${order === 'oldest' ? 'ASC' : 'DESC'} LIMIT $${values.length}`,
    values,
  );
  return rows.map(summaryOf);
}

function summaryOf(row: Row): BundleSummary {
  return {
    logIndex: numberOf(row, 'log_index'),
    keyId: textOf(row, 'key_id'),
    digest: hexOf(row, 'digest'),
    target: textOf(row, 'target'),
    mode: textOf(row, 'mode'),
    chain: textOf(row, 'chain'),
    sequence: numberOf(row, 'sequence'),
    previous: optionalHexOf(row, 'previous'),
    finishedAt: textOf(row, 'finished_at'),
    receivedAt: textOf(row, 'received_at'),
    labels: JSON.parse(textOf(row, 'labels')) as Label[],
    existing: optionalHexOf(row, 'existing'),
  };
}

export async function listTargets(sql: Sql, { after = '', limit, ids }: TargetQuery): Promise<TargetSummary[]> {
  const values: SqlValue[] = [after];
  const places = (ids ?? []).map((one) => `$${values.push(one)}`).join(', ');
  const among = ids === undefined ? '' : `AND ${places === '' ? '1 = 0' : `id IN (${places})`}`;
  values.push(limitOf(limit));
  const rows = await sql.all(
    `SELECT id, first_at, newest_at, newest, bundles FROM target WHERE id > $1 ${among} ORDER BY id LIMIT $${values.length}`,
    values,
  );
  return rows.map((row) => ({
    id: textOf(row, 'id'),
    firstAt: textOf(row, 'first_at'),
    newestAt: textOf(row, 'newest_at'),
    newest: numberOf(row, 'newest'),
    bundles: numberOf(row, 'bundles'),
  }));
}

/** Cheap enough for a metric that is read often: the head keeps the totals that would need a scan. */
export async function countAll(database: Database, sql: Sql): Promise<Counts> {
  const row =
    (await sql.get(
      `SELECT size, documents, document_bytes, (SELECT count(*) FROM record) AS records,
       (SELECT count(*) FROM target) AS targets FROM log_head WHERE id = 1`,
    )) ?? {};
  const [logSize, records] = [numberOf(row, 'size'), numberOf(row, 'records')];
  return {
    logSize,
    records,
    bundles: logSize - records,
    targets: numberOf(row, 'targets'),
    documents: numberOf(row, 'documents'),
    documentBytes: numberOf(row, 'document_bytes'),
    databaseBytes: await database.bytes(),
  };
}
