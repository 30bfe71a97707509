/** Places of chains: what is kept at a sequence. */
import type { DatabaseSync } from 'node:sqlite';
import { hexOf } from './sqlite-rows.ts';

export type Places = {
  /** The digests at a place of a key's chain, in the order of their arrival; more than one is a fork. */
  at(key: number, chain: string, sequence: number): string[];
};

export function openPlaces(database: DatabaseSync): Places {
  const select = database.prepare('SELECT digest FROM bundle WHERE key = ? AND chain = ? AND sequence = ? ORDER BY id');
  return { at: (key, chain, sequence) => select.all(key, chain, sequence).map((row) => hexOf(row, 'digest')) };
}
