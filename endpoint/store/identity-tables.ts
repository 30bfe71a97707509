/** The tables of keys, tokens and attestations, and what stands between a key without standing and the log. */
import { selectIn } from './dialect.ts';
import type { StoreModule } from './module.ts';
import { type Row, type Sql, textOf } from './sql.ts';
import type { Admission, Refused } from './store.ts';

export const identityTables: StoreModule = {
  name: 'identity',
  steps: [
    ({ integer, text, bytes, strict }) => `
-- Tokens to enrol with, each for one use. Of the secret only a hash is kept.
CREATE TABLE token (
  id ${text} PRIMARY KEY, secret_hash ${bytes} NOT NULL, role ${text} NOT NULL, targets ${text} NOT NULL,
  person ${text}, label ${text}, endpoint ${text} NOT NULL, created_at ${text} NOT NULL, expires_at ${text} NOT NULL,
  revoked_at ${text}, used_at ${text}, key_id ${text}
) ${strict};
-- The present standing of each key that a record speaks of; the records are the truth, this is their sum.
-- root: the first key of a line of rotations. since: the log index of the record that made the standing.
CREATE TABLE known_key (
  key_id ${text} PRIMARY KEY, spki ${bytes} NOT NULL, protection ${text} NOT NULL, role ${text} NOT NULL,
  targets ${text} NOT NULL, person ${text}, label ${text}, standing ${text} NOT NULL, since ${integer} NOT NULL,
  since_at ${text} NOT NULL, waits_for ${text}, successor ${text}, overlap_until ${text}, reason ${text},
  root ${text} NOT NULL, enrolled ${integer} NOT NULL, token ${text}
) ${strict};
CREATE INDEX known_key_root ON known_key (root);
-- An agent speaks for one target, and one agent's key for each.
CREATE TABLE key_speaker (target ${text} PRIMARY KEY, key_id ${text} NOT NULL) ${strict};
-- Which records speak of a key.
CREATE TABLE key_record (key_id ${text} NOT NULL, log_index ${integer} NOT NULL, PRIMARY KEY (key_id, log_index)) ${strict};
-- One row: where the sequence of records ends.
CREATE TABLE record_head (
  id ${integer} PRIMARY KEY CHECK (id = 1), sequence ${integer} NOT NULL, digest ${text} NOT NULL, registrar ${text} NOT NULL
) ${strict};
-- The place of each record in the log, by its number.
CREATE TABLE record_place (sequence ${integer} PRIMARY KEY, log_index ${integer} NOT NULL) ${strict};
CREATE TABLE attestation (
  digest ${text} PRIMARY KEY, log_index ${integer} NOT NULL, key_id ${text} NOT NULL, kind ${text} NOT NULL,
  author ${text} NOT NULL, made_at ${text} NOT NULL, expires_at ${text}, received_at ${text} NOT NULL
) ${strict};
CREATE INDEX attestation_index ON attestation (log_index);
CREATE TABLE attestation_target (
  target ${text} NOT NULL, log_index ${integer} NOT NULL, PRIMARY KEY (target, log_index)
) ${strict};
`,
    ({ integer, text, bytes, strict }) => `
-- Servers that are not the key's, for which it signed: refused, and known. digest: the first such bundle.
CREATE TABLE key_other_target (
  key_id ${text} NOT NULL, target ${text} NOT NULL, digest ${bytes} NOT NULL, first_at ${text} NOT NULL,
  last_at ${text} NOT NULL, times ${integer} NOT NULL, PRIMARY KEY (key_id, target)
) ${strict};`,
  ],
  gate: (sql, batch) => standingGate(sql, batch),
};

/**
 * Asked in the transaction that would keep the bundles, under the lock of the log: a key that was revoked
 * a moment ago adds nothing any more, whatever a process remembers of it. Keys that no record speaks of
 * are those that the operator trusts by file.
 */
async function standingGate(sql: Sql, batch: readonly Admission[]): Promise<(Refused | undefined)[]> {
  const ids = [...new Set(batch.map(({ key }) => key.keyId))];
  const rows = await selectIn(
    sql,
    'SELECT key_id, role, targets, standing, overlap_until FROM known_key',
    ['key_id'],
    ids.map((id) => [id]),
  );
  const known = new Map(rows.map((row) => [textOf(row, 'key_id'), row]));
  return batch.map((admission) => {
    const row = known.get(admission.key.keyId);
    return row && refusalOf(row, admission);
  });
}

function refusalOf(row: Row, { statement, receivedAt }: Admission): Refused | undefined {
  const refusal = keyRefusal(textOf(row, 'standing'), row['overlap_until'], receivedAt);
  if (refusal !== undefined) return { outcome: 'refused', status: 403, refusal };
  const { mode, target } = statement.predicate;
  const targets = JSON.parse(textOf(row, 'targets')) as string[];
  if (mode === 'replay' || targets.includes('*') || targets.includes(target.id)) return undefined;
  const message = 'The key speaks for another server than the one in the statement.';
  return {
    outcome: 'refused',
    status: 422,
    refusal: { code: 'target-mismatch', message, pointer: '/predicate/target/id' },
  };
}

/** Why a key with that standing is not taken at that moment; undefined where it is. */
export function keyRefusal(
  standing: string,
  overlapUntil: unknown,
  at: string,
): { code: string; message: string; remedy?: string } | undefined {
  switch (standing) {
    case 'active':
      return undefined;
    case 'pending':
      return {
        code: 'key-pending',
        message: 'The key waits for a person to approve it as the successor of another.',
        remedy: "ask the endpoint's operator: affiant key approve",
      };
    case 'superseded':
      return typeof overlapUntil === 'string' && Date.parse(at) < Date.parse(overlapUntil)
        ? undefined
        : { code: 'key-superseded', message: 'Another key has taken the place of this one.' };
    default:
      return { code: 'key-revoked', message: 'The key was revoked.', remedy: "ask the endpoint's operator" };
  }
}
