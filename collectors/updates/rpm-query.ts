/**
 * The list that rpm prints in the format of the command `rpm-qa` (agent/host/commands.ts):
 *
 *     bash⇥0⇥5.1.8⇥9.el9⇥x86_64⇥bash-5.1.8-9.el9.src.rpm⇥Rocky Enterprise Software Foundation⇥1718000000
 *     gpg-pubkey⇥0⇥350d275d⇥6279464b⇥(none)⇥(none)⇥(none)⇥1718000000
 *
 * Keys that rpm keeps beside the packages are none and are dropped.
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { rpmVersion } from './nevra.ts';

export type RpmPackage = {
  readonly name: string;
  /** Empty where it is 0. */
  readonly epoch: string;
  /** `epoch:version-release`, without an epoch of 0. */
  readonly version: string;
  /** Without the epoch. */
  readonly versionRelease: string;
  readonly architecture: string;
  readonly sourceRpm?: string;
  readonly vendor?: string;
  /** Seconds since 1970. */
  readonly installedAt?: number;
};

/** Fails with `unexpected-line`, or with `no-packages-listed`: an rpm system without packages is none. */
export function parseRpmQuery(text: string): Parsed<readonly RpmPackage[]> {
  const packages: RpmPackage[] = [];
  for (const [index, line] of text.toWellFormed().split('\n').entries()) {
    if (line === '') continue;
    const fields = line.split('\t');
    const [name = '', epoch = '', version = '', release = '', architecture = '', source = '', vendor = '', time = ''] =
      fields;
    const lengths = [name, version, release, architecture, source, vendor].map(({ length }) => length);
    if (fields.length !== 8 || name === '' || version === '' || release === '' || !/^(?:\d{1,9}|\(none\))$/.test(epoch))
      return unparsed('unexpected-line', `line ${index + 1}`);
    if (Math.max(...lengths) > 200 || architecture.length > 64) return unparsed('unexpected-line', `line ${index + 1}`);
    if (name === 'gpg-pubkey') continue;
    const number = /^0*$/.test(epoch) || epoch === '(none)' ? '' : epoch;
    packages.push({
      name,
      epoch: number,
      version: rpmVersion(number, version, release),
      versionRelease: `${version}-${release}`,
      architecture: architecture === '(none)' ? 'noarch' : architecture,
      ...(source === '' || source === '(none)' ? {} : { sourceRpm: source }),
      ...(vendor === '' || vendor === '(none)' ? {} : { vendor }),
      ...(/^[1-9]\d{0,10}$/.test(time) ? { installedAt: Number(time) } : {}),
    });
  }
  return packages.length === 0 ? unparsed('no-packages-listed') : parsed(packages);
}

/** The name in `openssl-3.0.7-27.el9.src.rpm`. */
export function sourceName(sourceRpm: string): string | undefined {
  return /^(.+)-[^-]+-[^-]+\.(?:no)?src\.rpm$/.exec(sourceRpm)?.[1];
}
