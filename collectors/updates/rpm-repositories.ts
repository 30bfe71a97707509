/** The repositories that yum, dnf and zypp are told to use (dnf.conf(5), zypper(8)), each with what must be signed. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, Repository } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { byCodePoint, fieldText, publicUri } from './field-text.ts';
import { booleanOf, type IniSection, listOf, parseIni } from './ini.ts';
import type { RpmTool } from './rpm-metadata.ts';

const folders: Readonly<Record<RpmTool, readonly string[]>> = {
  dnf5: ['/etc/yum.repos.d', '/etc/distro.repos.d', '/usr/share/dnf5/repos.d'],
  dnf: ['/etc/yum.repos.d', '/etc/yum/repos.d', '/etc/distro.repos.d'],
  yum: ['/etc/yum.repos.d'],
  tdnf: ['/etc/yum.repos.d'],
  zypper: ['/etc/zypp/repos.d'],
};
const mainFiles: Readonly<Record<RpmTool, readonly string[]>> = {
  dnf5: ['/etc/dnf/dnf.conf'],
  dnf: ['/etc/dnf/dnf.conf'],
  yum: ['/etc/yum.conf'],
  tdnf: ['/etc/tdnf/tdnf.conf'],
  zypper: ['/etc/zypp/zypp.conf'],
};
/** A fact names 64 sources at most. */
const maxSources = 64;

export type RpmConfiguration = {
  /** Settings of the section `main`; empty where the file is not there. */
  readonly main: Fact<ReadonlyMap<string, string>>;
  readonly repositories: Fact<Repository[]>;
};

export async function readRpmConfiguration(host: Host, tool: RpmTool): Promise<RpmConfiguration> {
  const main = await readMain(host, tool);
  return {
    main,
    repositories: main.status === 'observed' ? await readFolders(host, tool, main.value, main.sources) : main,
  };
}

async function readMain(host: Host, tool: RpmTool): Promise<Fact<ReadonlyMap<string, string>>> {
  const sources: string[] = [];
  for (const path of mainFiles[tool]) {
    const sections = await readSections(host, path, sources);
    if (sections === undefined) continue;
    if (sections.status !== 'observed') return sections;
    const main = sections.value.find(({ name }) => name === 'main' || name === '');
    return observed(main?.settings ?? new Map<string, string>(), ...sources);
  }
  return observed(new Map<string, string>(), ...sources);
}

/** All files or none: a list that lacks the file we may not read would hide just the repository that matters. */
async function readFolders(
  host: Host,
  tool: RpmTool,
  main: ReadonlyMap<string, string>,
  mainSources: readonly string[],
): Promise<Fact<Repository[]>> {
  const sources = [...mainSources];
  const repositories: Repository[] = [];
  let listed = false;
  for (const folder of folders[tool]) {
    const listing = await host.list(folder);
    sources.push(listing.source);
    if (listing.status === 'absent') continue;
    if (listing.status !== 'observed') return missed(listing);
    listed = true;
    for (const name of listing.value.filter((each) => each.endsWith('.repo')).toSorted(byCodePoint)) {
      const path = `${folder}/${name}`;
      const sections = await readSections(host, path, sources);
      if (sections === undefined) return unseen('failed', 'changed-while-reading', [listing.source]);
      if (sections.status !== 'observed') return sections;
      const found = sections.value.filter((section) => section.name !== 'main' && section.name !== '');
      repositories.push(...found.map((section) => repository(path, section, main, tool)));
    }
  }
  const unique = [...new Set(sources)].slice(0, maxSources);
  return listed ? observed(repositories.slice(0, 4096), ...unique) : unseen('absent', 'no-sources', unique);
}

/** Undefined where the file is absent. */
async function readSections(
  host: Host,
  path: string,
  sources: string[],
): Promise<Fact<readonly IniSection[]> | undefined> {
  const content = await host.readFile(path);
  sources.push(content.source);
  if (content.status === 'absent') return undefined;
  if (content.status !== 'observed') return missed(content);
  if (content.value.truncated) return unseen('failed', 'file-truncated', [content.source]);
  const sections = parseIni(content.value.text);
  return sections === undefined
    ? unseen('failed', 'malformed-source-entry', [content.source], path)
    : observed(sections, content.source);
}

/** Pure; exported for its tests. */
export function repository(
  path: string,
  { name, line, settings }: IniSection,
  main: ReadonlyMap<string, string>,
  tool: RpmTool,
): Repository {
  const option = (key: string): string | undefined => settings.get(key) ?? main.get(key);
  const isZypp = tool === 'zypper';
  // dnf.conf(5): off unless told otherwise, which every distribution does; zypp.conf: on unless told otherwise.
  const gpgcheck = booleanOf(option('gpgcheck')) ?? booleanOf(option('pkg_gpgcheck')) ?? isZypp;
  const checksMetadata = booleanOf(option('repo_gpgcheck')) ?? (isZypp && gpgcheck);
  const checksPackages = isZypp ? (booleanOf(option('pkg_gpgcheck')) ?? gpgcheck) : gpgcheck;
  const keys = settings.get('gpgkey');
  const addresses = ['baseurl', 'mirrorlist', 'metalink'].flatMap((key) => listOf(settings.get(key)));
  const excludes = [...listOf(settings.get('exclude')), ...listOf(settings.get('excludepkgs'))];
  return {
    id: fieldText(name, 256),
    definedIn: fieldText(path, 1024),
    line,
    types: ['rpm'],
    uris: addresses.slice(0, 64).map((uri) => fieldText(publicUri(uri), 2048)),
    suites: [],
    components: [],
    enabled: booleanOf(settings.get('enabled')) ?? true,
    // Signed metadata vouches for the packages by their digests.
    signaturePolicy: checksPackages || checksMetadata ? 'default' : 'trusted',
    ...(keys === undefined || keys === '' ? {} : { signedBy: fieldText(publicUriList(keys), 1024) }),
    checksPackages,
    checksMetadata,
    checksTransport: booleanOf(option('sslverify')) ?? !addresses.some((uri) => /[?&]ssl_verify=no\b/.test(uri)),
    ...(excludes.length === 0 ? {} : { excludes: excludes.slice(0, 256).map((each) => fieldText(each, 256)) }),
  };
}

function publicUriList(text: string): string {
  return listOf(text).map(publicUri).join(' ');
}
