/** Keys that signed for a server that is not theirs: refused, and kept, so that readers can ask for it. */
import type { KeyState } from '../../schemas/generated/types.ts';
import { fromHex, hexOf, numberOf, type Sql, textOf } from '../store/sql.ts';

/** Who has a key could name any number of servers; more of them say nothing more. */
const mostTargets = 100;

type OtherTargets = NonNullable<KeyState['otherTargets']>;

/** One row a server: its first such bundle, and how many. Only for a bundle whose signature by the key was verified. */
export async function noteOtherTarget(
  sql: Sql,
  { keyId, target, digest, at }: { keyId: string; target: string; digest: string; at: string },
): Promise<void> {
  const row = await sql.get('SELECT count(*) AS rows FROM key_other_target WHERE key_id = $1 AND target <> $2', [
    keyId,
    target,
  ]);
  if (numberOf(row ?? {}, 'rows') >= mostTargets) return;
  await sql.run(
    `INSERT INTO key_other_target (key_id, target, digest, first_at, last_at, times) VALUES ($1, $2, $3, $4, $4, 1)
     ON CONFLICT (key_id, target) DO UPDATE SET times = key_other_target.times + 1, last_at = excluded.last_at`,
    [keyId, target, fromHex(digest), at],
  );
}

/** Of a line of keys, the oldest first. */
export async function otherTargetsOf(sql: Sql, line: readonly string[]): Promise<OtherTargets> {
  const found: OtherTargets = [];
  for (const keyId of line)
    for (const row of await sql.all('SELECT * FROM key_other_target WHERE key_id = $1 ORDER BY first_at, target', [
      keyId,
    ]))
      found.push({
        target: textOf(row, 'target'),
        digest: hexOf(row, 'digest'),
        firstAt: textOf(row, 'first_at'),
        lastAt: textOf(row, 'last_at'),
        times: numberOf(row, 'times'),
      });
  return found.slice(0, 1000);
}
