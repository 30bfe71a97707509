/** Tokens to enrol with: made by the endpoint's operator, each for one use. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { logKeyDigest } from '../../evidence/record.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { Person, Role, TokenFile } from '../../schemas/generated/types.ts';
import { bytesOf, type Row, type Sql, textOf } from '../store/sql.ts';
import type { Store } from '../store/store.ts';

/** What a token is made for. */
export type TokenOrder = {
  readonly role: Role;
  /** Target ids, or `*`. For an agent none: the one that it enrols with. */
  readonly targets: readonly string[];
  readonly person?: Person;
  readonly label?: string;
  /** The address at which agents reach the endpoint. */
  readonly endpoint: string;
  /** SHA-256 of public keys of the certificate or its chain; empty on loopback. */
  readonly pins: readonly string[];
  /** The log's verifier line. */
  readonly logKey: string;
  readonly expiresAt: string;
};

export type Token = {
  readonly id: string;
  readonly secretHash: Uint8Array;
  readonly role: Role;
  readonly targets: readonly string[];
  readonly person?: Person;
  readonly label?: string;
  readonly endpoint: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt?: string;
  readonly usedAt?: string;
  /** The key that it was used for. */
  readonly keyId?: string;
};

/** Makes a token; its secret is in the answer and nowhere else. */
export async function createToken(store: Store, order: TokenOrder, now: Date): Promise<Result<TokenFile>> {
  const id = randomBytes(8).toString('hex');
  const secret = `affiant-secret-${randomBytes(32).toString('base64url')}`;
  const { role, targets, person, label, endpoint, pins, logKey, expiresAt } = order;
  const written = await store.write((sql) =>
    sql.run(
      `INSERT INTO token (id, secret_hash, role, targets, person, label, endpoint, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        id,
        secretHash(secret),
        role,
        JSON.stringify(targets),
        person === undefined ? null : JSON.stringify(person),
        label ?? null,
        endpoint,
        now.toISOString(),
        expiresAt,
      ],
    ),
  );
  if (!written.ok) return written;
  return ok({
    format: 'affiant-token/1',
    id,
    secret,
    endpoint,
    pins: [...pins],
    logKey: logKeyDigest(logKey),
    role,
    expiresAt,
  });
}

/** Refuses with `token-unknown`, `token-used`. */
export async function revokeToken(store: Store, id: string, now: Date): Promise<Result<undefined>> {
  const changed = await store.write(async (sql) => {
    const token = await findToken(sql, id);
    if (token === undefined)
      return refuse('token-unknown', `there is no token ${id}`, { remedy: 'affiant token list' });
    if (token.usedAt !== undefined)
      return refuse('token-used', `the token ${id} was used already`, {
        remedy: `affiant key revoke ${token.keyId ?? ''}`,
      });
    await sql.run('UPDATE token SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL', [now.toISOString(), id]);
    return ok(undefined);
  });
  return changed.ok ? changed.value : changed;
}

/** The newest first. */
export async function listTokens(store: Store): Promise<Result<Token[]>> {
  return store.read(async (sql) =>
    (await sql.all(`SELECT ${columns} FROM token ORDER BY created_at DESC, id LIMIT 10000`)).map(tokenOf),
  );
}

const columns =
  'id, secret_hash, role, targets, person, label, endpoint, created_at, expires_at, revoked_at, used_at, key_id';

export async function findToken(sql: Sql, id: string): Promise<Token | undefined> {
  const row = await sql.get(`SELECT ${columns} FROM token WHERE id = $1`, [id]);
  return row && tokenOf(row);
}

/** The token with that id and secret. Which of both is wrong is not said. */
export async function presentedToken(sql: Sql, id: string, secret: string): Promise<Token | undefined> {
  const token = await findToken(sql, id);
  const isRight = timingSafeEqual(secretHash(secret), token?.secretHash ?? secretHash(''));
  return isRight ? token : undefined;
}

export async function useToken(sql: Sql, id: string, keyId: string, at: string): Promise<void> {
  const changed = await sql.run('UPDATE token SET used_at = $1, key_id = $2 WHERE id = $3 AND used_at IS NULL', [
    at,
    keyId,
    id,
  ]);
  if (changed !== 1) throw new Error('a token was used twice');
}

/** 256 random bits need no slow hash: nobody guesses them. */
function secretHash(secret: string): Uint8Array {
  return createHash('sha256').update('affiant token 1\n').update(secret).digest();
}

function tokenOf(row: Row): Token {
  const optional = <Name extends string>(name: Name, column: string): { [K in Name]?: string } =>
    row[column] === null ? {} : ({ [name]: textOf(row, column) } as { [K in Name]?: string });
  return {
    id: textOf(row, 'id'),
    secretHash: bytesOf(row, 'secret_hash'),
    role: textOf(row, 'role') as Role,
    targets: JSON.parse(textOf(row, 'targets')) as string[],
    ...(row['person'] !== null && { person: JSON.parse(textOf(row, 'person')) as Person }),
    ...optional('label', 'label'),
    endpoint: textOf(row, 'endpoint'),
    createdAt: textOf(row, 'created_at'),
    expiresAt: textOf(row, 'expires_at'),
    ...optional('revokedAt', 'revoked_at'),
    ...optional('usedAt', 'used_at'),
    ...optional('keyId', 'key_id'),
  };
}
