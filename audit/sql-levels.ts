/** Instances of SQL Server over time: at which build each stood on which days, and which security updates it lacked. */
import { catalogueEnded } from '../judge/catalogue-age.ts';
import { sqlLine } from '../judge/sql-server.ts';
import { compareBuilds, parseBuild } from '../judge/versions/build.ts';
import type { Catalogue } from '../schemas/generated/types.ts';
import type { BuildRun } from './build-runs.ts';
import type { AuditContext } from './context.ts';
import type { Day } from './days.ts';
import type { History, HistoryEntry } from './history-model.ts';
import type { Place, SeenSql } from './observation.ts';

type Run = {
  readonly entry: HistoryEntry;
  readonly place: Place;
  readonly from: Day;
  readonly seen: SeenSql;
  end?: Day;
};

export function sqlRuns({ entries }: History, { catalogues, at }: AuditContext): BuildRun[] {
  const catalogue = catalogues.find(({ products }) => products.some(({ family }) => family === 'sql-server'));
  const runs: Run[] = [];
  const open = new Map<string, Run>();
  for (const entry of entries) {
    const { sql } = entry.seen;
    if (sql?.status !== 'observed' && sql?.status !== 'absent') continue;
    const now = sql.status === 'observed' ? sql.value : [];
    for (const [name, run] of open)
      if (!now.some((each) => each.name === name && each.build === run.seen.build && each.why === run.seen.why)) {
        run.end = entry.day;
        open.delete(name);
      }
    for (const seen of now) {
      if (open.has(seen.name)) continue;
      const run: Run = { entry, place: sql, from: entry.day, seen };
      open.set(seen.name, run);
      runs.push(run);
    }
  }
  return runs.map(({ entry, place, from, end, seen: { name, build = '', why } }) => ({
    entry,
    place,
    from,
    ...(end !== undefined && { end }),
    what: `SQL Server ${name}`,
    family: 'sql-server',
    build,
    ...(why === undefined ? levelOf(build, catalogue, at) : { missing: [], gap: why }),
  }));
}

function levelOf(
  text: string,
  catalogue: Catalogue | undefined,
  at: Day,
): Pick<BuildRun, 'product' | 'missing' | 'gap'> {
  const build = parseBuild(text);
  if (catalogue === undefined || build === undefined)
    return { missing: [], gap: `the catalogue does not have the build ${text}` };
  const { product, branch, rows } = sqlLine(build, catalogue);
  if (product === undefined || branch === undefined)
    return {
      ...(product !== undefined && { product }),
      missing: [],
      gap: `the catalogue does not have builds of ${text}`,
    };
  const order = (row: Catalogue['builds'][number]): number => compareBuilds(parseBuild(row.build) ?? [], build);
  const later = rows
    .filter((row) => order(row) > 0)
    .flatMap((row) => catalogue.updates.find(({ id }) => id === row.update) ?? [])
    .filter(({ releasedOn }) => releasedOn <= at);
  const isKnown = text === branch.build || rows.some((row) => order(row) === 0);
  const expired = catalogueEnded(catalogue, product, at);
  const unclear = later.filter(
    ({ kind, releasedOn }) =>
      kind === 'unclassified' && !later.some((each) => each.kind === 'security' && each.releasedOn >= releasedOn),
  );
  const gaps = [
    ...(isKnown ? [] : [`the catalogue does not have the build ${text}`]),
    ...(expired === undefined ? [] : [expired]),
    ...unclear.map(({ id }) => `${id} may carry security fixes`),
  ];
  return {
    product,
    missing: later
      .filter(({ kind }) => kind === 'security')
      .map((update) => ({ update, why: `${product.name} is of build ${text}, below that of ${update.id}` })),
    ...(gaps.length > 0 && { gap: gaps.join('; ') }),
  };
}
