/**
 * Whether a Windows server has its updates: by its build against a dated catalogue, since what the server
 * itself offers is only what its source approved. Nothing that could not be seen passes, and a build that
 * the catalogue does not have is never current.
 */
import type {
  Catalogue,
  CatalogueBranch,
  CatalogueBuild,
  CatalogueProduct,
  CatalogueUpdate,
  UpdatesDocument,
} from '../schemas/generated/types.ts';
import { catalogueEnded } from './catalogue-age.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { compareBuilds, parseBuild } from './versions/build.ts';
import type { Findings, WindowsFacts } from './windows-updates/facts.ts';
import { judgeWindowsState } from './windows-updates/state.ts';

export type WindowsThresholds = {
  /** The moment of the judgement, RFC 3339. */
  readonly at: string;
  /** Days that a fix may be missing; 0 where nothing is said. */
  readonly graceDays?: number;
  /** Days after which the last check says nothing any more; 7 where nothing is said. */
  readonly checkDays?: number;
};

export type WindowsLevel = {
  readonly product: CatalogueProduct;
  readonly branch: CatalogueBranch;
  /** The row of exactly this build; undefined where the catalogue does not have it. */
  readonly row: CatalogueBuild | undefined;
  /** Security updates that came out later, oldest first; each of them contains those before it. */
  readonly missing: readonly CatalogueUpdate[];
};

export type WindowsVerdict = Verdict & {
  readonly level?: WindowsLevel;
  /** Why the catalogue cannot say that nothing is missing. */
  readonly catalogueGap?: string;
  /** The update agent remembers nothing beside a build that somebody updated: its memory was reset. */
  readonly historyReset?: true;
};

const dayMs = 86_400_000;
/** Every three months a baseline comes out, which holds everything before it; hotpatches rest on the newest (learn.microsoft.com, hotpatch). */
const baselineDays = 100;

export function judgeWindowsUpdates(
  updates: Omit<UpdatesDocument, 'format' | 'blind'>,
  catalogue: Catalogue,
  thresholds: WindowsThresholds,
): WindowsVerdict {
  const at = Date.parse(thresholds.at);
  if (Number.isNaN(at)) return verdictOf([], ['the moment of the judgement is not known']);
  const findings: Findings = { faults: [], unknowns: [] };
  const { level, gap } = judgeBuild(updates, catalogue, thresholds, at, findings);
  judgeWindowsState(updates, level?.branch.id, at, thresholds.checkDays ?? 7, findings);
  const expired = catalogueEnded(catalogue, level?.product, thresholds.at.slice(0, 10));
  if (expired !== undefined) findings.unknowns.push(expired);
  const catalogueGap = gap ?? expired;
  const history = updates.windowsUpdateHistory;
  const isReset = history.status === 'observed' && history.value.total === 0 && level?.row !== undefined;
  return {
    ...verdictOf(findings.faults, findings.unknowns),
    ...(level === undefined ? {} : { level }),
    ...(catalogueGap === undefined ? {} : { catalogueGap }),
    ...(isReset ? { historyReset: true } : {}),
  };
}

function judgeBuild(
  updates: WindowsFacts,
  catalogue: Catalogue,
  { at: moment, graceDays = 0 }: WindowsThresholds,
  at: number,
  { faults, unknowns }: Findings,
): { level?: WindowsLevel; gap?: string } {
  const { osBuild } = updates;
  if (osBuild.status !== 'observed') {
    unknowns.push(`osBuild: ${osBuild.reason}`);
    return {};
  }
  const { build, ubr, version } = osBuild.value;
  const branch = catalogue.branches.find(({ id }) => id === String(build));
  const product = catalogue.products.find(({ id }) => id === branch?.product);
  if (branch === undefined || product === undefined)
    return gapOf(`the catalogue does not have the branch ${build}`, unknowns);
  judgeSupport(updates, product, moment.slice(0, 10), { faults, unknowns });
  const installed = parseBuild(version);
  if (ubr === undefined || installed === undefined)
    return gapOf(`the registry names no update of the build ${build}`, unknowns);
  const rows = catalogue.builds.filter((row) => row.product === product.id && row.branch === branch.id);
  const row = rows.find((each) => compare(each.build, installed) === 0);
  const above = rows.filter((each) => compare(each.build, installed) > 0);
  const released = (each: CatalogueBuild): CatalogueUpdate | undefined =>
    catalogue.updates.find(({ id }) => id === each.update);
  const later = above.flatMap((each) => {
    const update = released(each);
    return update !== undefined && Date.parse(update.releasedOn) <= at ? [update] : [];
  });
  const missing = later.filter(({ kind }) => kind === 'security');
  const level = { product, branch, row, missing };
  const due = missing.filter(({ releasedOn }) => at - Date.parse(releasedOn) >= graceDays * dayMs);
  if (due.length > 0) {
    const since = due[0]?.releasedOn ?? '';
    const text = `${due.length} monthly ${due.length === 1 ? 'update' : 'updates'} not installed since ${since}: ${names(due)}`;
    // A hotpatched server has a build of its own below that of the month, with the same fixes.
    const hotpatched = row === undefined && takesHotpatches(updates) !== false;
    if (hotpatched) unknowns.push(`${text}, unless hotpatches bring them`);
    else faults.push(text);
    // Its baseline is an update like any other, and none of three months and more.
    const old = due.filter(({ releasedOn }) => at - Date.parse(releasedOn) >= (baselineDays + graceDays) * dayMs);
    if (hotpatched && old.length > 0)
      faults.push(`no baseline of hotpatches installed since ${old[0]?.releasedOn}: ${names(old)}`);
  }
  const unclear = later.filter(
    ({ kind, releasedOn }) => kind === 'unclassified' && releasedOn > (missing.at(-1)?.releasedOn ?? ''),
  );
  if (unclear.length > 0) unknowns.push(`updates out of band that may carry security fixes: ${names(unclear)}`);
  if (row !== undefined) return { level };
  const text =
    above.length === 0
      ? `the build ${version} is newer than the catalogue of ${catalogue.asOf}`
      : `the catalogue does not have the build ${version}`;
  return { level, ...gapOf(text, unknowns) };
}

function gapOf(gap: string, unknowns: string[]): { gap: string } {
  unknowns.push(`catalogue-gap: ${gap}`);
  return { gap };
}

/** False only where nothing speaks for it; undefined where that could not be seen. */
function takesHotpatches({ hotpatch }: WindowsFacts): boolean | undefined {
  if (hotpatch.status !== 'observed') return undefined;
  const { tableSize = 0, azureEdition, enrolled, virtualizationBasedSecurity } = hotpatch.value;
  return enrolled === true || azureEdition === true || (tableSize > 0 && virtualizationBasedSecurity !== 'off');
}

/** After the end only who has a licence for extended updates gets fixes, and only as long as there are any. */
function judgeSupport(
  { supportLicences }: WindowsFacts,
  { name, supportEndsOn, extendedSupportEndsOn }: CatalogueProduct,
  day: string,
  { faults, unknowns }: Findings,
): void {
  if (supportEndsOn === undefined) {
    unknowns.push(`when support of ${name} ends`);
    return;
  }
  if (day <= supportEndsOn) return;
  const ended = `${name} is out of support since ${supportEndsOn}`;
  if (extendedSupportEndsOn === undefined || day > extendedSupportEndsOn) faults.push(ended);
  else if (supportLicences.status !== 'observed')
    unknowns.push(`${ended}, and whether extended updates are licensed: ${supportLicences.reason}`);
  else if (
    !supportLicences.value.some(({ extendedSecurity, status }) => extendedSecurity === true && status === 'licensed')
  )
    faults.push(`${ended}, and extended updates are not licensed`);
}

function compare(text: string, build: readonly number[]): number {
  return compareBuilds(parseBuild(text) ?? [], build);
}

function names(updates: readonly CatalogueUpdate[]): string {
  const shown = updates.slice(-3).map(({ id }) => id);
  return `${updates.length > 3 ? '…, ' : ''}${shown.join(', ')}`;
}
