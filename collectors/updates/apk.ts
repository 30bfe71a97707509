/** Update levels of Alpine. Its metadata tells neither of advisories nor of dates: fixes are named in a database of the security team. */
import type { Host } from '../../agent/host/host.ts';
import type {
  ArchiveMetadata,
  AutomaticUpdates,
  AvailableUpdate,
  Fact,
  HeldPackage,
  Repository,
  UpdatesDocument,
} from '../../schemas/generated/types.ts';
import { mapFact, missed, observed, unseen } from '../fact.ts';
import { readScope } from '../host/container-clues.ts';
import { parseApkPins, parseApkRepositories } from './apk-configuration.ts';
import { type ApkPackage, readApk } from './apk-installed.ts';
import { parseApkUpgradable } from './apk-list.ts';
import { readDeployments } from './deployments.ts';
import { readDistribution } from './distribution.ts';
import { byCodePoint, fieldText } from './field-text.ts';
import { passedOverBy } from './half-answer.ts';
import { withoutEmptyFraction } from './instant.ts';
import { readLivePatch } from './live-patch.ts';
import type { LinuxDrafts } from './platform-facts.ts';
import { plainPurl } from './purl.ts';
import { readReplacedKernels } from './replaced-kernels.ts';
import { isShort } from './requirements.ts';
import { blindnessOf, lastCheckOf } from './rpm-metadata.ts';
import { readStaleProcesses } from './stale-processes.ts';
import { wholeFile, wholeOutput } from './whole-text.ts';

const caches = ['/var/cache/apk', '/etc/apk/cache'] as const;

export async function collectApk(host: Host, packageFamily: UpdatesDocument['packageFamily']): Promise<LinuxDrafts> {
  const distribution = await readDistribution(host);
  const { path, installed } = await readApk(host);
  const metadata = await readIndexes(host);
  const held = await readHeld(host, installed);
  const scope = await readScope(host);
  const stat = await host.stat(path);
  const vendor = distribution.status === 'observed' ? distribution.value.id : 'linux';
  const automatic = await readCronUpgrades(host);
  const none = unseen('unsupported', 'family-without-advisories', packageFamily.sources);
  return {
    updates: {
      packageFamily,
      availableUpdates: await readAvailable(host, installed, metadata, held),
      advisories: none,
      heldPackages: held,
      brokenPackages: mapFact(installed, (packages) =>
        packages
          .filter(({ broken }) => broken !== '')
          .map(({ name, architecture, version, broken }) => ({
            name,
            architecture,
            version,
            state: `broken ${broken}`,
          })),
      ),
      metadata,
      lastCheck: lastCheckOf(metadata),
      lastInstall:
        stat.status === 'observed'
          ? observed({ at: withoutEmptyFraction(stat.value.mtime), basis: 'database-change' }, stat.source)
          : missed(stat),
      automaticUpdates: automatic,
      lastAutomaticRun:
        automatic.status !== 'observed'
          ? automatic
          : automatic.value.mechanism === 'none'
            ? unseen('not-applicable', 'no-automatic-updates', automatic.sources)
            : unseen('unsupported', 'no-stamp', automatic.sources),
      rebootRequired: unseen('unsupported', 'family-without-restart-marker', packageFamily.sources),
      kernels: await readReplacedKernels(host, scope, kernelPackages(installed)),
      staleProcesses: await readStaleProcesses(host),
      livePatch: await readLivePatch(host, scope),
      deployments: await readDeployments(host, scope),
      repositories: await readRepositories(host),
      subscription: unseen('not-applicable', 'fixes-without-subscription', packageFamily.sources),
    },
    packages: {
      history: unseen('unsupported', 'family-without-history', packageFamily.sources),
      packages: mapFact(installed, (packages) =>
        packages.map((entry) => {
          const { name, architecture, version, origin } = entry;
          const source = origin === undefined || origin === name ? {} : { sourceName: origin };
          return { purl: plainPurl('apk', vendor, entry), name, architecture, version, ...source };
        }),
      ),
    },
  };
}

/** Alpine's packages of a kernel: linux-lts, linux-virt and the like; their release is `version-build-flavour`. */
function kernelPackages(
  installed: Fact<readonly ApkPackage[]>,
): Fact<readonly { name: string; version: string; release: string }[]> {
  return mapFact(installed, (packages) =>
    packages.flatMap(({ name, version }) => {
      const flavour = /^linux-(lts|virt|edge|stable|rpi\d?|asahi|elm|gru|openpax)$/.exec(name)?.[1];
      const [, upstream, build] = /^(\d[^-_]*)(?:_[^-]*)?-r(\d+)$/.exec(version) ?? [];
      return flavour === undefined || upstream === undefined
        ? []
        : [{ name, version, release: `${upstream}-${build}-${flavour}` }];
    }),
  );
}

/** Indexes that were fetched into a cache; without a cache apk fetches them anew each time, and keeps none. */
async function readIndexes(host: Host): Promise<Fact<ArchiveMetadata[]>> {
  const sources: string[] = [];
  const entries: ArchiveMetadata[] = [];
  for (const folder of caches) {
    const listing = await host.list(folder);
    sources.push(listing.source);
    if (listing.status === 'absent') continue;
    if (listing.status !== 'observed') return missed(listing);
    for (const name of listing.value.filter((each) => /^APKINDEX\..*\.tar\.gz$/.test(each)).slice(0, 60)) {
      const stat = await host.stat(`${folder}/${name}`);
      if (stat.status !== 'observed') return missed(stat, listing.source);
      sources.push(stat.source);
      const archive = fieldText(name.replace(/\.tar\.gz$/, ''), 1024);
      entries.push({ archive, fetchedAt: withoutEmptyFraction(stat.value.mtime), hasAdvisories: false });
    }
    if (entries.length > 0) break;
  }
  const named = sources.slice(0, 64);
  return entries.length === 0 ? unseen('absent', 'no-metadata', named) : observed(entries, ...named);
}

async function readAvailable(
  host: Host,
  installed: Fact<readonly ApkPackage[]>,
  metadata: Fact<ArchiveMetadata[]>,
  held: Fact<HeldPackage[]>,
): Promise<Fact<AvailableUpdate[]>> {
  const answer = await host.exec('apk-list-upgradable');
  const list = wholeOutput(answer, parseApkUpgradable);
  if (list.status !== 'observed') return list;
  // apk reads the same database: of what it has lost, apk offers no update.
  if (installed.status === 'failed' && isShort(installed.reason))
    return { ...installed, sources: [...list.sources, ...installed.sources] };
  const skipped = answer.status === 'observed' ? passedOverBy(answer.value.stderr) : undefined;
  if (skipped !== undefined) return unseen('failed', 'sources-passed-over', list.sources, skipped);
  const blind = blindnessOf(metadata);
  if (list.value.length === 0 && blind !== undefined) return { ...blind, sources: [...list.sources, ...blind.sources] };
  const heldNames = new Set(held.status === 'observed' ? held.value.map(({ name }) => name) : []);
  const updates = list.value.map(
    ({ name, architecture, installedVersion, version }): AvailableUpdate => ({
      name,
      architecture,
      installedVersion,
      candidateVersion: version,
      securityRelevant: 'unknown',
      suites: [],
      ...(heldNames.has(name) ? { held: true } : {}),
    }),
  );
  return observed(
    updates.toSorted((a, b) => byCodePoint(a.name, b.name) || byCodePoint(a.architecture, b.architecture)),
    ...list.sources,
    ...metadata.sources.slice(0, 1),
  );
}

async function readHeld(host: Host, installed: Fact<readonly ApkPackage[]>): Promise<Fact<HeldPackage[]>> {
  if (installed.status !== 'observed') return installed;
  const world = await host.readFile('/etc/apk/world');
  if (world.status !== 'observed')
    return world.status === 'absent' ? missed({ ...world, status: 'unsupported' }) : missed(world);
  if (world.value.truncated) return unseen('failed', 'file-truncated', [world.source]);
  if (!/^[\x20-\x7e\n]*$/.test(world.value.text) || world.value.text.trim() === '')
    return unseen('failed', 'unexpected-line', [world.source]);
  const pins = parseApkPins(world.value.text);
  const held = installed.value.flatMap(({ name, architecture, version }): HeldPackage[] => {
    const rule = pins.get(name);
    return rule === undefined ? [] : [{ name, architecture, version, rule: fieldText(rule, 512), by: 'pin' }];
  });
  return observed(held, world.source, ...installed.sources);
}

async function readRepositories(host: Host): Promise<Fact<Repository[]>> {
  const listing = await host.list('/etc/apk/repositories.d');
  if (listing.status !== 'observed' && listing.status !== 'absent') return missed(listing);
  const names = listing.status === 'observed' ? listing.value.filter((name) => name.endsWith('.list')) : [];
  const sources: string[] = [];
  const repositories: Repository[] = [];
  for (const path of ['/etc/apk/repositories', ...names.map((name) => `/etc/apk/repositories.d/${name}`)]) {
    const content = await host.readFile(path);
    sources.push(content.source);
    if (content.status === 'absent') continue;
    const found = wholeFile(content, (text) => parseApkRepositories(text, path));
    if (found.status !== 'observed') return found;
    repositories.push(...found.value);
  }
  sources.push(listing.source);
  return repositories.length === 0
    ? unseen('unsupported', 'no-sources', sources.slice(0, 64))
    : observed(repositories.slice(0, 4096), ...sources.slice(0, 64));
}

const periodic = ['15min', 'hourly', 'daily', 'weekly', 'monthly'] as const;
const upgrades = /^[^#\n]*\bapk\b[^\n;|&]*\bupgrade\b/m;

/** Alpine has no mechanism of its own: cron runs `apk upgrade` where someone wrote that (crond of busybox, run-parts). */
async function readCronUpgrades(host: Host): Promise<Fact<AutomaticUpdates>> {
  const sources: string[] = [];
  const files = ['/etc/crontabs/root'];
  for (const folder of periodic) {
    const listing = await host.list(`/etc/periodic/${folder}`);
    sources.push(listing.source);
    if (listing.status === 'absent') continue;
    if (listing.status !== 'observed') return missed(listing);
    files.push(...listing.value.map((name) => `/etc/periodic/${folder}/${name}`));
  }
  for (const path of files.slice(0, 50)) {
    const content = await host.readFile(path);
    sources.push(content.source);
    if (content.status === 'absent') continue;
    if (content.status !== 'observed') return missed(content);
    if (content.value.truncated) return unseen('failed', 'file-truncated', [content.source]);
    if (upgrades.test(content.value.text))
      return observed({ mechanism: 'cron', refreshes: true, installs: true, installed: true }, content.source);
  }
  const found = { mechanism: 'none', refreshes: false, installs: false } as const;
  return files.length > 50
    ? unseen('failed', 'too-many-files', sources.slice(0, 64))
    : observed(found, ...sources.slice(0, 64));
}
