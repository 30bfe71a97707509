import { type Result, refuse } from '../../evidence/result.ts';
import { openStore, reasonOf, type StoreOptions } from './open-store.ts';
import { openSqlite } from './sqlite-driver.ts';
import type { Store } from './store.ts';

export type SqliteOptions = StoreOptions & {
  /** A cap on the file in bytes, so that evidence cannot fill the disk that the endpoint needs to answer. */
  readonly maxBytes?: number;
};

/**
 * The embedded store: one SQLite file in write-ahead mode, flushed to the disk before any answer
 * (`synchronous=FULL`). Refuses with `store-unusable`, and as `openStore` does.
 */
export async function openSqliteStore(file: string, options: SqliteOptions): Promise<Result<Store>> {
  try {
    return await openStore(openSqlite(file, options.maxBytes), options);
  } catch (error) {
    return refuse('store-unusable', `${file} cannot be used (${reasonOf(error)})`, {
      remedy: 'make the folder one that this user owns and may write; if the file is damaged, restore a backup',
    });
  }
}
