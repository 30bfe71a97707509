/** Whether a candidate comes from a security archive, told by the archives that offer it. */
import type { ArchiveMetadata, AvailableUpdate } from '../../schemas/generated/types.ts';

/**
 * `yes` where any archive that offers the candidate is a security archive: a fix that a Debian point release
 * took over is offered by both. `no` only where every one is a plain suite of a distribution whose security
 * archive apt knows as well. Everything else is `unknown`: third parties, testing and backports, where
 * fixes come by the ordinary way, and servers that were never told of the security archive.
 */
export function securityRelevance(
  suites: readonly string[],
  archives: readonly ArchiveMetadata[],
): AvailableUpdate['securityRelevant'] {
  if (suites.some(isSecurityName)) return 'yes';
  const offers = suites.map((suite) => archives.filter((archive) => nameOf(archive) === suite));
  if (offers.some((offer) => offer.length > 0 && offer.every(isSecurityArchive))) return 'yes';
  const isPlain = offers.length > 0 && offers.every((offer) => isPlainOffer(offer, archives));
  return isPlain ? 'no' : 'unknown';
}

/** bookworm-security, noble-apps-security (Ubuntu Pro), and buster/updates of Debian up to 10. */
function isSecurityName(suite: string): boolean {
  return /-security$|\/updates$/.test(suite);
}

/** Debian's security archive up to 10 had the suite `stable`, like the archive beside it; only the label told. */
function isSecurityArchive(archive: ArchiveMetadata): boolean {
  return isSecurityName(nameOf(archive)) || /-Security$/i.test(archive.label ?? '');
}

function isPlainOffer(offer: readonly ArchiveMetadata[], archives: readonly ArchiveMetadata[]): boolean {
  return offer.length > 0 && offer.every((archive) => isPlain(archive, archives));
}

function isPlain(archive: ArchiveMetadata, archives: readonly ArchiveMetadata[]): boolean {
  const base = nameOf(archive).replace(/-updates$/, '');
  const isMoving = /^(?:testing|unstable|sid|experimental)$/.test(base) || /-(?:backports|proposed)/.test(base);
  const siblings = archives.filter(({ origin }) => origin !== undefined && origin === archive.origin);
  return !isMoving && !isSecurityArchive(archive) && siblings.some((sibling) => nameOf(sibling) === `${base}-security`);
}

function nameOf(archive: ArchiveMetadata): string {
  return archive.suite ?? archive.codename ?? '';
}
