/** The tables of keys and of the servers that they speak for. */
import type { DatabaseSync } from 'node:sqlite';
import type { TrustedKey } from '../trust.ts';
import { numberOf } from './sqlite-rows.ts';

export type Keys = {
  /** The row of a key that sent something before. */
  idOf(keyId: string): number | undefined;
  add(key: TrustedKey, at: string): number;
  /** An agent's key speaks for the server that it first reported, and for no other. */
  maySpeakFor(key: number, target: string): boolean;
  bind(key: number, target: string, at: string): void;
};

export function openKeys(database: DatabaseSync): Keys {
  const get = database.prepare('SELECT id FROM signing_key WHERE key_id = ?');
  const put = database.prepare('INSERT INTO signing_key (key_id, spki, role, first_seen_at) VALUES (?, ?, ?, ?)');
  const other = database.prepare(
    `SELECT 1 FROM key_target WHERE key = :key
     AND NOT EXISTS (SELECT 1 FROM key_target WHERE key = :key AND target = :target)`,
  );
  const putTarget = database.prepare('INSERT OR IGNORE INTO key_target (key, target, bound_at) VALUES (?, ?, ?)');
  return {
    idOf(keyId) {
      const row = get.get(keyId);
      return row && numberOf(row, 'id');
    },
    add({ keyId, publicKey, role }, at) {
      const spki = publicKey.export({ type: 'spki', format: 'der' });
      return Number(put.run(keyId, spki, role, at).lastInsertRowid);
    },
    maySpeakFor: (key, target) => other.get({ ':key': key, ':target': target }) === undefined,
    bind: (key, target, at) => {
      putTarget.run(key, target, at);
    },
  };
}
