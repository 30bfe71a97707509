/** Servers that the configuration names, so that something is due of them before anything was heard. */
import { insertRows, selectIn } from './dialect.ts';
import { type Sql, textOf } from './sql.ts';

/**
 * Takes note of who is named now, of at most `limit` new ones at a time; `more` where there are further ones. `unwatched`
 * are the new ones that nobody watches yet. Of those that are named no more, and that neither reported nor were
 * enrolled, nothing stays. `names` each once.
 */
export async function noteExpected(
  sql: Sql,
  names: readonly string[],
  now: string,
  limit: number,
): Promise<{ readonly unwatched: readonly string[]; readonly more: boolean }> {
  const noted = new Set((await sql.all('SELECT target FROM watch_expected')).map((row) => textOf(row, 'target')));
  const fresh = names.filter((name) => !noted.delete(name));
  const added = fresh.slice(0, limit);
  for (const gone of noted) {
    await sql.run('DELETE FROM watch_expected WHERE target = $1', [gone]);
    await sql.run(
      `DELETE FROM watch_target WHERE target = $1
       AND NOT EXISTS (SELECT 1 FROM target WHERE target.id = watch_target.target)
       AND NOT EXISTS (SELECT 1 FROM key_speaker WHERE key_speaker.target = watch_target.target)`,
      [gone],
    );
  }
  await insertRows(
    sql,
    'watch_expected',
    ['target', 'since'],
    added.map((name) => [name, now]),
  );
  const watched = await selectIn(
    sql,
    'SELECT target FROM watch_target',
    ['target'],
    added.map((name) => [name]),
  );
  const known = new Set(watched.map((row) => textOf(row, 'target')));
  return { unwatched: added.filter((name) => !known.has(name)), more: fresh.length > limit };
}
