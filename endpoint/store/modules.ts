import { coreTables } from './core-tables.ts';
import { identityTables } from './identity-tables.ts';
import type { StoreModule } from './module.ts';
import { readerTables } from './reader-tables.ts';
import { retentionTables } from './retention-tables.ts';
import { stampTables } from './stamp-tables.ts';
import { watchTables } from './watch-tables.ts';

/** Every module of the store, in the order in which their steps run. A new one is one line. */
export const modules: readonly StoreModule[] = [
  coreTables,
  identityTables,
  readerTables,
  retentionTables,
  watchTables,
  stampTables,
];
