/**
 * The output of `apt list --upgradable`:
 *
 *     Listing...
 *     krb5-locales/oldstable,oldstable-security 1.20.1-2+deb12u5 all [upgradable from: 1.20.1-2+deb12u3]
 *
 * The middle part names the Suite field of each archive that offers the candidate. apt says that this
 * output is not stable, so a line of another shape fails the parse instead of being passed over.
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';

export type UpgradablePackage = {
  readonly name: string;
  readonly architecture: string;
  readonly installedVersion: string;
  readonly candidateVersion: string;
  /** In apt's order. */
  readonly suites: readonly string[];
};

const upgradable =
  /^(?<name>[^/\s]{1,256})\/(?<suites>[^[\]]*) (?<candidate>\S{1,256}) (?<architecture>\S{1,64}) \[upgradable from: (?<installed>[^\s\]]{1,256})\]$/;
/** What `--all-versions` adds: versions that are not the candidate. */
const otherVersion = /^[^/\s]+\/[^[\]]* [^\s[\]]+ [^\s[\]]+(?: \[(?:installed|residual-config)[^\]]*\])?$/;

/** Fails with `unexpected-line`, and with `empty-output` where not even apt's heading is there. */
export function parseAptList(text: string): Parsed<readonly UpgradablePackage[]> {
  const lines = text
    .toWellFormed()
    .split('\n')
    .map((line) => line.trimEnd());
  const packages: UpgradablePackage[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === '' || /^Listing(?:\.\.\.|…)(?: Done)?$/.test(line)) continue;
    const groups = upgradable.exec(line)?.groups;
    if (groups === undefined) {
      if (otherVersion.test(line)) continue;
      return unparsed('unexpected-line', `line ${index + 1}`);
    }
    packages.push({
      name: (groups['name'] ?? '').replace(/:.*$/, ''),
      architecture: groups['architecture'] ?? '',
      installedVersion: groups['installed'] ?? '',
      candidateVersion: groups['candidate'] ?? '',
      suites: (groups['suites'] ?? '').split(',').filter((suite) => suite !== '' && suite !== 'now'),
    });
  }
  return lines.every((line) => line === '') ? unparsed('empty-output') : parsed(packages);
}
