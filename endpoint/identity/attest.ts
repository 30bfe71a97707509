/** An attestation on its way into the log: who signed it, and whether they may. */
import type { OpenAttestation } from '../../evidence/attestation.ts';
import { logLeaf } from '../../evidence/receipt.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { attestationMediaType, encodeSigned, type Signed } from '../../evidence/signed-file.ts';
import { keyRefusal } from '../store/identity-tables.ts';
import { numberOf, type Sql } from '../store/sql.ts';
import type { Store } from '../store/store.ts';
import { findKey } from './known-keys.ts';

export type Attested = { readonly index: number; readonly signed: Signed; readonly repeated: boolean };

/**
 * Keeps an attestation whose signature is proved. Refuses with `key-unknown`, `key-pending` and its like,
 * `role-forbidden` (a server's key), `kind-forbidden`, `author-mismatch`, and as the store does. The same one
 * again is answered the same, also after its key was revoked: it was logged in time.
 */
export async function attest(
  store: Store,
  { bundle, key, predicate, digest }: Signed & OpenAttestation,
  at: string,
): Promise<Result<Attested>> {
  const signed: Signed = { bundle, key };
  const before = await store.read((sql) => indexOf(sql, digest));
  if (!before.ok) return before;
  if (before.value !== undefined) return keptBefore(store, before.value, signed);
  const record = {
    kind: 'attestation',
    leafBody: logLeaf(bundle, key),
    envelope: encodeSigned(attestationMediaType, signed),
    at,
  } as const;
  const appended = await store.append(record, async (sql, index): Promise<Result<undefined>> => {
    // Another process may have kept it under another signature of the same key.
    if ((await indexOf(sql, digest)) !== undefined) return refuse('attestation-kept', 'kept a moment ago');
    const allowed = await mayAttest(sql, key.keyId, predicate, at);
    if (!allowed.ok) return allowed;
    await put(sql, { predicate, digest }, key.keyId, index, at);
    return ok(undefined);
  });
  if (!appended.ok) {
    if (appended.refusal.code !== 'attestation-kept') return appended;
    const kept = await store.read((sql) => indexOf(sql, digest));
    return kept.ok && kept.value !== undefined ? keptBefore(store, kept.value, signed) : appended;
  }
  const { index, receipt } = appended.value;
  return ok({ index, signed: { ...signed, receipt }, repeated: false });
}

/** What was kept may carry another signature over the same statement: that one has the receipt. */
async function keptBefore(store: Store, index: number, { key }: Signed): Promise<Result<Attested>> {
  const kept = await store.record(index);
  if (!kept.ok) return kept;
  if (kept.value === undefined) throw new Error(`there is no attestation at ${index}`);
  const { bundle } = JSON.parse(Buffer.from(kept.value.envelope).toString('utf8')) as Pick<Signed, 'bundle'>;
  return ok({ index, signed: { bundle, key, receipt: kept.value.receipt }, repeated: true });
}

async function mayAttest(
  sql: Sql,
  keyId: string,
  { kind, author }: OpenAttestation['predicate'],
  at: string,
): Promise<Result<undefined>> {
  const known = await findKey(sql, keyId);
  if (known === undefined) return refuse('key-unknown', 'This endpoint does not know the key.');
  const refusal = keyRefusal(known.standing, undefined, at);
  if (refusal !== undefined) return { ok: false, refusal };
  const { person, role } = known;
  if (person === undefined)
    return refuse('role-forbidden', 'The key of a server attests nothing: that is for persons.');
  if (!person.kinds.includes(kind))
    return refuse('kind-forbidden', 'The person may not sign attestations of this kind.', {
      pointer: '/predicate/kind',
    });
  if (author.name !== person.name || author.role !== role)
    return refuse(
      'author-mismatch',
      'The author is not the person, or not in the role, that the key was enrolled for.',
      {
        pointer: '/predicate/author',
      },
    );
  return ok(undefined);
}

async function indexOf(sql: Sql, digest: string): Promise<number | undefined> {
  const row = await sql.get('SELECT log_index FROM attestation WHERE digest = $1', [digest]);
  return row && numberOf(row, 'log_index');
}

async function put(
  sql: Sql,
  { predicate, digest }: Pick<OpenAttestation, 'predicate' | 'digest'>,
  keyId: string,
  index: number,
  at: string,
): Promise<void> {
  const expiresAt = 'expiresAt' in predicate ? predicate.expiresAt : undefined;
  await sql.run(
    `INSERT INTO attestation (digest, log_index, key_id, kind, author, made_at, expires_at, received_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [digest, index, keyId, predicate.kind, predicate.author.name, predicate.madeAt, expiresAt ?? null, at],
  );
  const targets = 'targets' in predicate ? predicate.targets : [];
  for (const target of targets)
    await sql.run('INSERT INTO attestation_target (target, log_index) VALUES ($1, $2)', [target, index]);
}

export type AttestationQuery = {
  readonly target?: string;
  readonly kind?: string;
  /** Continue behind this log index. */
  readonly after?: number;
  readonly limit?: number;
};

/** Log indexes of attestations in their order. */
export async function attestationsLike(
  store: Store,
  { target, kind, after = -1, limit = 100 }: AttestationQuery,
): Promise<Result<number[]>> {
  return store.read(async (sql) => {
    const values: (string | number)[] = [after, limit];
    const conditions = ['attestation.log_index > $1'];
    if (kind !== undefined) conditions.push(`kind = $${values.push(kind)}`);
    const ofTarget =
      target === undefined
        ? ''
        : `JOIN attestation_target ON attestation_target.log_index = attestation.log_index AND target = $${values.push(target)}`;
    const rows = await sql.all(
      `SELECT attestation.log_index AS log_index FROM attestation ${ofTarget} WHERE ${conditions.join(' AND ')}
       ORDER BY attestation.log_index LIMIT $2`,
      values,
    );
    return rows.map((row) => numberOf(row, 'log_index'));
  });
}

/** The log index of an attestation by its bundle digest. */
export function attestationIndex(store: Store, digest: string): Promise<Result<number | undefined>> {
  return store.read((sql) => indexOf(sql, digest));
}
