import type { Sql } from './sql.ts';

type Runner = <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;

/** Runs asynchronous work one after the other, in the order in which it was asked for. */
export function inTurn(run: Runner): Runner {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(() => run(work));
    last = mine.catch(() => {});
    return mine;
  };
}
