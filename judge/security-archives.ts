/**
 * Whether apt would know of a security fix at all. Without the archive that fixes come by, or with one that was
 * made long ago (a frozen mirror, a snapshot, a release that nobody mends), "nothing to upgrade" says nothing.
 */
import type { ArchiveMetadata } from '../schemas/generated/types.ts';

const dayMs = 86_400_000;
/**
 * Debian makes the list of its security archive anew within the seven days for which it is valid, Ubuntu with each
 * fix, of which a release has several a week (wiki.debian.org/DebianRepository/Format, Valid-Until).
 */
const maxAgeDays = 30;

/** Their fixes come by the archive that everything comes by. */
const undivided: ReadonlySet<string> = new Set(['Raspbian', 'Kali']);
const divided: ReadonlySet<string> = new Set(['Debian', 'Ubuntu']);

/** What keeps the metadata of a deb system from showing every security fix; `at` in milliseconds. */
export function archiveDoubts(metadata: readonly ArchiveMetadata[], at: number): string[] {
  const own = metadata.filter(isSecurityArchive);
  if (own.length === 0 && !metadata.some(({ origin = '' }) => undivided.has(origin)))
    return ['no security archive is among the metadata: nothing would show a fix'];
  const without = metadata.filter(
    (archive) =>
      divided.has(archive.origin ?? '') && isRelease(archive) && !own.some((security) => mends(security, archive)),
  );
  const isFresh = ({ releasedAt, fetchedAt }: ArchiveMetadata): boolean =>
    at - Date.parse(releasedAt ?? fetchedAt) <= maxAgeDays * dayMs;
  // After a release of Ubuntu is over its own archive stands still, and Pro's goes on.
  const goesOn = (archive: ArchiveMetadata): boolean =>
    own.some((each) => each.suite === `${codenameOf(archive)}-infra-security` && isFresh(each));
  const stale = own.filter((each) => divided.has(each.origin ?? '') && !isFresh(each) && !goesOn(each));
  return [
    ...without.map(
      (archive) => `no security archive of ${archive.origin} ${codenameOf(archive)} is among the metadata`,
    ),
    ...stale.map(
      ({ archive, releasedAt, fetchedAt }) =>
        `nothing came by the security archive ${archive} since ${(releasedAt ?? fetchedAt).slice(0, 10)}`,
    ),
  ];
}

/** Debian up to 10 told its security archive from the other by the label alone. */
function isSecurityArchive({ suite = '', codename = '', label = '' }: ArchiveMetadata): boolean {
  return [suite, codename].some((name) => /-security$|\/updates$/.test(name)) || /-Security$/i.test(label);
}

/** A release as it came out, not what comes beside it. Testing and unstable are mended by what moves on. */
function isRelease(archive: ArchiveMetadata): boolean {
  const { suite = '' } = archive;
  return (
    !isSecurityArchive(archive) &&
    codenameOf(archive) !== '' &&
    !/-(?:updates|backports|proposed|debug)|^(?:testing|unstable|experimental)$|^devel$/.test(suite)
  );
}

function codenameOf({ codename, suite = '' }: ArchiveMetadata): string {
  return (codename ?? suite).replace(/[-/](?:security|updates)$/, '');
}

function mends(security: ArchiveMetadata, release: ArchiveMetadata): boolean {
  return security.origin === release.origin && codenameOf(security) === codenameOf(release);
}
