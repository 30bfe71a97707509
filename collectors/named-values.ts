/** Single registry values by name, where secrets stand beside them that are never to be read (Winlogon, Duo). */
import type { Host } from '../agent/host/host.ts';
import type { Fact, PrivilegedSetting } from '../schemas/generated/types.ts';
import { fromAnswer, observed, parsed, unparsed, unseen } from './fact.ts';
import { queryErrorReason } from './query-error.ts';
import { rowsOf } from './raw-objects.ts';

/** One row for each value that was asked for; a value or a key that is not there is `absent`. */
export async function readNamedValues(
  host: Host,
  values: readonly (readonly [string, readonly string[]])[],
): Promise<Fact<PrivilegedSetting[]>> {
  const asked = values.flatMap(([key, names]) => names.map((name) => ({ key, name })));
  const answer = await host.query('registry-values', { values: asked.map(({ key, name }) => `${key}\\${name}`) });
  const rows = fromAnswer(answer, (value) => {
    const list = rowsOf(value);
    if (!list.ok) return list;
    return list.value.length === asked.length ? parsed(list.value) : unparsed('values-missing');
  });
  if (rows.status !== 'observed') return rows;
  const settings: PrivilegedSetting[] = [];
  for (const [at, row] of rows.value.entries()) {
    const { key = '', name = '' } = asked[at] ?? {};
    const error = queryErrorReason(row['error']);
    if (error !== undefined) return unseen(error === 'access-denied' ? 'denied' : 'failed', error, rows.sources, key);
    const { there, value } = row;
    if (there === false) continue;
    if (there !== true || (typeof value !== 'string' && typeof value !== 'number'))
      return unseen('failed', 'unexpected-object', rows.sources, `${key}\\${name}`);
    settings.push({ name, key, value: String(value).slice(0, 1024) });
  }
  return observed(settings, ...rows.sources);
}
