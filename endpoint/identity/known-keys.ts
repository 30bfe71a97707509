/** Rows of keys that records speak of. Written only together with the record that says the same. */
import type { Person, Role } from '../../schemas/generated/types.ts';
import { bytesOf, numberOf, type Row, type Sql, type SqlValue, textOf } from '../store/sql.ts';

export type StandingName = 'active' | 'pending' | 'superseded' | 'revoked';

export type KnownKey = {
  readonly keyId: string;
  /** SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array;
  readonly protection: string;
  readonly role: Role;
  /** Target ids, or `*`. */
  readonly targets: readonly string[];
  readonly person?: Person;
  readonly label?: string;
  readonly standing: StandingName;
  /** Log index and time of the record that made the standing. */
  readonly since: number;
  readonly sinceAt: string;
  /** Pending: the key that speaks for its target now. */
  readonly waitsFor?: string;
  /** Superseded: by which key. */
  readonly successor?: string;
  /** Superseded by rotation: until when what it had signed is still taken. */
  readonly overlapUntil?: string;
  /** Revoked: why. */
  readonly reason?: string;
  /** The first key of the line of rotations that it belongs to. */
  readonly root: string;
  /** Log index of the record that introduced it. */
  readonly enrolled: number;
  readonly token?: string;
};

const columns = [
  'key_id',
  'spki',
  'protection',
  'role',
  'targets',
  'person',
  'label',
  'standing',
  'since',
  'since_at',
  'waits_for',
  'successor',
  'overlap_until',
  'reason',
  'root',
  'enrolled',
  'token',
];

export async function findKey(sql: Sql, keyId: string): Promise<KnownKey | undefined> {
  const row = await sql.get(`SELECT ${columns.join(', ')} FROM known_key WHERE key_id = $1`, [keyId]);
  return row && keyOf(row);
}

/** The key that speaks for a target as its agent. */
export async function speakerOf(sql: Sql, target: string): Promise<string | undefined> {
  const row = await sql.get('SELECT key_id FROM key_speaker WHERE target = $1', [target]);
  return row && textOf(row, 'key_id');
}

/** Keys in the order of their ids, behind one. */
export async function listKeys(
  sql: Sql,
  {
    standing,
    role,
    after = '',
    limit = 1000,
  }: { standing?: string; role?: string; after?: string; limit?: number } = {},
): Promise<KnownKey[]> {
  const values: SqlValue[] = [after, limit];
  const conditions = ['key_id > $1'];
  for (const [column, value] of [
    ['standing', standing],
    ['role', role],
  ] as const)
    if (value !== undefined) conditions.push(`${column} = $${values.push(value)}`);
  const rows = await sql.all(
    `SELECT ${columns.join(', ')} FROM known_key WHERE ${conditions.join(' AND ')} ORDER BY key_id LIMIT $2`,
    values,
  );
  return rows.map(keyOf);
}

/** All keys of the line of rotations that a key belongs to. */
export async function lineOf(sql: Sql, root: string): Promise<string[]> {
  const rows = await sql.all('SELECT key_id FROM known_key WHERE root = $1 ORDER BY enrolled', [root]);
  return rows.map((row) => textOf(row, 'key_id'));
}

/** Writes the row of a key, whether it is new or known, and notes the record. */
export async function putKey(sql: Sql, key: KnownKey, record: number): Promise<void> {
  await sql.run('DELETE FROM known_key WHERE key_id = $1', [key.keyId]);
  const marks = columns.map((_, index) => `$${index + 1}`).join(', ');
  await sql.run(`INSERT INTO known_key (${columns.join(', ')}) VALUES (${marks})`, [
    key.keyId,
    key.spki,
    key.protection,
    key.role,
    JSON.stringify(key.targets),
    key.person === undefined ? null : JSON.stringify(key.person),
    key.label ?? null,
    key.standing,
    key.since,
    key.sinceAt,
    key.waitsFor ?? null,
    key.successor ?? null,
    key.overlapUntil ?? null,
    key.reason ?? null,
    key.root,
    key.enrolled,
    key.token ?? null,
  ]);
  await noteRecord(sql, key.keyId, record);
}

/** A record speaks of a key. */
export async function noteRecord(sql: Sql, keyId: string, record: number): Promise<void> {
  await sql.run('INSERT INTO key_record (key_id, log_index) VALUES ($1, $2) ON CONFLICT DO NOTHING', [keyId, record]);
}

/** Log indexes of the records that speak of a key, in their order. */
export async function recordsOfKey(sql: Sql, keyId: string): Promise<number[]> {
  const rows = await sql.all('SELECT log_index FROM key_record WHERE key_id = $1 ORDER BY log_index', [keyId]);
  return rows.map((row) => numberOf(row, 'log_index'));
}

/** An agent's key speaks for its targets from now on; whoever did before does not any more. */
export async function letSpeak(sql: Sql, { role, targets, keyId }: KnownKey): Promise<void> {
  if (role !== 'agent') return;
  for (const target of targets)
    await sql.run(
      'INSERT INTO key_speaker (target, key_id) VALUES ($1, $2) ON CONFLICT (target) DO UPDATE SET key_id = excluded.key_id',
      [target, keyId],
    );
}

/** The key speaks for nothing any more, so that another may enrol without being its successor. */
export async function silence(sql: Sql, keyId: string): Promise<void> {
  await sql.run('DELETE FROM key_speaker WHERE key_id = $1', [keyId]);
}

function keyOf(row: Row): KnownKey {
  const optional = <Name extends string>(name: Name, column: string): { [K in Name]?: string } =>
    row[column] === null ? {} : ({ [name]: textOf(row, column) } as { [K in Name]?: string });
  return {
    keyId: textOf(row, 'key_id'),
    spki: bytesOf(row, 'spki'),
    protection: textOf(row, 'protection'),
    role: textOf(row, 'role') as Role,
    targets: JSON.parse(textOf(row, 'targets')) as string[],
    ...(row['person'] !== null && { person: JSON.parse(textOf(row, 'person')) as Person }),
    ...optional('label', 'label'),
    standing: textOf(row, 'standing') as StandingName,
    since: numberOf(row, 'since'),
    sinceAt: textOf(row, 'since_at'),
    ...optional('waitsFor', 'waits_for'),
    ...optional('successor', 'successor'),
    ...optional('overlapUntil', 'overlap_until'),
    ...optional('reason', 'reason'),
    root: textOf(row, 'root'),
    enrolled: numberOf(row, 'enrolled'),
    ...optional('token', 'token'),
  };
}
