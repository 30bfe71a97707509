/** Versions of the programs behind services: what a product is where its registry and its own words say nothing. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import { fromAnswer, observed, parsed, unparsed, unseen } from '../fact.ts';
import { rowsOf, textOf } from '../raw-objects.ts';
import { shortText } from './key-values.ts';
import type { Findings } from './product.ts';

type Versions = Fact<ReadonlyMap<string, string>>;

/** `Path` and `FileVersion` of each; the text of a version is not translated. */
export async function readFileVersions(host: Host, paths: readonly string[]): Promise<Versions> {
  if (paths.length === 0) return observed(new Map<string, string>());
  const answer = await host.query('program-versions', { paths: [...new Set(paths)].toSorted() });
  return fromAnswer(answer, (value) => {
    const rows = rowsOf(value);
    if (!rows.ok) return rows;
    const versions = new Map<string, string>();
    for (const row of rows.value) {
      const path = textOf(row['Path']);
      if (path === undefined) return unparsed('file-without-path');
      const version = shortText(textOf(row['FileVersion'])?.trim());
      if (version !== undefined) versions.set(path.toLowerCase(), version);
    }
    return parsed<ReadonlyMap<string, string>>(versions);
  });
}

export function versionFinding(versions: Versions, program: string | undefined): Findings {
  if (program === undefined) return {};
  if (versions.status !== 'observed') return { version: versions };
  const version = versions.value.get(program.toLowerCase());
  return {
    version:
      version === undefined
        ? unseen('unsupported', 'not-stated', versions.sources)
        : observed(version, ...versions.sources),
  };
}
