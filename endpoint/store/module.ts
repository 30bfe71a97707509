import type { Words } from './dialect.ts';
import type { Dialect, Sql } from './sql.ts';
import type { Admission, Refused } from './store.ts';

/**
 * One step of a module's tables: statements for both dialects, made from the dialect's words, or work over
 * `Sql` where rows must be rewritten. A released step is never changed; a change is a further step.
 */
export type Step = (words: Words, dialect: Dialect) => string | ((sql: Sql) => Promise<void>);

/** What a module hears of a bundle that was kept. */
export type KeptBundle = {
  readonly admission: Admission;
  readonly logIndex: number;
  readonly labels: readonly string[];
};

/**
 * A part of the store with tables of its own: `endpoint/store/NAME-tables.ts` exports one, and
 * modules.ts lists it. Its functions take a `Sql` and are called inside `store.read`, `store.write`,
 * or the callback of `store.append`.
 */
export type StoreModule = {
  /** In kebab-case, and never changed: the database remembers it. */
  readonly name: string;
  readonly steps: readonly Step[];
  /**
   * Asked inside the transaction that would keep these bundles, before anything is written: a refusal for each
   * that may not be kept (a key that was revoked a moment ago). Asked of new bundles only, never of repeated ones.
   */
  readonly gate?: (sql: Sql, batch: readonly Admission[]) => Promise<readonly (Refused | undefined)[]>;
  /** Told inside the transaction that keeps them; where it throws, nothing is kept. */
  readonly kept?: (sql: Sql, batch: readonly KeptBundle[]) => Promise<void>;
};
