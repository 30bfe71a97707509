/** Update levels of a Linux server: finds the package family and hands over to what knows it. */
import type { Host } from '../../agent/host/host.ts';
import type { Unseen } from '../../schemas/generated/types.ts';
import type { Draft, Drafts } from '../collector.ts';
import { unseen } from '../fact.ts';
import { collectDeb } from './deb.ts';
import { findPackageFamily } from './package-family.ts';

/** A family that is not covered yet answers `unsupported` with `family-not-covered`, never with empty lists. */
export async function collectLinux(host: Host): Promise<Drafts> {
  const packageFamily = await findPackageFamily(host);
  if (packageFamily.status === 'absent') {
    // No package database is an answer to the first question only; the others stay open.
    return withoutAnswers(packageFamily, { ...packageFamily, status: 'unsupported' });
  }
  if (packageFamily.status !== 'observed') return withoutAnswers(packageFamily, packageFamily);
  switch (packageFamily.value) {
    case 'deb':
      return collectDeb(host, packageFamily);
    case 'rpm':
    case 'apk':
    case 'pacman':
      return withoutAnswers(packageFamily, unseen('unsupported', 'family-not-covered', packageFamily.sources));
  }
}

/** Both documents with the same reason in every fact. */
export function withoutAnswers(packageFamily: Draft<'updates'>['packageFamily'], why: Unseen): Drafts {
  return {
    updates: {
      packageFamily,
      availableUpdates: why,
      heldPackages: why,
      brokenPackages: why,
      metadata: why,
      lastCheck: why,
      lastInstall: why,
      automaticUpdates: why,
      rebootRequired: why,
      kernels: why,
      repositories: why,
    },
    packages: { packages: why },
  };
}
