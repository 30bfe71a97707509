/**
 * What makes apt prefer a release to the archive of its fixes. Of the versions that archives offer it takes the one
 * of the highest priority, not the newest (apt_preferences(5)): with `APT::Default-Release "bookworm"` all of bookworm
 * has 990 and bookworm-security 500, since Debian 11 calls it by another name. apt then lists no update of what the
 * release has, too.
 */
import type { ArchiveMetadata } from '../../schemas/generated/types.ts';
import type { Pin } from './apt-preferences.ts';
import { matchesGlob } from './glob.ts';

/** What an archive has that nobody pinned. */
const offered = 500;

/** The setting or the pin by which fixes come second; undefined where none does. `defaultRelease` as apt.conf has it. */
export function preferredToFixes(
  pins: readonly Pin[],
  defaultRelease: string | undefined,
  archives: readonly ArchiveMetadata[],
): string | undefined {
  const releases = archives.filter((each) => isDistribution(each) && !isSecurity(each));
  const fixes = archives.filter((each) => isDistribution(each) && isSecurity(each));
  const overtakes = (covers: (archive: ArchiveMetadata) => boolean): boolean =>
    releases.some(covers) && !fixes.every(covers);
  if (defaultRelease !== undefined && defaultRelease !== '' && overtakes((each) => names(defaultRelease, each)))
    return `APT::Default-Release ${defaultRelease}`;
  const pin = pins.find(
    (each) => each.packages.includes('*') && each.priority > offered && overtakes((one) => isPinned(each.pin, one)),
  );
  return pin === undefined ? undefined : `${pin.pin} ${pin.priority}`;
}

function isDistribution({ origin = '' }: ArchiveMetadata): boolean {
  return /^(?:Debian|Ubuntu)$/.test(origin);
}

function isSecurity({ suite = '', codename = '', label = '' }: ArchiveMetadata): boolean {
  return /-security$|\/updates$/.test(suite) || /-security$|\/updates$/.test(codename) || /-Security$/i.test(label);
}

/** By suite or codename. A version names release and fixes alike, and is no name here. */
function names(pattern: string, { suite = '', codename = '' }: ArchiveMetadata): boolean {
  return matches(pattern, suite) || matches(pattern, codename);
}

/** `release a=stable, l=Debian`: every word has to hold; one of another kind holds for all. */
function isPinned(pin: string, archive: ArchiveMetadata): boolean {
  const [, text] = /^release\s+(.*)$/is.exec(pin) ?? [];
  if (text === undefined) return false;
  return text.split(/\s*,\s*/).every((word) => {
    const [, kind = '', value = ''] = /^([a-z])=(.*)$/is.exec(word.trim()) ?? [];
    if (kind === 'a') return matches(value, archive.suite ?? '');
    if (kind === 'n') return matches(value, archive.codename ?? '');
    if (kind === 'o') return matches(value, archive.origin ?? '');
    if (kind === 'l') return matches(value, archive.label ?? '');
    return kind !== '' || names(word.trim(), archive);
  });
}

/**
 * A name, a shell pattern, or an expression between slashes. Of expressions only lists of endings are read, the form that
 * Debian's release notes give (`/^bookworm(|-security|-updates)$/`); any other is taken to name releases alone.
 */
function matches(pattern: string, name: string): boolean {
  if (!pattern.startsWith('/')) return matchesGlob(pattern, name);
  const [, stem, endings] = /^\/\^([a-z0-9-]+)\(([a-z|-]*)\)\$\/$/.exec(pattern) ?? [];
  if (stem === undefined || endings === undefined) return !name.endsWith('-security');
  return endings.split('|').some((ending) => name === `${stem}${ending}`);
}
