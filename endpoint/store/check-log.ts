/** Whether the log in a store is what its newest checkpoint promised to the world. */
import { type LogSigner, logVerifierFromKey, openCheckpoint } from '../../evidence/checkpoint.ts';
import { rootAt } from '../../evidence/merkle.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { SealedLog } from '../log.ts';
import { subtreesOf } from '../log-edge.ts';
import { newestCheckpoint, withNodes } from './log-tables.ts';
import { bytesOf, type Database, numberOf, type Sql } from './sql.ts';

/**
 * Refuses with `store-log-key` a log that another key signs, and with `store-log-diverged` one with leaves
 * lost or added, or with another root. Makes the root again from the tiles on the right edge, which every
 * leaf leads to, and not from each leaf.
 */
export async function checkLog(database: Database, sql: Sql, signer: LogSigner): Promise<Result<SealedLog>> {
  const { name } = database;
  const newest = await newestCheckpoint(sql, signer.verifierKey);
  if (newest === undefined) return diverged(name, 'it has no checkpoint');
  const verifier = logVerifierFromKey(signer.verifierKey);
  if (!verifier.ok) return verifier;
  const said = openCheckpoint(newest.note, verifier.value);
  if (!said.ok)
    return refuse('store-log-key', `${name} holds a log that another key signs (${said.refusal.message})`, {
      remedy: 'put the log key of this store back (log-key.pem), and its origin into the configuration',
    });
  const leaves = await leafCount(sql);
  if (said.value.size !== newest.size || leaves !== newest.size)
    return diverged(name, `${leaves} leaves, ${said.value.size} in the newest checkpoint`);
  try {
    const root = await withNodes(sql, (nodes) => rootAt(leaves, nodes));
    if (Buffer.compare(root, newest.root) !== 0 || Buffer.compare(root, said.value.root) !== 0)
      return diverged(name, 'its tree has another root than the newest checkpoint');
    const head = (await sql.get('SELECT size, frontier FROM log_head WHERE id = 1')) ?? {};
    const frontier = await withNodes(sql, (nodes) =>
      Buffer.concat(subtreesOf(leaves).map(({ level, position }) => nodes.get(level, position))),
    );
    if (numberOf(head, 'size') !== leaves || Buffer.compare(frontier, bytesOf(head, 'frontier')) !== 0)
      return diverged(name, 'its head is not the edge of its tree');
    return ok(newest);
  } catch (error) {
    return diverged(name, error instanceof RangeError ? error.message : 'its tree cannot be read');
  }
}

/** Leaves in the table, whatever the head says. */
export async function leafCount(sql: Sql): Promise<number> {
  return numberOf((await sql.get('SELECT coalesce(max(position), -1) + 1 AS size FROM log_leaf')) ?? {}, 'size');
}

function diverged(name: string, what: string): Result<never> {
  return refuse('store-log-diverged', `${name}: the log is not what it signed: ${what}`, {
    remedy: 'do not start an endpoint over it: restore the newest backup, and keep this store as evidence',
  });
}
