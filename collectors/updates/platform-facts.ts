/** Which facts belong to one operating system alone. On the other they do not exist, and say so. */
import type { Fact, Unseen } from '../../schemas/generated/types.ts';
import type { Draft } from '../collector.ts';
import { unseen } from '../fact.ts';

const windowsNames = [
  'osBuild',
  'componentPackages',
  'hotfixes',
  'windowsUpdateHistory',
  'offeredUpdates',
  'updateSource',
  'updatePolicy',
  'pendingReboot',
  'hotpatch',
  'supportLicences',
  'installedSoftware',
  'serverProducts',
  'exchange',
  'exchangeServer',
  'exchangeFiles',
  'exchangeServices',
  'exchangeClaims',
  'exchangeScanning',
  'exchangeSchema',
  'sqlInstances',
] as const;
const linuxNames = [
  'packageFamily',
  'availableUpdates',
  'advisories',
  'heldPackages',
  'brokenPackages',
  'metadata',
  'lastAutomaticRun',
  'kernels',
  'staleProcesses',
  'livePatch',
  'deployments',
  'repositories',
  'subscription',
] as const;

export type WindowsFact = (typeof windowsNames)[number];
export type LinuxFact = (typeof linuxNames)[number];

type Updates = Draft<'updates'>;
/** What the Linux families fill in. */
export type LinuxUpdates = Omit<Updates, WindowsFact>;
export type LinuxDrafts = { readonly updates: LinuxUpdates; readonly packages: Draft<'packages'> };

/** The facts of Windows on a Linux server; `sources` show that it is one. */
export function windowsFactsOnLinux(sources: Fact<unknown>['sources']): Pick<Updates, WindowsFact> {
  return allOf(windowsNames, unseen('not-applicable', 'linux', sources));
}

/** The facts of Linux on a Windows server; `sources` show that it is one. */
export function linuxFactsOnWindows(sources: Fact<unknown>['sources']): Pick<Updates, LinuxFact> {
  return allOf(linuxNames, unseen('not-applicable', 'windows', sources));
}

function allOf<Name extends string>(names: readonly Name[], why: Unseen): Record<Name, Unseen> {
  return Object.fromEntries(names.map((name) => [name, why])) as Record<Name, Unseen>;
}
