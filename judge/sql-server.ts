/** Which security updates an instance of SQL Server lacks, within its own line of builds: a server on cumulative updates never gets the others. */
import type { Catalogue, SqlInstance } from '../schemas/generated/types.ts';
import { catalogueEnded } from './catalogue-age.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { compareBuilds, parseBuild } from './versions/build.ts';

/** The major versions, as builds begin. */
const products: Readonly<Record<string, string>> = {
  '13': 'sql-server-2016',
  '14': 'sql-server-2017',
  '15': 'sql-server-2019',
  '16': 'sql-server-2022',
  '17': 'sql-server-2025',
};

/** The product and the line of builds that a build belongs to, and that line's rows. */
export function sqlLine(
  build: readonly number[],
  catalogue: Catalogue,
): {
  readonly product?: Catalogue['products'][number];
  readonly branch?: Catalogue['branches'][number];
  readonly rows: Catalogue['builds'];
} {
  const product = catalogue.products.find(({ id }) => id === products[String(build[0])]);
  if (product === undefined) return { rows: [] };
  const [branch] = catalogue.branches
    .filter((each) => each.product === product.id && compareBuilds(parseBuild(each.build) ?? [], build) <= 0)
    .toSorted((one, other) => compareBuilds(parseBuild(other.build) ?? [], parseBuild(one.build) ?? []));
  if (branch === undefined) return { product, rows: [] };
  const rows = catalogue.builds.filter((row) => row.product === product.id && row.branch === branch.id);
  return { product, branch, rows };
}

/** The file says 2019.150.4405.4 where the registry says 15.0.4405.4: why neither is believed, where they differ. */
export function sqlContradiction({ name, patchLevel, fileVersion }: SqlInstance): string | undefined {
  const onDisk = fileVersion?.split('.').slice(2).join('.');
  return onDisk !== undefined && patchLevel !== undefined && onDisk !== patchLevel.split('.').slice(2).join('.')
    ? `${name}: the registry says ${patchLevel}, the file ${fileVersion ?? ''}`
    : undefined;
}

/** `at` is a day. */
export function judgeSqlInstance(instance: SqlInstance, catalogue: Catalogue, at: string): Verdict {
  const { name, patchLevel, version } = instance;
  const text = patchLevel ?? version;
  const build = text === undefined ? undefined : parseBuild(text);
  if (text === undefined || build === undefined) return verdictOf([], [`${name}: its build is not known`]);
  const faults: string[] = [];
  const unknowns: string[] = [];
  const { product, branch, rows } = sqlLine(build, catalogue);
  if (product === undefined) return verdictOf([], [`catalogue-gap: the catalogue does not have ${text}`]);
  if (product.supportEndsOn !== undefined && at > product.supportEndsOn)
    faults.push(`${product.name} is out of support since ${product.supportEndsOn}`);
  if (branch === undefined) unknowns.push(`catalogue-gap: the catalogue does not have builds of ${product.name}`);
  const missing = rows.filter((row) => {
    const update = catalogue.updates.find(({ id }) => id === row.update);
    return (
      update?.kind === 'security' && update.releasedOn <= at && compareBuilds(parseBuild(row.build) ?? [], build) > 0
    );
  });
  if (missing.length > 0)
    faults.push(
      `${name} ${text}: ${missing.length} security updates not installed, newest ${missing.at(-1)?.kb ?? missing.at(-1)?.update ?? ''}`,
    );
  const isKnown = text === branch?.build || rows.some((row) => compareBuilds(parseBuild(row.build) ?? [], build) === 0);
  if (branch !== undefined && !isKnown) unknowns.push(`catalogue-gap: the catalogue does not have the build ${text}`);
  const ended = catalogueEnded(catalogue, product, at);
  if (ended !== undefined) unknowns.push(ended);
  const contradiction = sqlContradiction(instance);
  if (contradiction !== undefined) unknowns.push(contradiction);
  return verdictOf(faults, unknowns);
}
