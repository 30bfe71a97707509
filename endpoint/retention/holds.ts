/** Legal holds: while one stands, nothing of its servers is pruned or erased. */
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { Registrar } from '../identity/registrar.ts';
import { selectIn } from '../store/dialect.ts';
import { numberOf, type Sql, textOf } from '../store/sql.ts';

export type Hold = {
  readonly name: string;
  /** None: all servers. */
  readonly targets: readonly string[];
  readonly reason: string;
  readonly operator: string;
  readonly at: string;
  readonly index: number;
};

export async function holdsOf(sql: Sql): Promise<Hold[]> {
  const rows = await sql.all('SELECT name, targets, reason, operator, log_index, at FROM legal_hold ORDER BY name');
  return rows.map((row) => ({
    name: textOf(row, 'name'),
    targets: JSON.parse(textOf(row, 'targets')) as string[],
    reason: textOf(row, 'reason'),
    operator: textOf(row, 'operator'),
    at: textOf(row, 'at'),
    index: numberOf(row, 'log_index'),
  }));
}

/**
 * Row numbers of keys whose documents are held: every key that ever spoke for a held server, so that a
 * sweeper's documents of other servers are held with them rather than one too few. `all` holds everything.
 */
export async function heldKeys(sql: Sql): Promise<'all' | ReadonlySet<number>> {
  const holds = await holdsOf(sql);
  if (holds.some(({ targets }) => targets.length === 0)) return 'all';
  const targets = [...new Set(holds.flatMap((hold) => hold.targets))];
  const rows = await selectIn(
    sql,
    'SELECT DISTINCT key FROM bundle',
    ['target'],
    targets.map((target) => [target]),
  );
  return new Set(rows.map((row) => numberOf(row, 'key')));
}

export type HoldOrder = Pick<Hold, 'name' | 'targets' | 'reason' | 'operator'> & { readonly at: string };

/** Refuses with `hold-exists`. */
export async function placeHold(
  registrar: Registrar,
  { name, targets, reason, operator, at }: HoldOrder,
): Promise<Result<number>> {
  const sorted = [...new Set(targets)].toSorted();
  const recorded = await registrar.record<undefined>(async (sql) => {
    if ((await holdsOf(sql)).some((hold) => hold.name === name))
      return refuse('hold-exists', `there is a hold ${name} already`, { remedy: 'give the new one another name' });
    return ok({
      kind: 'record',
      draft: { kind: 'legal-hold', hold: name, targets: sorted, reason, operator },
      async changes(inside, index) {
        await inside.run(
          'INSERT INTO legal_hold (name, targets, reason, operator, log_index, at) VALUES ($1, $2, $3, $4, $5, $6)',
          [name, JSON.stringify(sorted), reason, operator, index, at],
        );
        return undefined;
      },
    });
  });
  return recorded.ok ? ok(recorded.value.kind === 'record' ? recorded.value.index : -1) : recorded;
}

/** Refuses with `hold-unknown`. */
export async function releaseHold(
  registrar: Registrar,
  { name, reason, operator }: Pick<Hold, 'name' | 'reason' | 'operator'>,
): Promise<Result<number>> {
  const recorded = await registrar.record<undefined>(async (sql) => {
    if (!(await holdsOf(sql)).some((hold) => hold.name === name))
      return refuse('hold-unknown', `there is no hold ${name}`, { remedy: 'affiant hold lists those in force' });
    return ok({
      kind: 'record',
      draft: { kind: 'legal-hold-release', hold: name, reason, operator },
      async changes(inside) {
        await inside.run('DELETE FROM legal_hold WHERE name = $1', [name]);
        return undefined;
      },
    });
  });
  return recorded.ok ? ok(recorded.value.kind === 'record' ? recorded.value.index : -1) : recorded;
}
