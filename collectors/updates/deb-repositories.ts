/** The archives that apt is told to use. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, Repository } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { isSourcesFile, parseSources } from './apt-sources.ts';
import { byCodePoint } from './field-text.ts';

const mainFile = '/etc/apt/sources.list';
const folder = '/etc/apt/sources.list.d';
/** A fact names 64 sources at most. */
const maxSources = 64;

/** All files or none: a list that lacks the file we may not read would hide just the archive that matters. */
export async function readRepositories(host: Host): Promise<Fact<Repository[]>> {
  const listing = await host.list(folder);
  if (listing.status !== 'observed' && listing.status !== 'absent') return missed(listing);
  const names = listing.status === 'observed' ? listing.value.filter(isSourcesFile).toSorted(byCodePoint) : [];
  const sources: string[] = [];
  const repositories: Repository[] = [];
  for (const path of [mainFile, ...names.map((name) => `${folder}/${name}`)]) {
    const content = await host.readFile(path);
    sources.push(content.source);
    if (content.status === 'absent') continue;
    if (content.status !== 'observed') return missed(content);
    if (content.value.truncated) return unseen('failed', 'file-truncated', [content.source]);
    const result = parseSources(content.value.text, path);
    if (!result.ok) return unseen('failed', result.reason, [content.source], result.detail);
    repositories.push(...result.value);
  }
  sources.push(listing.source);
  const found = repositories.slice(0, 4096);
  return found.length === 0 && listing.status === 'absent'
    ? unseen('absent', 'no-sources', sources)
    : observed(found, ...sources.slice(0, maxSources));
}
