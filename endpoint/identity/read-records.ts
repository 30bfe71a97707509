/** Records as they are given out: each with its receipt. */
import { ok, type Result } from '../../evidence/result.ts';
import { decodeSigned, type Signed, type SignedMediaType } from '../../evidence/signed-file.ts';
import { numberOf, type Sql } from '../store/sql.ts';
import type { KeptRecord, Store } from '../store/store.ts';

/** The signed record at a log index; undefined where there is none of that kind. */
export async function recordAt(
  store: Store,
  index: number,
  mediaType: SignedMediaType,
): Promise<Result<Signed | undefined>> {
  const kept = await store.record(index);
  if (!kept.ok) return kept;
  return kept.value === undefined ? ok(undefined) : ok(signedOf(kept.value, mediaType));
}

/** The record that introduced the registrar who signed at that index: the newest of its kind before. */
export async function registrarRecord(store: Store, index: number): Promise<Result<Signed | undefined>> {
  const introductions = await store.records({ kind: 'registrar', limit: 1000 });
  if (!introductions.ok) return introductions;
  const newest = introductions.value.filter((record) => record.index <= index).at(-1);
  return ok(newest && signedOf(newest, 'application/vnd.affiant.record.v1+json'));
}

/** Records by their numbers, and how many there are. */
export async function recordsFrom(
  store: Store,
  from: number,
  limit: number,
): Promise<Result<{ readonly records: Signed[]; readonly next?: number }>> {
  const places = await store.read((sql) => indexesFrom(sql, from, limit + 1));
  if (!places.ok) return places;
  const records: Signed[] = [];
  for (const index of places.value.slice(0, limit)) {
    const record = await recordAt(store, index, 'application/vnd.affiant.record.v1+json');
    if (!record.ok) return record;
    if (record.value !== undefined) records.push(record.value);
  }
  return ok({ records, ...(places.value.length > limit && { next: from + limit }) });
}

async function indexesFrom(sql: Sql, from: number, limit: number): Promise<number[]> {
  const rows = await sql.all('SELECT log_index FROM record_place WHERE sequence >= $1 ORDER BY sequence LIMIT $2', [
    from,
    limit,
  ]);
  return rows.map((row) => numberOf(row, 'log_index'));
}

/** Throws where what the store kept is not what was put in. */
export function signedOf({ envelope, receipt, index }: KeptRecord, mediaType: SignedMediaType): Signed {
  const signed = decodeSigned(envelope, mediaType);
  if (!signed.ok) throw new Error(`the record at ${index} cannot be read: ${signed.refusal.code}`);
  return { ...signed.value, receipt };
}
