/** The archives' metadata that apt holds: what they are, and when it was made and fetched. */
import type { Answer, Host } from '../../agent/host/host.ts';
import type { ArchiveMetadata, Fact, Unseen } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { parseReleaseHead, type ReleaseHead } from './apt-release.ts';
import { byCodePoint, fieldText } from './field-text.ts';
import { withoutEmptyFraction } from './instant.ts';

const folder = '/var/lib/apt/lists';
/** Fields come first and take about one kilobyte; small third-party archives fit as a whole. */
const headBytes = 64 * 1024;
/** A fact names 64 sources at most. */
const maxSources = 64;

export type Archives = {
  readonly metadata: Fact<ArchiveMetadata[]>;
  /**
   * Why an answer of apt that finds nothing to upgrade proves nothing: it has no index to look into.
   * Undefined where it has one.
   */
  readonly blindness: Unseen | undefined;
  /** Names of its index files; none where the folder cannot be read. */
  readonly indexes: readonly string[];
};

export async function readArchives(host: Host): Promise<Archives> {
  const listing = await host.list(folder);
  return {
    metadata: await readMetadata(host, listing),
    blindness: blindnessOf(listing),
    indexes:
      listing.status === 'observed'
        ? listing.value.filter((name) => /_(?:Packages|Translation-[^/.]*)(?:\.[a-z0-9]+)?$/.test(name))
        : [],
  };
}

function blindnessOf(listing: Answer<readonly string[]>): Unseen | undefined {
  if (listing.status === 'absent') return unseen('unsupported', 'no-metadata', [listing.source]);
  if (listing.status !== 'observed') return missed(listing);
  const hasIndex = listing.value.some((name) => /_Packages(?:\.[a-z0-9]+)?$/.test(name));
  const detail = 'apt has no package index; apt-get update fetches it';
  return hasIndex ? undefined : unseen('unsupported', 'no-metadata', [listing.source], detail);
}

async function readMetadata(host: Host, listing: Answer<readonly string[]>): Promise<Fact<ArchiveMetadata[]>> {
  if (listing.status === 'absent') return unseen('absent', 'no-metadata', [listing.source]);
  if (listing.status !== 'observed') return missed(listing);
  const sources = [listing.source];
  const entries: ArchiveMetadata[] = [];
  for (const [archive, file] of releaseFiles(listing.value)) {
    const path = `${folder}/${file}`;
    const stat = await host.stat(path);
    const content = await host.readFile(path, { maxBytes: headBytes });
    const lost = [stat, content].find(({ status }) => status === 'absent');
    if (lost !== undefined) return unseen('failed', 'changed-while-reading', [lost.source, listing.source]);
    if (stat.status !== 'observed') return missed(stat, listing.source);
    if (content.status !== 'observed') return missed(content, listing.source);
    sources.push(content.source, stat.source);
    const head = parseReleaseHead(content.value.text, content.value.truncated);
    const isSigned = head.signedInside || listing.value.includes(`${archive}_Release.gpg`);
    entries.push(entryOf(archive, head, stat.value.mtime, isSigned));
  }
  if (entries.length === 0) return unseen('absent', 'no-metadata', sources);
  return observed(entries, ...sources.slice(0, maxSources));
}

/** Archive and file, one each; InRelease where an archive has both. */
function releaseFiles(names: readonly string[]): readonly (readonly [string, string])[] {
  const files = new Map<string, string>();
  for (const name of names) {
    const [, archive, kind] = /^(.+)_(InRelease|Release)$/.exec(name) ?? [];
    if (archive !== undefined && (kind === 'InRelease' || !files.has(archive))) files.set(archive, name);
  }
  return [...files].toSorted(([a], [b]) => byCodePoint(a, b));
}

function entryOf(archive: string, head: ReleaseHead, fetchedAt: string, signed: boolean): ArchiveMetadata {
  return {
    archive: fieldText(archive, 1024),
    ...(head.origin === undefined ? {} : { origin: fieldText(head.origin, 256) }),
    ...(head.label === undefined ? {} : { label: fieldText(head.label, 256) }),
    ...(head.suite === undefined ? {} : { suite: fieldText(head.suite, 256) }),
    ...(head.codename === undefined ? {} : { codename: fieldText(head.codename, 256) }),
    ...(head.date === undefined ? {} : { releasedAt: head.date }),
    ...(head.validUntil === undefined ? {} : { validUntil: head.validUntil }),
    fetchedAt: withoutEmptyFraction(fetchedAt),
    signed,
  };
}
