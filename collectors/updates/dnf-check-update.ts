/**
 * What dnf, yum, tdnf and older dnf5 print of the updates that they would install:
 *
 *     Last metadata expiration check: 0:05:17 ago on Mon 28 Apr 2025 04:01:03 PM UTC.
 *
 *     NetworkManager.x86_64          1:1.40.16-19.el8_10          baseos
 *     Obsoleting Packages
 *     grub2-tools.x86_64             1:2.02-158.el8_10            baseos
 *         grub2-tools.x86_64         1:2.02-156.el8               @baseos
 *     Security: kernel-core-… is an installed security update
 *
 * Long names wrap: their version and repository stand on the next line. What obsoletes something is not in
 * the list of updates a second time.
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { plainVersion } from './nevra.ts';

export type OfferedPackage = {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  readonly repository: string;
};

/** Headings and remarks of the tools, which say nothing of a package. */
const remark =
  /^(?:Last metadata expiration check: |Updating and loading repositories:|Repositories loaded\.|Available (?:packages|upgrades|updates)|Upgrades$|Loaded plugins: |Loading mirror speeds |Security: |Updating Subscription Management | {14}: )/i;

/** The updates, each package and architecture once, as the tool orders them (tdnf lists every version). Fails with `unexpected-line`. */
export function parseCheckUpdate(text: string): Parsed<readonly OfferedPackage[]> {
  const packages: OfferedPackage[] = [];
  let words: string[] = [];
  for (const [index, raw] of text.toWellFormed().split('\n').entries()) {
    const line = raw.trimEnd();
    if (/^Obsoleting packages:?$/i.test(line)) break;
    if (line === '' || (words.length === 0 && remark.test(line))) continue;
    words.push(...line.trim().split(/\s+/));
    // A wrapped row.
    if (words.length < 3) continue;
    const [qualified = '', version = '', repository = ''] = words;
    const [, name, architecture] = /^(.{1,256})\.([A-Za-z0-9_]{1,64})$/.exec(qualified) ?? [];
    const isVersion = /^(?:\d+:)?[^\s:-]{1,120}-[^\s:-]{1,120}$/.test(version);
    if (words.length !== 3 || name === undefined || architecture === undefined || !isVersion || repository.length > 256)
      return unparsed('unexpected-line', `line ${index + 1}`);
    packages.push({ name, architecture, version: plainVersion(version), repository });
    words = [];
  }
  return words.length === 0 ? parsed(packages) : unparsed('unexpected-line', 'the last line');
}
