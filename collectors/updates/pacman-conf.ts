/**
 * The output of pacman-conf(8), pacman's configuration with every include resolved:
 *
 *     [options]
 *     IgnorePkg = linux
 *     SigLevel = PackageRequired
 *     SigLevel = DatabaseOptional
 *     [core]
 *     Usage = All
 *     Server = https://geo.mirror.pkgbuild.com/core/os/x86_64
 */
import type { Repository } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { fieldText, publicUri } from './field-text.ts';

export type PacmanConf = {
  /** IgnorePkg: patterns of packages that are not upgraded. */
  readonly ignored: readonly string[];
  /** IgnoreGroup: groups whose packages are not upgraded; which packages those are it does not say. */
  readonly ignoredGroups: readonly string[];
  readonly repositories: Repository[];
};

type Section = { readonly name: string; readonly settings: (readonly [string, string])[] };

/** Fails with `no-options`, and with `unexpected-line`. */
export function parsePacmanConf(text: string): Parsed<PacmanConf> {
  const sections: Section[] = [];
  for (const [index, line] of text.toWellFormed().split('\n').entries()) {
    if (line.trim() === '') continue;
    const heading = /^\[([^\]]{1,256})\]$/.exec(line.trim())?.[1];
    const [, name, value = ''] = /^(\w+)(?: = (.*))?$/.exec(line.trim()) ?? [];
    if (heading !== undefined) sections.push({ name: heading, settings: [] });
    else if (name !== undefined && sections.length > 0) sections.at(-1)?.settings.push([name, value]);
    else return unparsed('unexpected-line', `line ${index + 1}`);
  }
  const options = sections.find(({ name }) => name === 'options');
  if (options === undefined) return unparsed('no-options');
  const levels = valuesOf(options, 'SigLevel');
  return parsed({
    ignored: valuesOf(options, 'IgnorePkg'),
    ignoredGroups: valuesOf(options, 'IgnoreGroup'),
    repositories: sections
      .filter(({ name }) => name !== 'options')
      .slice(0, 4096)
      .map((section) => repository(section, levels)),
  });
}

function valuesOf({ settings }: Section, name: string): string[] {
  return settings.filter(([other]) => other === name).flatMap(([, value]) => value.split(/\s+/).filter(Boolean));
}

/** pacman.conf(5), SigLevel: a repository's own words come after those of the options; a later word overrides. */
function repository(section: Section, inherited: readonly string[]): Repository {
  let packages = 'Optional';
  let databases = 'Optional';
  let trustsAll = false;
  for (const word of [...inherited, ...valuesOf(section, 'SigLevel')]) {
    const [, scope = '', level = ''] =
      /^(Package|Database)?(Never|Optional|Required|TrustedOnly|TrustAll)$/.exec(word) ?? [];
    if (level === 'TrustAll' || level === 'TrustedOnly') trustsAll = level === 'TrustAll';
    else if (level !== '') {
      if (scope !== 'Database') packages = level;
      if (scope !== 'Package') databases = level;
    }
  }
  const weak = packages !== 'Required' || trustsAll;
  const usage = valuesOf(section, 'Usage');
  return {
    id: fieldText(section.name, 256),
    definedIn: '/etc/pacman.conf',
    types: ['pacman'],
    uris: valuesOf(section, 'Server')
      .slice(0, 64)
      .map((uri) => fieldText(publicUri(uri), 2048)),
    suites: [],
    components: [],
    enabled: usage.length === 0 || usage.some((word) => /^(?:All|Install|Upgrade)$/.test(word)),
    signaturePolicy: packages === 'Never' ? 'trusted' : weak ? 'insecure-allowed' : 'default',
    checksPackages: packages === 'Required',
    checksMetadata: databases === 'Required',
  };
}
