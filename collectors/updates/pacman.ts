/** Update levels of Arch and what is derived from it. A rolling release: no advisories in its metadata, no severity, no dates of fixes. */
import type { Host } from '../../agent/host/host.ts';
import type {
  ArchiveMetadata,
  AvailableUpdate,
  Fact,
  HeldPackage,
  LastInstall,
  UpdatesDocument,
  UpdateTransaction,
} from '../../schemas/generated/types.ts';
import { fromAnswer, mapFact, missed, observed, type Parsed, unparsed, unseen } from '../fact.ts';
import { readScope } from '../host/container-clues.ts';
import { readDeployments } from './deployments.ts';
import { readDistribution } from './distribution.ts';
import { byCodePoint, fieldText } from './field-text.ts';
import { matchesGlob } from './glob.ts';
import { passedOverBy } from './half-answer.ts';
import { countOf, type Found, newestFirst, transactionsByTime } from './history.ts';
import { instantOf, withoutEmptyFraction } from './instant.ts';
import { readLivePatch } from './live-patch.ts';
import { type PacmanConf, parsePacmanConf } from './pacman-conf.ts';
import { readPacman } from './pacman-installed.ts';
import { type PacmanPackage, type PacmanUpgrade, parsePacmanUpgrades } from './pacman-query.ts';
import type { LinuxDrafts } from './platform-facts.ts';
import { plainPurl } from './purl.ts';
import { readReplacedKernels } from './replaced-kernels.ts';
import { isShort } from './requirements.ts';
import { blindnessOf, lastCheckOf } from './rpm-metadata.ts';
import { readStaleProcesses } from './stale-processes.ts';
import { wholeOutput } from './whole-text.ts';

export async function collectPacman(host: Host, packageFamily: UpdatesDocument['packageFamily']): Promise<LinuxDrafts> {
  const distribution = await readDistribution(host);
  const { installed, log } = await readPacman(host);
  const conf = wholeOutput(await host.exec('pacman-conf'), parsePacmanConf);
  const metadata = await readDatabases(host);
  const scope = await readScope(host);
  const history = historyOf(log, installed);
  const vendor = distribution.status === 'observed' ? distribution.value.id : 'linux';
  return {
    updates: {
      packageFamily,
      availableUpdates: await readAvailable(host, installed, metadata),
      advisories: unseen('unsupported', 'family-without-advisories', packageFamily.sources),
      heldPackages: heldPackages(installed, conf),
      brokenPackages: unseen('not-applicable', 'family-without-such-a-state', packageFamily.sources),
      metadata,
      lastCheck: lastCheckOf(metadata),
      lastInstall: lastInstall(installed, history),
      // Nothing of Arch installs by itself, and nothing would tell of a script that someone wrote.
      automaticUpdates: unseen('unsupported', 'family-without-mechanism', packageFamily.sources),
      lastAutomaticRun: unseen('unsupported', 'family-without-mechanism', packageFamily.sources),
      rebootRequired: unseen('unsupported', 'family-without-restart-marker', packageFamily.sources),
      kernels: await readReplacedKernels(host, scope, kernelPackages(installed)),
      staleProcesses: await readStaleProcesses(host),
      livePatch: await readLivePatch(host, scope),
      deployments: await readDeployments(host, scope),
      repositories: mapFact(conf, ({ repositories }) => repositories),
      subscription: unseen('not-applicable', 'fixes-without-subscription', packageFamily.sources),
    },
    packages: {
      history,
      packages: mapFact(installed, (packages) =>
        packages.map((entry) => {
          const { name, architecture, version, installedAt } = entry;
          const at = installedAt === undefined ? {} : { installedAt: instantOf(installedAt * 1000) };
          return { purl: plainPurl('alpm', vendor, entry), name, architecture, version, ...at };
        }),
      ),
    },
  };
}

/** The log; where it has nothing or cannot be read, the times of installation. */
function historyOf(log: Fact<readonly Found[]>, installed: Fact<readonly PacmanPackage[]>): Fact<UpdateTransaction[]> {
  const byLog = mapFact(log, newestFirst);
  if (byLog.status === 'observed' && byLog.value.length > 0) return byLog;
  if (installed.status !== 'observed') return installed;
  const dated = installed.value.flatMap((entry) =>
    entry.installedAt === undefined ? [] : [{ ...entry, at: entry.installedAt }],
  );
  const found = newestFirst(transactionsByTime(dated));
  const sources = [...installed.sources, ...log.sources];
  return found.length === 0 ? unseen('unsupported', 'no-change-times', sources) : observed(found, ...sources);
}

/** The databases that `pacman -Sy` fetched; each is as old as its file. */
async function readDatabases(host: Host): Promise<Fact<ArchiveMetadata[]>> {
  const folder = '/var/lib/pacman/sync';
  const listing = await host.list(folder);
  if (listing.status === 'absent') return unseen('absent', 'no-metadata', [listing.source]);
  if (listing.status !== 'observed') return missed(listing);
  const sources = [listing.source];
  const entries: ArchiveMetadata[] = [];
  for (const name of listing.value.filter((each) => each.endsWith('.db')).slice(0, 60)) {
    const stat = await host.stat(`${folder}/${name}`);
    if (stat.status !== 'observed') return missed(stat, listing.source);
    sources.push(stat.source);
    const signed = listing.value.includes(`${name}.sig`);
    const archive = fieldText(name.replace(/\.db$/, ''), 1024);
    entries.push({ archive, fetchedAt: withoutEmptyFraction(stat.value.mtime), signed, hasAdvisories: false });
  }
  return entries.length === 0 ? unseen('absent', 'no-metadata', sources) : observed(entries, ...sources);
}

/** Exit code 1 stands for none and for every error alike: none is only what is silent on both channels. */
async function readAvailable(
  host: Host,
  installed: Fact<readonly PacmanPackage[]>,
  metadata: Fact<ArchiveMetadata[]>,
): Promise<Fact<AvailableUpdate[]>> {
  const answer = await host.exec('pacman-upgrades');
  if (answer.status === 'absent') return missed({ ...answer, status: 'unsupported' });
  const list = fromAnswer(answer, ({ stdout, stderr, exitCode, truncated }): Parsed<readonly PacmanUpgrade[]> => {
    if (truncated) return unparsed('output-truncated');
    const result = parsePacmanUpgrades(stdout);
    if (!result.ok) return result;
    const skipped = passedOverBy(stderr);
    if (skipped !== undefined) return unparsed('sources-passed-over', skipped);
    if (exitCode === 1 && /^error:/m.test(stderr)) return unparsed('exit-1');
    return (exitCode === 0) === result.value.length > 0 ? result : unparsed('exit-code-disagrees');
  });
  if (list.status !== 'observed') return list;
  // pacman reads the same database: of what it has lost, pacman offers no update.
  if (installed.status === 'failed' && isShort(installed.reason))
    return { ...installed, sources: [...list.sources, ...installed.sources] };
  const blind = blindnessOf(metadata);
  if (list.value.length === 0 && blind !== undefined) return { ...blind, sources: [...list.sources, ...blind.sources] };
  const known = new Map(installed.status === 'observed' ? installed.value.map((entry) => [entry.name, entry]) : []);
  const updates = list.value.map(
    ({ name, installedVersion, version, ignored }): AvailableUpdate => ({
      name,
      architecture: known.get(name)?.architecture ?? '',
      installedVersion,
      candidateVersion: version,
      securityRelevant: 'unknown',
      suites: [],
      ...(ignored ? { held: true } : {}),
    }),
  );
  return observed(
    updates.toSorted((a, b) => byCodePoint(a.name, b.name)),
    ...list.sources,
    ...metadata.sources.slice(0, 1),
  );
}

/** Patterns of IgnorePkg. A group that is ignored holds packages that nobody names here: then the list would be short. */
function heldPackages(installed: Fact<readonly PacmanPackage[]>, conf: Fact<PacmanConf>): Fact<HeldPackage[]> {
  if (installed.status !== 'observed') return installed;
  if (conf.status !== 'observed') return conf;
  if (conf.value.ignoredGroups.length > 0) return unseen('unsupported', 'ignored-groups', conf.sources);
  const held = installed.value.flatMap(({ name, architecture, version }): HeldPackage[] => {
    const rule = conf.value.ignored.find((pattern) => matchesGlob(pattern, name));
    return rule === undefined
      ? []
      : [{ name, architecture, version, rule: fieldText(`IgnorePkg = ${rule}`, 512), by: 'ignore' }];
  });
  return observed(held, ...conf.sources, ...installed.sources);
}

function lastInstall(installed: Fact<readonly PacmanPackage[]>, history: Fact<UpdateTransaction[]>): Fact<LastInstall> {
  const [last] = history.status === 'observed' ? history.value : [];
  if (last?.basis === 'log')
    return observed<LastInstall>(
      {
        at: last.at,
        basis: 'log',
        ...(last.commandLine === undefined ? {} : { commandLine: last.commandLine }),
        upgraded: countOf(last.changes, 'upgraded', 'downgraded', 'reinstalled'),
        installed: countOf(last.changes, 'installed'),
        removed: countOf(last.changes, 'removed'),
      },
      ...history.sources,
    );
  if (installed.status !== 'observed') return installed;
  const newest = installed.value.reduce((latest, { installedAt = 0 }) => Math.max(latest, installedAt), 0);
  if (newest === 0) return unseen('unsupported', 'no-change-times', installed.sources);
  return observed({ at: instantOf(newest * 1000), basis: 'database-change' }, ...installed.sources);
}

/** linux 6.6.1.arch1-1 boots 6.6.1-arch1-1, linux-lts 6.6.30-1 boots 6.6.30-1-lts. */
function kernelPackages(
  installed: Fact<readonly PacmanPackage[]>,
): Fact<readonly { name: string; version: string; release: string }[]> {
  return mapFact(installed, (packages) =>
    packages.flatMap(({ name, version }) => {
      const [whole, flavour] = /^linux(?:-(lts|zen|hardened|rt|rt-lts))?$/.exec(name) ?? [];
      if (whole === undefined) return [];
      const plain = version.replace(/\.((?:arch|zen|hardened|rt)\d)/, '-$1');
      return [{ name, version, release: flavour === undefined ? plain : `${plain}-${flavour}` }];
    }),
  );
}
