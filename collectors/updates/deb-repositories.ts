/** The archives that apt is told to use. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, Repository } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { type AptConfig, isYes } from './apt-config.ts';
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

/** By which apt takes from every archive what nobody signed (apt.conf(5), apt-secure(8)). */
const insecure = [
  'APT::Get::AllowUnauthenticated',
  'Acquire::AllowInsecureRepositories',
  'Acquire::AllowDowngradeToInsecureRepositories',
] as const;

/**
 * The archives as apt's own settings have it take them: what a setting allows for all no line of theirs forbids. Where
 * the settings could not be seen it is not known whether anything is checked. A recording without them says nothing of them.
 */
export function underSettings(repositories: Fact<Repository[]>, config: Fact<AptConfig>): Fact<Repository[]> {
  if (repositories.status !== 'observed') return repositories;
  if (config.status !== 'observed') {
    if (config.reason === 'not-recorded') return repositories;
    // Without the program the archives are there all the same.
    const status = config.status === 'absent' ? 'unsupported' : config.status;
    const sources = [...config.sources.slice(0, 1), ...repositories.sources.slice(0, maxSources - 1)];
    return unseen(status, config.reason, sources, config.detail);
  }
  const settings = config.value;
  const isOpen = insecure.some((name) => isYes(settings.value(name)));
  const changed = repositories.value.map((entry): Repository => {
    const isUnchecked = entry.uris.some((uri) => takesAnyCertificate(uri, settings));
    return {
      ...entry,
      ...(isOpen && entry.signaturePolicy !== 'trusted' && { signaturePolicy: 'insecure-allowed' as const }),
      ...(isUnchecked && { checksTransport: false }),
    };
  });
  const isSame = changed.every((entry, at) => JSON.stringify(entry) === JSON.stringify(repositories.value[at]));
  if (isSame) return repositories;
  return observed(changed, ...repositories.sources.slice(0, maxSources - 1), ...config.sources.slice(0, 1));
}

/** A setting of the host itself wins over that of all (apt-transport-https(1)). */
function takesAnyCertificate(uri: string, settings: AptConfig): boolean {
  const [, host = ''] = /^https:\/\/(?:[^@/]*@)?([^:/]+)/.exec(uri) ?? [];
  return (
    host !== '' &&
    ['Verify-Peer', 'Verify-Host'].some((name) =>
      /^(?:no|false|without|off|disable|0)$/i.test(
        settings.value(`Acquire::https::${host}::${name}`) ?? settings.value(`Acquire::https::${name}`) ?? '',
      ),
    )
  );
}
