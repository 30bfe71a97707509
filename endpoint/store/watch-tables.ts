/** What is remembered of the reporting of servers, of the endpoint's own gaps, and what webhooks have yet to be told. */

import type { DeadLetter } from '../../schemas/generated/types.ts';
import { selectIn } from './dialect.ts';
import type { StoreModule } from './module.ts';
import { numberOf, type Row, type Sql, type SqlValue, textOf } from './sql.ts';
import type { TargetQuery, TargetSummary } from './store.ts';

export const watchTables: StoreModule = {
  name: 'watch',
  steps: [
    ({ integer, text, id, strict }) => `
-- facts: what the bundles up to the cursor say; reporting: what was decided last. next_at: when time alone may change it.
CREATE TABLE watch_target (
  target ${text} PRIMARY KEY, enrolled_at ${text}, facts ${text} NOT NULL, reporting ${text} NOT NULL,
  state ${text} NOT NULL, next_at ${text}
) ${strict};
CREATE INDEX watch_target_next ON watch_target (next_at);
CREATE INDEX watch_target_state ON watch_target (state);
-- One row. position: bundles before this log index are folded. alive_at: the last sign of life of any process.
CREATE TABLE watch_cursor (
  id ${integer} PRIMARY KEY CHECK (id = 1), position ${integer} NOT NULL, alive_at ${text} NOT NULL
) ${strict};
INSERT INTO watch_cursor (id, position, alive_at) VALUES (1, 0, '');
CREATE TABLE watch_outage (started ${text} PRIMARY KEY, ended ${text} NOT NULL) ${strict};
-- Messages on their way to webhooks. state: waiting, or dead, which is kept for a person.
CREATE TABLE webhook_message (
  id ${id}, hook ${text} NOT NULL, message ${text} NOT NULL, body ${text} NOT NULL, created_at ${text} NOT NULL,
  attempts ${integer} NOT NULL, next_at ${text} NOT NULL, state ${text} NOT NULL, error ${text}
) ${strict};
CREATE INDEX webhook_message_next ON webhook_message (state, next_at);`,
    ({ text, strict }) => `
-- Servers that the configuration names: something is due of them, heard or not (expected.ts).
CREATE TABLE watch_expected (target ${text} PRIMARY KEY, since ${text} NOT NULL) ${strict};`,
  ],
};

export type WatchedRow = {
  readonly target: string;
  readonly enrolledAt: string | undefined;
  readonly facts: string;
  readonly reporting: string;
  readonly nextAt: string | undefined;
};

function watchedOf(row: Row): WatchedRow {
  return {
    target: textOf(row, 'target'),
    enrolledAt: optionalText(row, 'enrolled_at'),
    facts: textOf(row, 'facts'),
    reporting: textOf(row, 'reporting'),
    nextAt: optionalText(row, 'next_at'),
  };
}

function optionalText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : textOf(row, column);
}

/** Takes the cursor for the rest of the transaction: of several processes one looks at a time. */
export async function lockCursor(sql: Sql): Promise<{ readonly position: number; readonly aliveAt: string }> {
  const row = await sql.get(
    `SELECT position, alive_at FROM watch_cursor WHERE id = 1 ${sql.dialect === 'postgres' ? 'FOR UPDATE' : ''}`,
  );
  return { position: numberOf(row ?? {}, 'position'), aliveAt: textOf(row ?? {}, 'alive_at') };
}

export async function moveCursor(sql: Sql, position: number, aliveAt: string): Promise<void> {
  await sql.run('UPDATE watch_cursor SET position = $1, alive_at = $2 WHERE id = 1', [position, aliveAt]);
}

export type BundleRow = {
  readonly logIndex: number;
  readonly keyId: string;
  readonly target: string;
  readonly mode: string;
  readonly chain: string;
  readonly sequence: number;
  readonly finishedAt: string;
  readonly receivedAt: string;
  readonly labels: readonly string[];
  readonly carried: boolean;
  /** The statement's bytes. */
  readonly payload: string;
};

export async function bundlesFrom(sql: Sql, position: number, limit: number): Promise<BundleRow[]> {
  const rows = await sql.all(
    `SELECT log_index, key_id, target, mode, chain, sequence, finished_at, received_at, labels, payload,
     EXISTS (SELECT 1 FROM upload WHERE upload.log_index = bundle.log_index) AS carried
     FROM bundle JOIN signing_key ON signing_key.id = bundle.key WHERE log_index >= $1 ORDER BY log_index LIMIT $2`,
    [position, limit],
  );
  return rows.map((row) => ({
    logIndex: numberOf(row, 'log_index'),
    keyId: textOf(row, 'key_id'),
    target: textOf(row, 'target'),
    mode: textOf(row, 'mode'),
    chain: textOf(row, 'chain'),
    sequence: numberOf(row, 'sequence'),
    finishedAt: textOf(row, 'finished_at'),
    receivedAt: textOf(row, 'received_at'),
    labels: JSON.parse(textOf(row, 'labels')) as string[],
    // SQLite has no type for truth.
    carried: row['carried'] === true || row['carried'] === 1,
    payload: Buffer.from(row['payload'] as Uint8Array).toString('utf8'),
  }));
}

export async function watchedTargets(sql: Sql, targets: readonly string[]): Promise<Map<string, WatchedRow>> {
  const rows = await selectIn(
    sql,
    'SELECT target, enrolled_at, facts, reporting, next_at FROM watch_target',
    ['target'],
    targets.map((target) => [target]),
  );
  return new Map(rows.map((row) => [textOf(row, 'target'), watchedOf(row)]));
}

export async function dueTargets(sql: Sql, now: string, limit: number): Promise<WatchedRow[]> {
  const rows = await sql.all(
    `SELECT target, enrolled_at, facts, reporting, next_at FROM watch_target WHERE next_at <= $1
     ORDER BY next_at, target LIMIT $2`,
    [now, limit],
  );
  return rows.map(watchedOf);
}

/** Servers that a key was enrolled for and that are not watched yet, with when that was. */
export async function newlyEnrolled(sql: Sql, limit: number): Promise<{ target: string; enrolledAt: string }[]> {
  const rows = await sql.all(
    `SELECT key_speaker.target, since_at FROM key_speaker JOIN known_key ON known_key.key_id = key_speaker.key_id
     WHERE NOT EXISTS (SELECT 1 FROM watch_target WHERE watch_target.target = key_speaker.target)
     ORDER BY key_speaker.target LIMIT $1`,
    [limit],
  );
  return rows.map((row) => ({ target: textOf(row, 'target'), enrolledAt: textOf(row, 'since_at') }));
}

export async function putWatched(sql: Sql, row: WatchedRow & { readonly state: string }): Promise<void> {
  const { target, enrolledAt, facts, reporting, state, nextAt } = row;
  await sql.run(
    `INSERT INTO watch_target (target, enrolled_at, facts, reporting, state, next_at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (target) DO UPDATE SET facts = excluded.facts, reporting = excluded.reporting,
     state = excluded.state, next_at = excluded.next_at`,
    [target, enrolledAt ?? null, facts, reporting, state, nextAt ?? null],
  );
}

export async function putOutage(sql: Sql, started: string, ended: string): Promise<void> {
  await sql.run(
    'INSERT INTO watch_outage (started, ended) VALUES ($1, $2) ON CONFLICT (started) DO UPDATE SET ended = excluded.ended',
    [started, ended],
  );
}

export async function listOutages(sql: Sql, since: string): Promise<{ from: string; to: string }[]> {
  const rows = await sql.all('SELECT started, ended FROM watch_outage WHERE ended > $1 ORDER BY started', [since]);
  return rows.map((row) => ({ from: textOf(row, 'started'), to: textOf(row, 'ended') }));
}

export async function countStates(sql: Sql): Promise<Record<string, number>> {
  const rows = await sql.all('SELECT state, count(*) AS count FROM watch_target GROUP BY state');
  return Object.fromEntries(rows.map((row) => [textOf(row, 'state'), numberOf(row, 'count')]));
}

/** Servers that reported, and those that were enrolled and did not, in the order of their ids. */
export async function listKnownTargets(
  sql: Sql,
  { after = '', limit = 100, ids }: TargetQuery,
): Promise<TargetSummary[]> {
  const values: SqlValue[] = [after];
  const among = ids === undefined ? '' : `AND id IN (${ids.map((one) => `$${values.push(one)}`).join(', ') || "''"})`;
  values.push(limit);
  const rows = await sql.all(
    `SELECT id, first_at, newest_at, newest, bundles FROM (
       SELECT id, first_at, newest_at, newest, bundles FROM target
       UNION ALL SELECT target, '', '', -1, 0 FROM watch_target
       WHERE NOT EXISTS (SELECT 1 FROM target WHERE target.id = watch_target.target)
     ) AS known WHERE id > $1 ${among} ORDER BY id LIMIT $${values.length}`,
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

export type Message = {
  readonly id: number;
  readonly hook: string;
  readonly message: string;
  readonly body: string;
  readonly createdAt: string;
  readonly attempts: number;
};

/** At most so many wait or lie dead for one webhook: past it a message is lost, and counted by the caller. */
export async function putMessage(
  sql: Sql,
  { hook, message, body, at, max }: { hook: string; message: string; body: string; at: string; max: number },
): Promise<boolean> {
  const row = await sql.get('SELECT count(*) AS count FROM webhook_message WHERE hook = $1', [hook]);
  if (numberOf(row ?? {}, 'count') >= max) return false;
  await sql.run(
    `INSERT INTO webhook_message (hook, message, body, created_at, attempts, next_at, state)
     VALUES ($1, $2, $3, $4, 0, $4, 'waiting')`,
    [hook, message, body, at],
  );
  return true;
}

/** Takes messages that are due, and puts them off until `leasedUntil`: who dies with them gives them back. */
export async function takeMessages(sql: Sql, now: string, leasedUntil: string, limit: number): Promise<Message[]> {
  const rows = await sql.all(
    `SELECT id, hook, message, body, created_at, attempts FROM webhook_message WHERE state = 'waiting' AND next_at <= $1
     ORDER BY id LIMIT $2 ${sql.dialect === 'postgres' ? 'FOR UPDATE SKIP LOCKED' : ''}`,
    [now, limit],
  );
  for (const row of rows)
    await sql.run('UPDATE webhook_message SET next_at = $1 WHERE id = $2', [leasedUntil, numberOf(row, 'id')]);
  return rows.map((row) => ({
    id: numberOf(row, 'id'),
    hook: textOf(row, 'hook'),
    message: textOf(row, 'message'),
    body: textOf(row, 'body'),
    createdAt: textOf(row, 'created_at'),
    attempts: numberOf(row, 'attempts'),
  }));
}

export async function dropMessage(sql: Sql, id: number): Promise<void> {
  await sql.run('DELETE FROM webhook_message WHERE id = $1', [id]);
}

export async function putOff(
  sql: Sql,
  id: number,
  { nextAt, error, dead }: { readonly nextAt: string; readonly error: string; readonly dead: boolean },
): Promise<void> {
  await sql.run(
    'UPDATE webhook_message SET attempts = attempts + 1, next_at = $1, error = $2, state = $3 WHERE id = $4',
    [nextAt, error, dead ? 'dead' : 'waiting', id],
  );
}

export async function countMessages(sql: Sql): Promise<Record<string, number>> {
  const rows = await sql.all('SELECT state, count(*) AS count FROM webhook_message GROUP BY state');
  return {
    waiting: 0,
    dead: 0,
    ...Object.fromEntries(rows.map((row) => [textOf(row, 'state'), numberOf(row, 'count')])),
  };
}

export async function listDead(sql: Sql, after: number, limit: number): Promise<DeadLetter[]> {
  const rows = await sql.all(
    `SELECT id, hook, created_at, attempts, error FROM webhook_message WHERE state = 'dead' AND id > $1 ORDER BY id LIMIT $2`,
    [after, limit],
  );
  return rows.map((row) => ({
    id: numberOf(row, 'id'),
    hook: textOf(row, 'hook'),
    createdAt: textOf(row, 'created_at'),
    attempts: numberOf(row, 'attempts'),
    error: optionalText(row, 'error') ?? '',
  }));
}
