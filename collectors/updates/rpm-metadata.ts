/** The repositories' metadata that dnf, yum or zypp holds: when it was made and fetched, and whether it tells of advisories. */
import type { Host } from '../../agent/host/host.ts';
import type { ArchiveMetadata, Fact, LastCheck, Repository, Unseen } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { byCodePoint, fieldText } from './field-text.ts';
import { withoutEmptyFraction } from './instant.ts';
import { parseRepomd } from './repomd.ts';

export type RpmTool = 'dnf5' | 'dnf' | 'yum' | 'zypper' | 'tdnf';

/** dnf and dnf5 put a digest of the repository's addresses behind its id; zypp names folders by alias. */
const caches: Readonly<Record<RpmTool, readonly string[]>> = {
  dnf5: ['/var/cache/libdnf5'],
  dnf: ['/var/cache/dnf'],
  yum: ['/var/cache/yum/x86_64/7', '/var/cache/yum/x86_64/7Server', '/var/cache/yum/x86_64/2', '/var/cache/yum'],
  zypper: ['/var/cache/zypp/raw'],
  tdnf: ['/var/cache/tdnf'],
};
/** A fact names 64 sources at most. */
const maxSources = 64;
const maxRepositories = 256;

/** Of repositories that are in use; those that are not known to be out of use count too. Of several copies the newest counts. */
export async function readRpmMetadata(
  host: Host,
  tool: RpmTool,
  repositories: Fact<Repository[]>,
): Promise<Fact<ArchiveMetadata[]>> {
  const unused = idsOf(repositories, false);
  const sources: string[] = [];
  for (const cache of caches[tool]) {
    const listing = await host.list(cache);
    sources.push(listing.source);
    if (listing.status === 'absent') continue;
    if (listing.status !== 'observed') return missed(listing);
    const found = new Map<string, ArchiveMetadata>();
    for (const folder of listing.value.toSorted(byCodePoint).slice(0, maxRepositories)) {
      const archive = folder.replace(/-[0-9a-f]{16}$/, '');
      if (unused.has(archive) || /\.(?:solvx?|json|cache)$/.test(folder)) continue;
      const entry = await readRepository(host, archive, repomdPaths(tool, `${cache}/${folder}`), sources);
      if (entry === undefined) continue;
      if (entry.status !== 'observed') return entry;
      const other = found.get(archive);
      if (other === undefined || Date.parse(other.fetchedAt) < Date.parse(entry.value.fetchedAt))
        found.set(archive, entry.value);
    }
    if (found.size > 0) return observed([...found.values()], ...sources.slice(0, maxSources));
  }
  return unseen('absent', 'no-metadata', sources.slice(0, maxSources));
}

function repomdPaths(tool: RpmTool, folder: string): readonly string[] {
  return tool === 'yum' ? [`${folder}/repomd.xml`] : [`${folder}/repodata/repomd.xml`];
}

/** Undefined where the folder holds no repository. */
async function readRepository(
  host: Host,
  archive: string,
  paths: readonly string[],
  sources: string[],
): Promise<Fact<ArchiveMetadata> | undefined> {
  for (const path of paths) {
    const stat = await host.stat(path);
    if (stat.status === 'absent') continue;
    sources.push(stat.source);
    if (stat.status !== 'observed') return missed(stat);
    const content = await host.readFile(path);
    if (content.status !== 'observed') return missed(content);
    sources.push(content.source);
    if (content.value.truncated) return unseen('failed', 'file-truncated', [content.source]);
    const head = parseRepomd(content.value.text);
    if (!head.ok) return unseen('failed', head.reason, [content.source], head.detail);
    const signature = await host.stat(`${path}.asc`);
    const key = signature.status === 'unsupported' ? undefined : signature.status;
    return observed({
      archive: fieldText(archive, 1024),
      ...(head.value.releasedAt === undefined ? {} : { releasedAt: head.value.releasedAt }),
      fetchedAt: withoutEmptyFraction(stat.value.mtime),
      hasAdvisories: head.value.hasAdvisories,
      ...(key === 'observed' ? { signed: true } : key === 'absent' ? { signed: false } : {}),
    });
  }
  return undefined;
}

/** Ids of the repositories that are known to be in use, or known to be out of use. */
export function idsOf(repositories: Fact<Repository[]>, enabled: boolean): ReadonlySet<string> {
  const known = repositories.status === 'observed' ? repositories.value : [];
  return new Set(
    known.filter((entry) => entry.enabled === enabled).flatMap(({ id }) => (id === undefined ? [] : [id])),
  );
}

/** Why an answer that finds no updates proves nothing: there is no metadata to look into. Undefined where there is some. */
export function blindnessOf(metadata: Fact<ArchiveMetadata[]>): Unseen | undefined {
  if (metadata.status === 'observed') return undefined;
  return metadata.status === 'absent' ? unseen('unsupported', 'no-metadata', metadata.sources) : metadata;
}

/** The newest change of the metadata. */
export function lastCheckOf(metadata: Fact<ArchiveMetadata[]>): Fact<LastCheck> {
  if (metadata.status !== 'observed') return blindnessOf(metadata) ?? unseen('failed', 'no-metadata', metadata.sources);
  const times = metadata.value.map(({ fetchedAt }) => fetchedAt).toSorted((a, b) => Date.parse(b) - Date.parse(a));
  const [newest] = times;
  return newest === undefined
    ? unseen('unsupported', 'no-metadata', metadata.sources)
    : observed({ at: newest, basis: 'metadata-change' }, ...metadata.sources);
}
