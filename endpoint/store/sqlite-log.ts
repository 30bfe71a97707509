/** The log's tables: leaves, nodes, checkpoints. */
import type { DatabaseSync } from 'node:sqlite';
import { type LogSigner, logVerifierFromKey, openCheckpoint } from '../../evidence/checkpoint.ts';
import { rootAt } from '../../evidence/merkle.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { appendToLog, type LogNodes, type SealedLog, sealLog } from '../log.ts';
import { bytesOf, numberOf, textOf } from './sqlite-rows.ts';

export type LogTables = {
  readonly nodes: LogNodes;
  /** The number of leaves. */
  size(): number;
  /** Appends a leaf and gives its index. Only inside a transaction. */
  append(kind: 'bundle', body: Uint8Array): number;
  /** Signs and keeps the checkpoint of the tree as it stands. Only inside a transaction. */
  seal(signedAt: string): SealedLog;
  newest(): SealedLog | undefined;
  /** When the checkpoint of that size and root was signed. */
  signedAt(size: number, root: Uint8Array): string | undefined;
};

export function openLogTables(database: DatabaseSync, signer: LogSigner): LogTables {
  const getNode = database.prepare('SELECT hash FROM node WHERE level = ? AND position = ?');
  const putNode = database.prepare('INSERT INTO node (level, position, hash) VALUES (?, ?, ?)');
  const putLeaf = database.prepare('INSERT INTO leaf (position, kind, body) VALUES (?, ?, ?)');
  const last = database.prepare('SELECT coalesce(max(position), -1) + 1 AS size FROM leaf');
  const putCheckpoint = database.prepare('INSERT INTO checkpoint (size, root, note, signed_at) VALUES (?, ?, ?, ?)');
  const newest = database.prepare('SELECT size, root, note FROM checkpoint ORDER BY size DESC LIMIT 1');
  const seen = database.prepare('SELECT signed_at FROM checkpoint WHERE size = ? AND root = ?');

  const nodes: LogNodes = {
    get(level, index) {
      const row = getNode.get(level, index);
      if (row === undefined) throw new RangeError(`the stored tree lacks node ${level}/${index}`);
      return bytesOf(row, 'hash');
    },
    put: ({ level, index, hash }) => {
      putNode.run(level, index, hash);
    },
  };
  const tables: LogTables = {
    nodes,
    size: () => numberOf(last.get() ?? {}, 'size'),
    append(kind, body) {
      const index = tables.size();
      putLeaf.run(index, kind, body);
      appendToLog(index, body, nodes);
      return index;
    },
    seal(signedAt) {
      const sealed = sealLog(tables.size(), nodes, signer);
      putCheckpoint.run(sealed.size, sealed.root, sealed.note, signedAt);
      return sealed;
    },
    newest() {
      const row = newest.get();
      return (
        row && {
          size: numberOf(row, 'size'),
          root: bytesOf(row, 'root'),
          note: textOf(row, 'note'),
          logKey: signer.verifierKey,
        }
      );
    },
    signedAt(size, root) {
      const row = seen.get(size, root);
      return row && textOf(row, 'signed_at');
    },
  };
  return tables;
}

/**
 * Refuses a log that is not what its newest checkpoint promised to the world: another key, leaves lost
 * or added, a root that differs. Looks at the nodes on the right edge, which every leaf leads to, and
 * not at each leaf again.
 */
export function checkLog(tables: LogTables, signer: LogSigner, file: string): Result<SealedLog> {
  const newest = tables.newest();
  if (newest === undefined) return diverged(file, 'it has no checkpoint');
  const verifier = logVerifierFromKey(signer.verifierKey);
  if (!verifier.ok) return verifier;
  const said = openCheckpoint(newest.note, verifier.value);
  if (!said.ok)
    return refuse('store-log-key', `${file} holds a log that another key signs (${said.refusal.message})`, {
      remedy: 'put the log key of this store back (log-key.pem), and its origin into the configuration',
    });
  const size = tables.size();
  if (said.value.size !== newest.size || size !== newest.size)
    return diverged(file, `${size} leaves, ${said.value.size} in the newest checkpoint`);
  try {
    const root = rootAt(size, tables.nodes);
    if (Buffer.compare(root, newest.root) === 0 && Buffer.compare(root, said.value.root) === 0) return ok(newest);
    return diverged(file, 'its tree has another root than the newest checkpoint');
  } catch (error) {
    return diverged(file, error instanceof Error ? error.message : 'its tree cannot be read');
  }
}

function diverged(file: string, what: string): Result<never> {
  return refuse('store-log-diverged', `${file}: the log is not what it signed: ${what}`, {
    remedy: 'do not start an endpoint over it: restore the newest backup, and keep this file as evidence',
  });
}
