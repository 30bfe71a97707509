/** A Windows server over time: at which build it stood on which days, and which monthly updates it lacked. */
import { catalogueEnded } from '../judge/catalogue-age.ts';
import { compareBuilds, parseBuild } from '../judge/versions/build.ts';
import type { Catalogue, CatalogueUpdate } from '../schemas/generated/types.ts';
import type { BuildRun } from './build-runs.ts';
import type { AuditContext } from './context.ts';
import type { Day } from './days.ts';
import type { History, HistoryEntry } from './history-model.ts';
import type { Place, SeenWindows } from './observation.ts';

function windowsCatalogue({ catalogues }: AuditContext): Catalogue | undefined {
  return catalogues.find(({ products }) => products.some(({ family }) => family === 'windows'));
}

export function windowsRuns({ entries }: History, context: AuditContext): BuildRun[] {
  const catalogue = windowsCatalogue(context);
  const runs: {
    entry: HistoryEntry;
    place: Place;
    from: Day;
    key: string;
    seen: SeenWindows;
    pending: boolean;
    end?: Day;
  }[] = [];
  for (const entry of entries) {
    const { windows, restartPending } = entry.seen;
    if (windows?.status !== 'observed') continue;
    const pending = restartPending?.status === 'observed' && restartPending.value;
    const { build, hotpatch, extendedSecurity } = windows.value;
    const key = `${build} ${hotpatch} ${pending} ${extendedSecurity}`;
    const last = runs.at(-1);
    if (last?.key === key) continue;
    if (last !== undefined) last.end = entry.day;
    runs.push({ entry, place: windows, from: entry.day, key, seen: windows.value, pending });
  }
  return runs.map(({ entry, place, from, end, seen, pending }) => ({
    entry,
    place,
    from,
    ...(end !== undefined && { end }),
    what: 'Windows',
    family: 'windows',
    build: seen.build,
    ...(seen.extendedSecurity !== undefined && { extendedSecurity: seen.extendedSecurity }),
    ...levelOf(seen, pending, catalogue, context.at),
  }));
}

function levelOf(
  { build, hotpatch }: SeenWindows,
  pending: boolean,
  catalogue: Catalogue | undefined,
  at: Day,
): Pick<BuildRun, 'product' | 'missing' | 'gap'> {
  const installed = parseBuild(build);
  const branch = catalogue?.branches.find(({ id }) => id === String(installed?.[2] ?? ''));
  const product = catalogue?.products.find(({ id }) => id === branch?.product);
  if (catalogue === undefined || installed === undefined || branch === undefined || product === undefined)
    return { missing: [], gap: `the catalogue does not have the branch of ${build}` };
  const rows = catalogue.builds.filter((row) => row.product === product.id && row.branch === branch.id);
  const compared = rows.map((row) => ({ row, order: compareBuilds(parseBuild(row.build) ?? [], installed) }));
  const exact = compared.find(({ order }) => order === 0)?.row;
  const updates = (ids: readonly string[]): CatalogueUpdate[] =>
    ids
      .flatMap((id) => catalogue.updates.find((each) => each.id === id) ?? [])
      .filter(({ releasedOn }) => releasedOn <= at);
  const later = updates(compared.filter(({ order }) => order > 0).map(({ row }) => row.update));
  const expired = catalogueEnded(catalogue, product, at);
  const unclear = later.filter(
    ({ kind, releasedOn }) =>
      kind === 'unclassified' && !later.some((each) => each.kind === 'security' && each.releasedOn >= releasedOn),
  );
  const gaps = [
    ...(exact === undefined ? [`the catalogue does not have the build ${build}`] : []),
    ...(expired === undefined ? [] : [expired]),
    ...unclear.map(({ id }) => `${id} may carry security fixes`),
  ];
  const gap = gaps.length === 0 ? {} : { gap: gaps.join('; ') };
  // A hotpatched server has a build of its own below that of the month, with the same fixes.
  if (exact === undefined && hotpatch !== false) return { product, missing: [], ...gap };
  const missing = later
    .filter(({ kind }) => kind === 'security')
    .map((update) => ({ update, why: `Windows is of build ${build}, below that of ${update.id}` }));
  const waiting =
    pending && exact !== undefined ? updates([exact.update]).filter(({ kind }) => kind === 'security') : [];
  return {
    product,
    missing: [...waiting.map((update) => ({ update, why: 'installed, and a restart is still to come' })), ...missing],
    ...gap,
  };
}
