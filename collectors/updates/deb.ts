/** Update levels of Debian, Ubuntu and what is derived from them: dpkg and apt. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, InstalledPackage, OperatingSystem, UpdatesDocument } from '../../schemas/generated/types.ts';
import { mapFact, observed, unseen } from '../fact.ts';
import { readScope } from '../host/container-clues.ts';
import { readAptConfig } from './apt-config.ts';
import { readArchives } from './deb-archives.ts';
import { readAutomaticUpdates } from './deb-automatic.ts';
import { readAvailableUpdates } from './deb-available.ts';
import { readDebHistory } from './deb-history.ts';
import { readDpkg } from './deb-installed.ts';
import { readLastCheck } from './deb-last-check.ts';
import { readLastInstall } from './deb-last-install.ts';
import { readLastAutomaticRun } from './deb-last-run.ts';
import { readPins, unlessPinnedAway, withPinned } from './deb-pins.ts';
import { readRepositories, underSettings } from './deb-repositories.ts';
import { readKernels, readRebootRequired } from './deb-restart.ts';
import { addPhased, addProUpdates, readProSubscription } from './deb-ubuntu.ts';
import { readDeployments } from './deployments.ts';
import { readDistribution } from './distribution.ts';
import type { DpkgPackage } from './dpkg-query.ts';
import { byCodePoint } from './field-text.ts';
import { instantOf } from './instant.ts';
import { readLivePatch } from './live-patch.ts';
import type { LinuxDrafts } from './platform-facts.ts';
import { debPurl } from './purl.ts';
import { readStaleProcesses } from './stale-processes.ts';

/** One access after the other: apt's answer takes nearly all of the time, and the order of the records stays the same. */
export async function collectDeb(host: Host, packageFamily: UpdatesDocument['packageFamily']): Promise<LinuxDrafts> {
  const distribution = await readDistribution(host);
  const dpkg = mapFact(await readDpkg(host), inOrder);
  const archives = await readArchives(host);
  const scope = await readScope(host);
  const available = await readAvailableUpdates(host, dpkg, archives);
  const withPhased = await addPhased(host, distribution, available);
  const pro = await addProUpdates(host, distribution, dpkg, withPhased);
  const pins = await readPins(host);
  const config = await readAptConfig(host);
  const automatic = await readAutomaticUpdates(host, dpkg, config);
  return {
    updates: {
      packageFamily,
      availableUpdates: unlessPinnedAway(pro.available, pins, config, archives.metadata),
      advisories: unseen('unsupported', 'family-without-advisories', packageFamily.sources),
      heldPackages: withPinned(mapFact(dpkg, heldPackages), dpkg, pins),
      brokenPackages: mapFact(dpkg, brokenPackages),
      metadata: archives.metadata,
      lastCheck: await readLastCheck(host, archives.metadata),
      lastInstall: await readLastInstall(host, dpkg),
      automaticUpdates: automatic,
      lastAutomaticRun: await readLastAutomaticRun(host, automatic),
      rebootRequired: await readRebootRequired(host, dpkg, scope),
      kernels: await readKernels(host, dpkg, scope),
      staleProcesses: await readStaleProcesses(host),
      livePatch: await readLivePatch(host, scope),
      deployments: await readDeployments(host, scope),
      repositories: underSettings(await readRepositories(host), config),
      subscription: await readProSubscription(host, distribution, pro.told),
    },
    packages: { packages: installedPackages(dpkg, distribution), history: await readDebHistory(host, dpkg) },
  };
}

function inOrder(packages: readonly DpkgPackage[]): readonly DpkgPackage[] {
  return packages.toSorted((a, b) => byCodePoint(a.name, b.name) || byCodePoint(a.architecture, b.architecture));
}

function installedPackages(
  dpkg: Fact<readonly DpkgPackage[]>,
  distribution: Fact<OperatingSystem>,
): Fact<InstalledPackage[]> {
  if (dpkg.status !== 'observed') return dpkg;
  // os-release(5) names `linux` as the default where nothing better is known.
  const vendor = distribution.status === 'observed' ? distribution.value.id : 'linux';
  const packages = dpkg.value.filter(({ state }) => state === 'installed');
  return observed(
    packages.map((entry) => installedPackage(entry, vendor)),
    ...dpkg.sources,
    ...distribution.sources,
  );
}

function installedPackage(entry: DpkgPackage, vendor: string): InstalledPackage {
  const { name, architecture, version, sourceName, sourceVersion, changedAt } = entry;
  return {
    purl: debPurl(vendor, name, version, architecture),
    name,
    architecture,
    version,
    ...(sourceName === '' || sourceName === name ? {} : { sourceName }),
    ...(sourceVersion === '' || sourceVersion === version ? {} : { sourceVersion }),
    ...(changedAt === undefined ? {} : { installedAt: instantOf(changedAt * 1000) }),
  };
}

function heldPackages(packages: readonly DpkgPackage[]): { name: string; architecture: string; version: string }[] {
  return packages
    .filter(({ held, state }) => held && state === 'installed')
    .map(({ name, architecture, version }) => ({ name, architecture, version }));
}

function brokenPackages(
  packages: readonly DpkgPackage[],
): { name: string; architecture: string; version: string; state: string }[] {
  return packages
    .filter(({ state }) => state === 'broken')
    .map(({ name, architecture, version, stateName }) => ({ name, architecture, version, state: stateName }));
}
