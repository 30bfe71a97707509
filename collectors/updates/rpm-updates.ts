/** What the tool of an rpm system would install, and which advisories stand behind it. */
import type { CommandId } from '../../agent/host/commands.ts';
import type { Host } from '../../agent/host/host.ts';
import type { Advisory, ArchiveMetadata, AvailableUpdate, Fact, HeldPackage } from '../../schemas/generated/types.ts';
import { fromAnswer, missed, observed, type Parsed, unparsed, unseen } from '../fact.ts';
import { inOrder } from './advisory.ts';
import { type OfferedPackage, parseCheckUpdate } from './dnf-check-update.ts';
import { joinAdvisories, parseUpdateinfoInfo, parseUpdateinfoList } from './dnf-updateinfo.ts';
import { parseAdvisoryInfoText } from './dnf5-advisory-text.ts';
import { parseAdvisoryInfo, parseAdvisoryList, parseCheckUpgrade } from './dnf5-json.ts';
import { byCodePoint, fieldText } from './field-text.ts';
import { passedOverBy } from './half-answer.ts';
import { parseNevra } from './nevra.ts';
import { blindnessOf, type RpmTool } from './rpm-metadata.ts';
import type { RpmPackage } from './rpm-query.ts';
import { wholeOutput } from './whole-text.ts';
import { readZypperAdvisories, readZypperUpdates } from './zypper.ts';

/** Updates as the tool gives them, before advisories are laid beside them. */
export function readOffers(host: Host, tool: RpmTool): Promise<Fact<readonly OfferedPackage[]>> {
  switch (tool) {
    case 'dnf5':
      return readDnf5(host);
    case 'dnf':
      return readText(host, 'dnf-check-update');
    case 'yum':
      return readText(host, 'yum-check-update');
    case 'tdnf':
      return readText(host, 'tdnf-list-updates', false);
    case 'zypper':
      return readZypperUpdates(host);
  }
}

async function readDnf5(host: Host): Promise<Fact<readonly OfferedPackage[]>> {
  const answer = await host.exec('dnf5-check-upgrade');
  const json = wholeOutput(answer, parseCheckUpgrade);
  const skipped = answer.status === 'observed' ? passedOverBy(answer.value.stderr) : undefined;
  if (skipped !== undefined) return unseen('failed', 'sources-passed-over', [answer.source], skipped);
  if (json.status !== 'failed') return json;
  const text = await readText(host, 'dnf5-check-upgrade-text');
  return text.status === 'observed' || text.status === 'failed' ? text : json;
}

/** Exit code 100 promises updates and 0 none: what is printed must agree, else half of it is missing. */
async function readText(host: Host, command: CommandId, codeTells = true): Promise<Fact<readonly OfferedPackage[]>> {
  const answer = await host.exec(command);
  if (answer.status === 'absent') return missed({ ...answer, status: 'unsupported' });
  return fromAnswer(answer, ({ stdout, stderr, truncated, exitCode }): Parsed<readonly OfferedPackage[]> => {
    if (truncated) return unparsed('output-truncated');
    const skipped = passedOverBy(stderr);
    if (skipped !== undefined) return unparsed('sources-passed-over', skipped);
    const result = parseCheckUpdate(stdout);
    if (!result.ok || !codeTells) return result;
    return (exitCode === 100) === result.value.length > 0 ? result : unparsed('exit-code-disagrees');
  });
}

/** Advisories that are not installed. Where the metadata tells of none, an empty answer says nothing. */
export async function readRpmAdvisories(
  host: Host,
  tool: RpmTool,
  metadata: Fact<ArchiveMetadata[]>,
): Promise<Fact<Advisory[]>> {
  const found = await askAdvisories(host, tool);
  if (found.status !== 'observed' || found.value.length > 0) return found;
  const blind = blindnessOf(metadata);
  if (blind !== undefined) return { ...blind, sources: [...found.sources, ...blind.sources].slice(0, 64) };
  const tells = metadata.status === 'observed' && metadata.value.some(({ hasAdvisories }) => hasAdvisories === true);
  const sources = [...found.sources, ...metadata.sources].slice(0, 64);
  return tells ? { ...found, sources } : { status: 'unsupported', reason: 'no-advisories-in-metadata', sources };
}

async function askAdvisories(host: Host, tool: RpmTool): Promise<Fact<Advisory[]>> {
  switch (tool) {
    case 'dnf5':
      return joined(wholeOutput(await host.exec('dnf5-advisory-list'), parseAdvisoryList), await dnf5Details(host));
    case 'dnf':
      return joined(
        wholeOutput(await host.exec('dnf-updateinfo-list'), parseUpdateinfoList),
        wholeOutput(await host.exec('dnf-updateinfo-info'), parseUpdateinfoInfo),
      );
    case 'yum':
      return joined(
        wholeOutput(await host.exec('yum-updateinfo-list'), parseUpdateinfoList),
        wholeOutput(await host.exec('yum-updateinfo-info'), parseUpdateinfoInfo),
      );
    case 'tdnf': {
      const answer = await host.exec('tdnf-list-updates');
      return { status: 'unsupported', reason: 'no-advisories', sources: [answer.source] };
    }
    case 'zypper':
      return readZypperAdvisories(host);
  }
}

async function dnf5Details(host: Host): Promise<Fact<readonly Advisory[]>> {
  const json = wholeOutput(await host.exec('dnf5-advisory-info'), parseAdvisoryInfo);
  if (json.status !== 'failed') return json;
  return wholeOutput(await host.exec('dnf5-advisory-info-text'), parseAdvisoryInfoText);
}

/** The list counts; details that could not be had leave severity and dates out, and the list stands. */
function joined(list: Fact<readonly Advisory[]>, details: Fact<readonly Advisory[]>): Fact<Advisory[]> {
  if (list.status !== 'observed') return list;
  const more = details.status === 'observed' ? details.value : [];
  if (list.value.length === 0 && more.length > 0)
    return { status: 'failed', reason: 'answers-disagree', sources: [...list.sources, ...details.sources] };
  const known = new Set(list.value.map(({ id }) => id));
  const all = joinAdvisories(
    list.value,
    more.filter(({ id }) => known.has(id)),
  );
  return observed(inOrder(all), ...list.sources, ...details.sources);
}

export type Beside = {
  readonly installed: Fact<readonly RpmPackage[]>;
  readonly advisories: Fact<Advisory[]>;
  readonly metadata: Fact<ArchiveMetadata[]>;
  readonly held: Fact<HeldPackage[]>;
};

/** An empty answer counts only where the tool had metadata to look into. */
export function availableUpdates(offers: Fact<readonly OfferedPackage[]>, beside: Beside): Fact<AvailableUpdate[]> {
  const { installed, advisories, metadata, held } = beside;
  if (offers.status !== 'observed') return offers;
  const blind = blindnessOf(metadata);
  if (offers.value.length === 0 && blind !== undefined)
    return { ...blind, sources: [...offers.sources, ...blind.sources].slice(0, 64) };
  // What would be installed over nothing is no update; without the list of packages that cannot be told.
  if (installed.status !== 'observed') return installed;
  // Of several kernels the one that came last: without the family's rules nothing else tells which is newest.
  const versions = new Map(
    installed.value
      .toSorted((a, b) => (a.installedAt ?? 0) - (b.installedAt ?? 0))
      .map((entry) => [`${entry.name}.${entry.architecture}`, entry.version]),
  );
  const byName = advisoriesByName(advisories);
  const heldNames = new Set(
    held.status === 'observed' ? held.value.map((entry) => `${entry.name}.${entry.architecture}`) : [],
  );
  const newest = new Map(offers.value.map((offer) => [`${offer.name}.${offer.architecture}`, offer]));
  const updates = [...newest].map(([key, offer]): AvailableUpdate => {
    const about = byName.get(offer.name) ?? [];
    return {
      name: offer.name,
      architecture: offer.architecture,
      installedVersion: versions.get(key) ?? installed.value.find(({ name }) => name === offer.name)?.version ?? '',
      candidateVersion: offer.version,
      securityRelevant: relevance(about, offer.repository, advisories, metadata),
      suites: offer.repository === '' ? [] : [fieldText(offer.repository, 256)],
      ...(about.length === 0 ? {} : { advisoryIds: about.map(({ id }) => id).slice(0, 64) }),
      ...(heldNames.has(key) ? { held: true } : {}),
    };
  });
  return observed(
    updates
      .toSorted((a, b) => byCodePoint(a.name, b.name) || byCodePoint(a.architecture, b.architecture))
      .slice(0, 20_000),
    ...[...offers.sources, ...installed.sources, ...advisories.sources, ...metadata.sources.slice(0, 1)].slice(0, 64),
  );
}

function advisoriesByName(advisories: Fact<Advisory[]>): ReadonlyMap<string, readonly Advisory[]> {
  const byName = new Map<string, Advisory[]>();
  for (const entry of advisories.status === 'observed' ? advisories.value : [])
    for (const name of new Set(entry.packages.map((each) => parseNevra(each)?.name ?? each))) {
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [entry]);
      else known.push(entry);
    }
  return byName;
}

/** `no` only where the repository tells of advisories and no security advisory is about the package. */
function relevance(
  about: readonly Advisory[],
  repository: string,
  advisories: Fact<Advisory[]>,
  metadata: Fact<ArchiveMetadata[]>,
): AvailableUpdate['securityRelevant'] {
  if (about.some(({ kind }) => kind === 'security')) return 'yes';
  if (advisories.status !== 'observed' || metadata.status !== 'observed') return 'unknown';
  // A security advisory whose packages are not known may be about any of them.
  if (advisories.value.some(({ kind, packages }) => kind === 'security' && packages.length === 0)) return 'unknown';
  const source = metadata.value.find(({ archive }) => archive === repository);
  return source?.hasAdvisories === true ? 'no' : 'unknown';
}
