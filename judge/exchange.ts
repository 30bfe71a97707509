/**
 * Which security updates an Exchange server lacks, by the build of its ExSetup.exe against a dated catalogue.
 * Windows Update offers nothing where a cumulative update is out of support, and the build that Exchange's own
 * cmdlets name does not move with a security update: neither is asked here.
 * https://learn.microsoft.com/exchange/new-features/build-numbers-and-release-dates
 */
import type { Catalogue, CatalogueBranch, CatalogueProduct, CatalogueUpdate } from '../schemas/generated/types.ts';
import { catalogueEnded } from './catalogue-age.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { compareBuilds, parseBuild } from './versions/build.ts';

export type InstalledExchange = {
  /** File version of ExSetup.exe. */
  readonly build: string;
  /** What shows that an installation did not end well; empty where all was looked at and sound, undefined where nobody could look. */
  readonly broken: readonly string[] | undefined;
  /** Updates that some list calls installed: articles such as `KB5003435`. */
  readonly claimedKbs: readonly string[];
  /** True where a restart is still to come. */
  readonly restartPending: boolean | undefined;
};

export type MissingUpdate = {
  readonly update: CatalogueUpdate;
  /** When it came out for the installed branch, where that was later than the update. */
  readonly availableOn?: string;
  /** No build of the installed branch carries it: the cumulative update has to be raised first. */
  readonly requiresUpgrade: boolean;
  /** Some list calls it installed. */
  readonly claimed: boolean;
  /** In words: `build 15.1.2044.4 is below 15.1.2044.6`. */
  readonly why: string;
};

export type ExchangeLevel = {
  readonly product: CatalogueProduct;
  readonly branch: CatalogueBranch;
  /** The newest update in the build; undefined for a cumulative update alone. */
  readonly update?: string;
  /** False where the build stands between two that the catalogue has: an interim update. */
  readonly exact: boolean;
  /** The first day on which the branch got no fixes any more, by the rule of the newest branches and by what came out. */
  readonly branchEndedOn?: string;
  readonly missing: readonly MissingUpdate[];
};

export type ExchangeVerdict = Verdict & {
  readonly level?: ExchangeLevel;
  /** The catalogue does not have the build, or is too old to know what came since. */
  readonly catalogueGap?: string;
};

/** `at` is a day: what came out later is not missing yet. */
export function judgeExchange(installed: InstalledExchange, catalogue: Catalogue, at: string): ExchangeVerdict {
  const build = parseBuild(installed.build);
  const gap = (text: string): ExchangeVerdict => ({ ...verdictOf([], [text]), catalogueGap: text });
  if (build === undefined) return gap(`the build ${installed.build} is not of four numbers`);
  const level = exchangeLevel(installed, build, catalogue, at);
  if (level === undefined) return gap(`the catalogue does not have the build ${installed.build}`);
  const { product, branch, missing, branchEndedOn } = level;
  const faults = missing.map(({ update, why }) => `${update.id} is missing: ${why}`);
  const unknowns: string[] = [];
  if (branchEndedOn !== undefined && branchEndedOn <= at)
    faults.push(`${branch.id} of ${product.name} gets no fixes since ${branchEndedOn}`);
  if (product.supportEndsOn !== undefined && product.supportEndsOn < at)
    faults.push(`${product.name} is out of support since ${product.supportEndsOn}`);
  if (installed.broken !== undefined) faults.push(...installed.broken.map((each) => `half installed: ${each}`));
  else unknowns.push('whether the last update was installed whole');
  if (installed.restartPending === undefined) unknowns.push('whether a restart is pending');
  else if (installed.restartPending) faults.push('a restart is pending');
  const expired = catalogueEnded(catalogue, product, at);
  if (expired !== undefined) unknowns.push(expired);
  if (!level.exact) unknowns.push(`the build ${installed.build} stands between two that the catalogue has`);
  return { ...verdictOf(faults, unknowns), level, ...(expired === undefined ? {} : { catalogueGap: expired }) };
}

function exchangeLevel(
  installed: InstalledExchange,
  build: readonly number[],
  catalogue: Catalogue,
  at: string,
): ExchangeLevel | undefined {
  const branches = catalogue.branches.filter(({ build: first }) => sameBranch(build, first));
  const [branch] = branches.filter((each) => compare(each.build, build) <= 0);
  const product = catalogue.products.find(({ id }) => id === branch?.product);
  if (branch === undefined || product === undefined) return undefined;
  const own = catalogue.builds.filter((each) => each.product === product.id && each.branch === branch.id);
  const reached = own.filter((each) => compare(each.build, build) <= 0);
  const newest = reached.at(-1);
  const exact =
    compare(newest?.build ?? branch.build, build) === 0 ||
    own.some(({ alsoBuilds = [] }) => alsoBuilds.some((other) => compare(other, build) === 0));
  const known = catalogue.updates.filter(({ kind, releasedOn }) => kind === 'security' && releasedOn <= at);
  const ended = branchEnd(catalogue, product, branch);
  const unsound = (installed.broken?.length ?? 0) > 0 || installed.restartPending === true;
  const missing = known.flatMap((update): MissingUpdate[] => {
    if (!catalogue.builds.some((each) => each.product === product.id && each.update === update.id)) return [];
    const row = own.find((each) => each.update === update.id);
    const claimed = row?.kb !== undefined && installed.claimedKbs.includes(row.kb);
    if (row === undefined) {
      if (update.releasedOn <= branch.releasedOn) return [];
      // An update that came out of turn for a branch past its end brings its own fixes alone.
      const inTurn = (day: string): boolean => day > update.releasedOn && (ended === undefined || day < ended);
      if (reached.some((each) => inTurn(releaseOf(catalogue, each.update)))) return [];
      const why = `no build of ${branch.id} carries it: the cumulative update has to be raised first`;
      return [{ update, requiresUpgrade: true, claimed: false, why }];
    }
    const availableOn = row.availableOn === undefined ? {} : { availableOn: row.availableOn };
    const first = [row.build, ...(row.alsoBuilds ?? [])].toSorted((a, b) => compare(a, parseBuild(b) ?? []))[0];
    if (first !== undefined && compare(first, build) > 0) {
      const why = `build ${installed.build} is below ${row.build}`;
      return [{ update, ...availableOn, requiresUpgrade: false, claimed, why }];
    }
    if (!unsound || row !== newest) return [];
    const why = installed.broken?.length
      ? `installed, but not whole: ${installed.broken.join('; ')}`
      : 'installed, and a restart is still to come';
    return [{ update, ...availableOn, requiresUpgrade: false, claimed: true, why }];
  });
  return {
    product,
    branch,
    ...(newest === undefined ? {} : { update: newest.update }),
    exact,
    ...(ended === undefined ? {} : { branchEndedOn: ended }),
    missing,
  };
}

/**
 * The earliest of: the row's own word, the release of the branch that pushed it out of the newest N, and the
 * first security update of the product that came out later and not for it.
 */
function branchEnd(catalogue: Catalogue, product: CatalogueProduct, branch: CatalogueBranch): string | undefined {
  const all = catalogue.branches.filter((each) => each.product === product.id);
  const newer = all.filter(({ releasedOn }) => releasedOn > branch.releasedOn).map(({ releasedOn }) => releasedOn);
  const pushedOut =
    product.supportedBranches === undefined ? undefined : newer.toSorted()[product.supportedBranches - 1];
  const carried = (id: string, where?: string): boolean =>
    catalogue.builds.some(
      (each) => each.product === product.id && each.update === id && (where === undefined || each.branch === where),
    );
  const passedBy = catalogue.updates.find(
    ({ id, kind, releasedOn }) =>
      kind === 'security' && releasedOn > branch.releasedOn && carried(id) && !carried(id, branch.id),
  )?.releasedOn;
  return [branch.supportEndedOn, pushedOut, passedBy].filter((day) => day !== undefined).toSorted()[0];
}

/** The first three numbers name the branch. */
function sameBranch(build: readonly number[], first: string): boolean {
  const other = parseBuild(first) ?? [];
  return build.slice(0, 3).every((part, at) => part === other[at]);
}

function compare(text: string, build: readonly number[]): number {
  return compareBuilds(parseBuild(text) ?? [], build);
}

function releaseOf(catalogue: Catalogue, update: string): string {
  return catalogue.updates.find(({ id }) => id === update)?.releasedOn ?? '';
}
