/** Update levels of everything that keeps its packages in an rpm database: dnf5, dnf, yum, tdnf and zypper. */
import type { Host } from '../../agent/host/host.ts';
import type {
  Fact,
  InstalledPackage,
  OperatingSystem,
  Subscription,
  UpdatesDocument,
} from '../../schemas/generated/types.ts';
import { mapFact, missed, observed, unseen } from '../fact.ts';
import { readScope } from '../host/container-clues.ts';
import { readDeployments } from './deployments.ts';
import { readDistribution } from './distribution.ts';
import type { OfferedPackage } from './dnf-check-update.ts';
import { byCodePoint } from './field-text.ts';
import { instantOf } from './instant.ts';
import { readLivePatch } from './live-patch.ts';
import type { LinuxDrafts } from './platform-facts.ts';
import { rpmPurl } from './purl.ts';
import { readReleaseLock, unlessLocked } from './release-lock.ts';
import { readRpmAutomatic, readRpmLastRun } from './rpm-automatic.ts';
import { readRpmHeld } from './rpm-held.ts';
import { lastRpmInstall, readRpmHistory } from './rpm-history.ts';
import { lastCheckOf, type RpmTool, readRpmMetadata } from './rpm-metadata.ts';
import { parseRpmQuery, type RpmPackage, sourceName } from './rpm-query.ts';
import { readRpmConfiguration } from './rpm-repositories.ts';
import { readRpmKernels, readRpmRebootRequired } from './rpm-restart.ts';
import { availableUpdates, readOffers, readRpmAdvisories } from './rpm-updates.ts';
import { readStaleProcesses } from './stale-processes.ts';
import { wholeOutput } from './whole-text.ts';

export async function collectRpm(host: Host, packageFamily: UpdatesDocument['packageFamily']): Promise<LinuxDrafts> {
  const distribution = await readDistribution(host);
  const installed = mapFact(wholeOutput(await host.exec('rpm-qa'), parseRpmQuery), inOrder);
  const { tool, offers } = await findTool(host, distribution);
  const { main, repositories } = await readRpmConfiguration(host, tool);
  const metadata = await readRpmMetadata(host, tool, repositories);
  const lock = await readReleaseLock(host, distribution);
  const found = await readRpmAdvisories(host, tool, metadata);
  const advisories = unlessLocked(found, lock, ({ kind }) => kind === 'security');
  const held = await readRpmHeld(host, tool, installed, main, repositories);
  const scope = await readScope(host);
  const history = await readRpmHistory(host, tool, installed);
  const automatic = await readRpmAutomatic(host, tool, installed);
  return {
    updates: {
      packageFamily,
      availableUpdates: unlessLocked(
        availableUpdates(offers, { installed, advisories: found, metadata, held }),
        lock,
        ({ securityRelevant }) => securityRelevant === 'yes',
      ),
      advisories,
      heldPackages: held,
      brokenPackages: unseen('not-applicable', 'family-without-such-a-state', packageFamily.sources),
      metadata,
      lastCheck: lastCheckOf(metadata),
      lastInstall: lastRpmInstall(installed, history),
      automaticUpdates: automatic,
      lastAutomaticRun: await readRpmLastRun(host, tool, automatic),
      rebootRequired: await readRpmRebootRequired(host, tool, scope),
      kernels: await readRpmKernels(host, installed, scope),
      staleProcesses: await readStaleProcesses(host),
      livePatch: await readLivePatch(host, scope),
      deployments: await readDeployments(host, scope),
      repositories,
      subscription: await readSubscription(host, distribution),
    },
    packages: { packages: installedPackages(installed, distribution), history },
  };
}

type Found = { readonly tool: RpmTool; readonly offers: Fact<readonly OfferedPackage[]> };

/** The first tool that is there. SUSE's has its own; elsewhere dnf5 comes before dnf, which is a link to it where both are. */
async function findTool(host: Host, distribution: Fact<OperatingSystem>): Promise<Found> {
  const names = distribution.status === 'observed' ? [distribution.value.id, ...(distribution.value.idLike ?? [])] : [];
  const isSuse = names.some((name) => /suse|sles/i.test(name));
  const order: readonly RpmTool[] = isSuse ? ['zypper'] : ['dnf5', 'dnf', 'yum', 'tdnf'];
  let first: Found | undefined;
  for (const tool of order) {
    const offers = await readOffers(host, tool);
    if (offers.status !== 'unsupported') return { tool, offers };
    // One that was not recorded may well have been there; one that is not there cannot be the one.
    if (first === undefined || (isGone(first.offers) && !isGone(offers))) first = { tool, offers };
  }
  return first ?? { tool: 'dnf', offers: unseen('unsupported', 'no-such-program', distribution.sources) };
}

function isGone(offers: Fact<unknown>): boolean {
  return offers.status === 'unsupported' && offers.reason === 'no-such-program';
}

/**
 * Only Red Hat and SUSE keep their fixes for who is registered, and what the server then holds shows it: the
 * certificate of subscription-manager(8), the credentials of SUSEConnect(8). They are secrets and are looked at,
 * not read; their own clients would ask the vendor over the network.
 */
async function readSubscription(host: Host, distribution: Fact<OperatingSystem>): Promise<Fact<Subscription>> {
  if (distribution.status !== 'observed') return distribution;
  const { id } = distribution.value;
  const [system, path] =
    id === 'rhel'
      ? (['subscription-manager', '/etc/pki/consumer/cert.pem'] as const)
      : /^(?:sle|sl-|sap-sle)/.test(typeof id === 'string' ? id : '')
        ? (['suse-connect', '/etc/zypp/credentials.d/SCCcredentials'] as const)
        : [];
  if (system === undefined || path === undefined)
    return unseen('not-applicable', 'fixes-without-subscription', distribution.sources);
  const proof = await host.stat(path);
  if (proof.status !== 'observed' && proof.status !== 'absent') return missed(proof);
  return observed({ system, attached: proof.status === 'observed' }, proof.source);
}

function inOrder(packages: readonly RpmPackage[]): readonly RpmPackage[] {
  return packages.toSorted(
    (a, b) =>
      byCodePoint(a.name, b.name) || byCodePoint(a.architecture, b.architecture) || byCodePoint(a.version, b.version),
  );
}

function installedPackages(
  packages: Fact<readonly RpmPackage[]>,
  distribution: Fact<OperatingSystem>,
): Fact<InstalledPackage[]> {
  if (packages.status !== 'observed') return packages;
  // os-release(5) names `linux` as the default where nothing better is known.
  const vendor = distribution.status === 'observed' ? distribution.value.id : 'linux';
  return observed(
    packages.value.map((entry): InstalledPackage => {
      const { name, architecture, version, versionRelease, epoch, sourceRpm = '', installedAt } = entry;
      const source = sourceName(sourceRpm);
      return {
        purl: rpmPurl(vendor, { name, version: versionRelease, architecture, epoch }),
        name,
        architecture,
        version,
        ...(source === undefined || source === name ? {} : { sourceName: source }),
        ...(entry.vendor === undefined ? {} : { vendor: entry.vendor }),
        ...(installedAt === undefined ? {} : { installedAt: instantOf(installedAt * 1000) }),
      };
    }),
    ...packages.sources,
    ...distribution.sources,
  );
}
