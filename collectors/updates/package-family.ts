/** Which package system keeps this server up to date: told by its database, since the tools of others may be installed too. */
import type { Host, Miss } from '../../agent/host/host.ts';
import type { Fact, UpdatesDocument } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { readDistribution } from './distribution.ts';

export type PackageFamily = Extract<UpdatesDocument['packageFamily'], { status: 'observed' }>['value'];

/** In this order: rpm is often installed on Debian beside dpkg, seldom the other way round, and then dpkg's file is empty. */
const databases: readonly (readonly [PackageFamily, string])[] = [
  ['deb', '/var/lib/dpkg/status'],
  ['rpm', '/usr/lib/sysimage/rpm/rpmdb.sqlite'],
  ['rpm', '/usr/lib/sysimage/rpm/Packages.db'],
  ['rpm', '/var/lib/rpm/rpmdb.sqlite'],
  ['rpm', '/var/lib/rpm/Packages.db'],
  ['rpm', '/var/lib/rpm/Packages'],
  ['apk', '/lib/apk/db/installed'],
  ['apk', '/usr/lib/apk/db/installed'],
  ['pacman', '/var/lib/pacman/local'],
  // Images without dpkg, a stanza a file (distroless).
  ['deb', '/var/lib/dpkg/status.d'],
];

const familyOfDistribution: ReadonlyMap<string, PackageFamily> = new Map([
  ['debian', 'deb'],
  ['ubuntu', 'deb'],
  ['rhel', 'rpm'],
  ['fedora', 'rpm'],
  ['centos', 'rpm'],
  ['amzn', 'rpm'],
  ['suse', 'rpm'],
  ['sles', 'rpm'],
  ['alpine', 'apk'],
  ['arch', 'pacman'],
]);

/** Absent with `no-package-database` only where each place was looked at. */
export async function findPackageFamily(host: Host): Promise<Fact<PackageFamily>> {
  const sources: string[] = [];
  let unanswered: Miss | undefined;
  for (const [family, path] of databases) {
    const stat = await host.stat(path);
    if (stat.status !== 'observed') {
      sources.push(stat.source);
      if (stat.status !== 'absent') unanswered ??= stat;
    } else if (stat.value.type === 'directory' || stat.value.size > 0) {
      return observed(family, stat.source);
    } else {
      sources.push(stat.source);
    }
  }
  if (unanswered === undefined) return unseen('absent', 'no-package-database', sources);
  return (await familyByDistribution(host)) ?? missed(unanswered);
}

/** Where a database could not be looked at (or was not recorded), os-release names the family. */
async function familyByDistribution(host: Host): Promise<Fact<PackageFamily> | undefined> {
  const distribution = await readDistribution(host);
  if (distribution.status === 'observed') {
    for (const id of [distribution.value.id, ...(distribution.value.idLike ?? [])]) {
      const family = familyOfDistribution.get(id.toLowerCase());
      if (family !== undefined) return observed(family, ...distribution.sources);
    }
  }
  const dpkg = await host.exec('dpkg-query');
  return dpkg.status === 'observed' && dpkg.value.stdout !== '' ? observed('deb', dpkg.source) : undefined;
}
