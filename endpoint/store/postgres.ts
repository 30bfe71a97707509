import { type Result, refuse } from '../../evidence/result.ts';
import { openStore, reasonOf, type StoreOptions } from './open-store.ts';
import { openPostgres, type PostgresOptions } from './postgres-driver.ts';
import type { Store } from './store.ts';

/**
 * The shared store: any number of processes over one PostgreSQL, one sequenced log (whoever appends
 * holds the log's head row for its batch). Refuses as `openPostgres` and `openStore` do.
 */
export async function openPostgresStore(where: PostgresOptions, options: StoreOptions): Promise<Result<Store>> {
  const database = await openPostgres(where);
  if (!database.ok) return database;
  try {
    return await openStore(database.value, options);
  } catch (error) {
    return refuse('store-unusable', `${database.value.name} cannot be used (${reasonOf(error)})`, {
      remedy: 'give the user of serve.store a database of its own that it may make tables in',
    });
  }
}
