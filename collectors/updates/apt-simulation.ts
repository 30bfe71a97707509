/**
 * What `apt-get -s dist-upgrade` would do (apt-get(8)), the answer where `apt list` cannot be had or is not
 * understood. The words at the line's start are never translated:
 *
 *     Inst base-files [12.4] (12.4+deb12u11 Debian:12.11/oldstable, Debian-Security:12/oldstable-security [amd64])
 *     Inst libc-bin [2.15-0ubuntu10] (2.15-0ubuntu10.2 Ubuntu:12.04/precise-security [amd64]) [libc6:amd64 ]
 *     Conf base-files (12.4+deb12u11 Debian:12.11/oldstable [amd64])
 *
 * In brackets what is installed (not there for a package that would be new), in parentheses the candidate, who
 * offers it as `Label:Version/Suite` or `Label:Suite`, and its architecture; then what is broken in between.
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';

export type SimulatedPackage = {
  readonly name: string;
  readonly architecture: string;
  /** Undefined for a package that would be new. */
  readonly installedVersion?: string;
  readonly candidateVersion: string;
  /** In apt's order, each once. */
  readonly offeredBy: readonly { readonly label: string; readonly suite: string }[];
};

export type Simulation = {
  readonly packages: readonly SimulatedPackage[];
  /** Names below "have been kept back", where apt was not asked to be quiet. */
  readonly keptBack: readonly string[];
  /** Names below "will be upgraded", likewise. */
  readonly upgraded: readonly string[];
};

const install =
  /^Inst (?<name>\S{1,256}) (?:\[(?<installed>[^\]\s]{1,256})\] )?\((?<candidate>[^\s)]{1,256}) (?:(?<offers>.{0,2000}?) )?\[(?<architecture>[a-z0-9-]{1,64})\]\)(?: \[[^\]]*\])*\s*$/;

/** Fails with `unexpected-line` where an `Inst` line is of another shape. A package that is named twice counts once. */
export function parseAptSimulation(text: string): Parsed<Simulation> {
  const lines = text.toWellFormed().split(/\r?\n/);
  const packages = new Map<string, SimulatedPackage>();
  for (const [index, line] of lines.entries()) {
    if (!/^Inst\b/.test(line)) continue;
    const groups = install.exec(line)?.groups;
    if (groups === undefined) return unparsed('unexpected-line', `line ${index + 1}`);
    const name = (groups['name'] ?? '').replace(/:[a-z0-9-]+$/, '');
    const architecture = groups['architecture'] ?? '';
    const key = `${name}:${architecture}`;
    // Some print a line again without the version that is installed.
    if (packages.get(key)?.installedVersion !== undefined) continue;
    packages.set(key, {
      name,
      architecture,
      ...(groups['installed'] === undefined ? {} : { installedVersion: groups['installed'] }),
      candidateVersion: groups['candidate'] ?? '',
      offeredBy: offersIn(groups['offers'] ?? ''),
    });
  }
  return parsed({
    packages: [...packages.values()],
    keptBack: namesBelow(lines, /\bkept back\b.*:\s*$/),
    upgraded: namesBelow(lines, /\bwill be upgraded:\s*$/),
  });
}

/** `Ubuntu:16.10/yakkety-updates, Google Cloud:cloud-sdk-bookworm`; what has no colon is a file of the administrator. */
function offersIn(text: string): SimulatedPackage['offeredBy'] {
  const offers = text
    .split(', ')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [, label = '', rest = part] = /^(.*?):(.*)$/.exec(part) ?? [];
      return { label: label.trim(), suite: (rest.split('/').at(-1) ?? '').trim() };
    });
  return [...new Map(offers.map((offer) => [`${offer.label}\0${offer.suite}`, offer])).values()];
}

/** apt indents the names of its lists by two blanks. */
function namesBelow(lines: readonly string[], heading: RegExp): string[] {
  const at = lines.findIndex((line) => heading.test(line));
  if (at < 0) return [];
  const end = lines.findIndex((line, index) => index > at && !/^ {2}\S/.test(line));
  return lines
    .slice(at + 1, end < 0 ? undefined : end)
    .flatMap((line) => line.trim().split(/\s+/))
    .filter((name) => name !== '' && name.length <= 256);
}
