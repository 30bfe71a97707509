/**
 * What apt would upgrade, told from its policy for each installed package. It chooses by the same code as
 * `apt list --upgradable`, which first works out every dependency of every package in the archives.
 * Where anything is not plain the answer is a failure, and apt's own list is asked: never a shorter list.
 */
import type { ArchiveMetadata } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import type { UpgradablePackage } from './apt-list.ts';
import type { PolicyEntry, PolicyVersion } from './apt-policy.ts';
import type { DpkgPackage } from './dpkg-query.ts';

/**
 * apt looks at every index file for every package, two to four times: above this many looks its list is cheaper
 * (measured: 918 packages on 32 index files take as long by either way).
 */
const maxLooks = 12_000;
/** Over SSH they are one argument of a shell, which Linux takes up to 128 KiB of (execve(2)); each is quoted there. */
const maxLength = 96 * 1024;
const askable = /^[a-z0-9][a-z0-9.+-]{0,127}:[a-z0-9-]{1,32}$/;

/**
 * The packages to ask for, as apt takes them; undefined where apt's list is to be asked instead: no index, too many,
 * one whose ending the command takes from apt (commands-apt.ts), or a name that we do not hand on.
 */
export function policyArguments(
  installed: readonly DpkgPackage[],
  indexes: readonly string[],
): readonly string[] | undefined {
  const names = installed.filter(({ state }) => state !== 'gone').map(qualified);
  const isPlain = indexes.every((index) => /_(?:Packages|Translation-[^.]*)(?:\.lz4)?$/.test(index));
  if (indexes.length === 0 || !isPlain || names.length === 0 || names.length * indexes.length > maxLooks)
    return undefined;
  if (names.reduce((length, name) => length + name.length + 3, 0) > maxLength) return undefined;
  return names.every((name) => askable.test(name)) && new Set(names).size === names.length ? names : undefined;
}

/** Fails with `unexpected-output` where an answer is missing or of another package, `candidate-unclear`, or `unknown-archive`. */
export function upgradableByPolicy(
  installed: readonly DpkgPackage[],
  entries: readonly PolicyEntry[],
  archives: readonly ArchiveMetadata[],
): Parsed<readonly UpgradablePackage[]> {
  const byLabel = new Map(entries.map((entry) => [entry.label, entry]));
  const asked = installed.filter(({ state }) => state !== 'gone');
  if (byLabel.size !== entries.length || entries.length !== asked.length) return unparsed('unexpected-output');
  const suites = new Map(archives.map(({ archive, suite }) => [archive, suite ?? 'unknown']));
  const found: UpgradablePackage[] = [];
  for (const entry of asked) {
    // apt leaves the machine's own architecture out.
    const label = byLabel.has(qualified(entry)) ? qualified(entry) : entry.name;
    const policy = byLabel.get(label);
    byLabel.delete(label);
    if (policy === undefined) return unparsed('unexpected-output', label);
    if (policy.installed !== entry.version) return unparsed('unexpected-output', label);
    const candidate = candidateOf(policy);
    if (!candidate.ok) return candidate;
    if (candidate.value === undefined) continue;
    const offeredBy = suitesOf(candidate.value, suites);
    if (offeredBy === undefined) return unparsed('unknown-archive', label);
    found.push({
      name: entry.name,
      architecture: entry.architecture,
      installedVersion: entry.version,
      candidateVersion: candidate.value.version,
      suites: offeredBy,
    });
  }
  return parsed(found);
}

/**
 * An update under the architecture of what is installed. apt's list names that of the candidate, which is another one
 * where a package becomes `all` or ceases to be.
 */
export function asInstalled<T extends UpgradablePackage>(
  updates: readonly T[],
  installed: readonly DpkgPackage[],
): readonly T[] {
  const byName = Map.groupBy(
    installed.filter(({ state }) => state !== 'gone'),
    ({ name }) => name,
  );
  return updates.map((update) => {
    const [only, ...others] = byName.get(update.name) ?? [];
    return only === undefined || others.length > 0 ? update : { ...update, architecture: only.architecture };
  });
}

function qualified({ name, architecture }: DpkgPackage): string {
  return `${name}:${architecture}`;
}

/** The version that would be installed over the one that is; undefined where none would, or only a lower one. */
function candidateOf({ label, candidate, versions }: PolicyEntry): Parsed<PolicyVersion | undefined> {
  if (candidate === undefined) return parsed(undefined);
  const now = versions.findIndex(({ isInstalled }) => isInstalled);
  const at = versions.flatMap(({ version }, index) => (version === candidate ? [index] : []));
  const [first] = at;
  if (now < 0 || first === undefined) return unparsed('candidate-unclear', label);
  // The same version built twice: apt prints the candidate's name, and not which of them it is.
  if (at.length > 1 && first < now) return unparsed('candidate-unclear', label);
  return parsed(first < now ? versions[first] : undefined);
}

/** The suites of its offers as apt's list names them; undefined where one cannot be told. */
function suitesOf({ offers }: PolicyVersion, suites: ReadonlyMap<string, string>): readonly string[] | undefined {
  const found = offers.filter((offer) => !offer.startsWith('/')).map((offer) => suites.get(archiveOf(offer) ?? ''));
  return found.length > 0 && found.every((suite) => suite !== undefined) ? found : undefined;
}

/**
 * `deb.debian.org_debian_dists_bookworm` for `http://deb.debian.org/debian bookworm/main amd64 Packages`, the name
 * by which apt keeps the release file. It escapes some signs, and differently in places; what has one is not told.
 */
function archiveOf(offer: string): string | undefined {
  const [, from, flat, distribution] =
    /^(?:[a-z][a-z0-9+.-]*:\/\/(?=[A-Za-z0-9])|(?:file|copy):(?=\/))([A-Za-z0-9./:+-]+) (?:([A-Za-z0-9./+-]*)|([A-Za-z0-9./+-]+)\/[A-Za-z0-9.+-]+ [a-z0-9-]+) Packages$/.exec(
      offer,
    ) ?? [];
  if (from === undefined) return undefined;
  const path = distribution === undefined ? `${from}/${flat ?? ''}` : `${from}/dists/${distribution}`;
  return path.replaceAll(/\/+/g, '/').replace(/\/$/, '').replaceAll('/', '_');
}
