/** The index of recordings of real systems that may lie beside this checkout. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const folder = join(import.meta.dirname, '../../../shared/recordings');

export type Facts = Record<string, unknown>;

/** The key facts that the index names, by recording of update levels on Linux. */
export function rows(): Map<string, Facts> {
  const found = new Map<string, Facts>();
  for (const line of readFileSync(join(folder, 'INDEX.tsv'), 'utf8').split('\n')) {
    if (!line.startsWith('updates-linux/')) continue;
    const fields = line.split('\t');
    const quoted = (fields.at(-1) ?? '').trim();
    const json = quoted.startsWith('"') ? quoted.slice(1, -1).replaceAll('""', '"') : quoted;
    found.set((fields[0] ?? '').slice('updates-linux/'.length), JSON.parse(json) as Facts);
  }
  return found;
}
