/** Documents whose time is over go, by a rule; statements and proofs stay. Each removal is a record of the log. */
import { ok, type Result } from '../../evidence/result.ts';
import type { Registrar } from '../identity/registrar.ts';
import { useResolutionMs } from '../store/admission-decide.ts';
import { numberOf, type Sql, type SqlValue } from '../store/sql.ts';
import type { Store } from '../store/store.ts';
import { bundlesLosing, leavingColumns, leavingOf, removeDocuments } from './gone.ts';
import { heldKeys } from './holds.ts';

export type Pruned = { readonly documents: number; readonly bundles: number; readonly records: readonly number[] };

const dayMs = 86_400_000;
/** Documents in one record, and in one transaction. */
const maxDocuments = 2000;

/**
 * Removes documents that no bundle of the last `days` days names, except those under a legal hold. A
 * document that an unchanged server still refers to stays, however long ago it was sent.
 */
export async function pruneDocuments(registrar: Registrar, days: number, now: Date): Promise<Result<Pruned>> {
  const before = new Date(now.getTime() - days * dayMs).toISOString();
  let pruned: Pruned = { documents: 0, bundles: 0, records: [] };
  for (;;) {
    const recorded = await registrar.record<{ documents: number; bundles: number }>(async (sql) => {
      const leaving = await overdue(sql, before);
      if (leaving.length === 0) return ok({ kind: 'answer', value: { documents: 0, bundles: 0 } });
      const counts = { documents: leaving.length, bundles: await bundlesLosing(sql, leaving) };
      return ok({
        kind: 'record',
        draft: { kind: 'pruning', policy: `documents ${days} days`, before, targets: [], ...counts },
        async changes(inside) {
          await removeDocuments(inside, leaving);
          return counts;
        },
      });
    });
    if (!recorded.ok) return recorded;
    if (recorded.value.kind === 'answer') return ok(pruned);
    const { value, index } = recorded.value;
    pruned = {
      documents: pruned.documents + value.documents,
      bundles: pruned.bundles + value.bundles,
      records: [...pruned.records, index],
    };
  }
}

/** What would go now. */
export async function overdueDocuments(store: Store, days: number, now: Date): Promise<Result<number>> {
  const before = new Date(now.getTime() - days * dayMs).toISOString();
  return store.read(async (sql) => {
    const held = await heldKeys(sql);
    if (held === 'all') return 0;
    const { where, values } = condition(before, held);
    return numberOf((await sql.get(`SELECT count(*) AS rows FROM document ${where}`, values)) ?? {}, 'rows');
  });
}

async function overdue(sql: Sql, before: string): Promise<ReturnType<typeof leavingOf>[]> {
  const held = await heldKeys(sql);
  if (held === 'all') return [];
  const { where, values } = condition(before, held);
  const rows = await sql.all(
    `SELECT ${leavingColumns} FROM document ${where} ORDER BY id LIMIT ${maxDocuments}`,
    values,
  );
  return rows.map(leavingOf);
}

/** `used_at` is kept to a day: a document may have been named that much later than it says. */
function condition(before: string, held: ReadonlySet<number>): { where: string; values: SqlValue[] } {
  const values: SqlValue[] = [new Date(Date.parse(before) - useResolutionMs).toISOString(), ...held];
  const list = [...held].map((_, index) => `$${index + 2}`).join(', ');
  return { where: `WHERE used_at < $1 ${held.size > 0 ? `AND key NOT IN (${list})` : ''}`, values };
}
