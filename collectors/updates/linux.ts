/** Update levels of a Linux server: finds the package family and hands over to what knows it. */
import type { Host } from '../../agent/host/host.ts';
import type { Unseen } from '../../schemas/generated/types.ts';
import type { Draft, Drafts } from '../collector.ts';
import { collectApk } from './apk.ts';
import { collectDeb } from './deb.ts';
import { findPackageFamily } from './package-family.ts';
import { collectPacman } from './pacman.ts';
import { type LinuxDrafts, windowsFactsOnLinux } from './platform-facts.ts';
import { collectRpm } from './rpm.ts';

export async function collectLinux(host: Host): Promise<Drafts> {
  const { updates, packages } = await collectFamily(host);
  return { updates: { ...updates, ...windowsFactsOnLinux(updates.packageFamily.sources) }, packages };
}

async function collectFamily(host: Host): Promise<LinuxDrafts> {
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
      return collectRpm(host, packageFamily);
    case 'apk':
      return collectApk(host, packageFamily);
    case 'pacman':
      return collectPacman(host, packageFamily);
  }
}

/** Both documents with the same reason in every fact. */
export function withoutAnswers(packageFamily: Draft<'updates'>['packageFamily'], why: Unseen): LinuxDrafts {
  return {
    updates: {
      packageFamily,
      availableUpdates: why,
      advisories: why,
      heldPackages: why,
      brokenPackages: why,
      metadata: why,
      lastCheck: why,
      lastInstall: why,
      automaticUpdates: why,
      lastAutomaticRun: why,
      rebootRequired: why,
      kernels: why,
      staleProcesses: why,
      livePatch: why,
      deployments: why,
      repositories: why,
      subscription: why,
    },
    packages: { packages: why, history: why },
  };
}
