/** Whether what is installed also runs: the kernels, and the marker that asks for a restart. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, InstalledKernel, Kernels, RebootRequired, Scope } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import type { DpkgPackage } from './dpkg-query.ts';
import { fieldText } from './field-text.ts';
import { parseNeedrestart } from './needrestart.ts';
import { belongsOutside } from './restart.ts';
import { wholeOutput } from './whole-text.ts';

/** Packages whose kernel hook writes the marker (each has a script in /etc/kernel/postinst.d); needrestart writes none. */
const notifiers = ['unattended-upgrades', 'update-notifier-common', 'reboot-notifier'];

/** The marker of Debian policy 9.12. Its absence says something only where a notifier is installed. */
export async function readRebootRequired(
  host: Host,
  dpkg: Fact<readonly DpkgPackage[]>,
  scope: Fact<Scope>,
): Promise<Fact<RebootRequired>> {
  const outside = belongsOutside(scope);
  if (outside !== undefined) return outside;
  const stat = await host.stat('/run/reboot-required');
  // Someone else's recording may have the file alone, without its attributes.
  const marker = stat.status === 'unsupported' ? await host.readFile('/run/reboot-required') : stat;
  if (marker.status === 'observed') {
    const names = await host.readFile('/run/reboot-required.pkgs');
    const packages = names.status === 'observed' ? [...new Set(names.value.text.split('\n').filter(Boolean))] : [];
    const listed = packages.slice(0, 1000).map((name) => fieldText(name, 256));
    return observed(
      { required: true, ...(listed.length === 0 ? {} : { packages: listed }) },
      marker.source,
      names.source,
    );
  }
  if (marker.status !== 'absent') return missed(marker);
  // Nobody restarts a container, so that a missing marker says something only where this surely is none.
  if (scope.status !== 'observed') return scope;
  if (dpkg.status !== 'observed') return dpkg;
  const hasNotifier = dpkg.value.some(({ name, state }) => state === 'installed' && notifiers.includes(name));
  if (hasNotifier) return observed({ required: false }, marker.source, ...dpkg.sources);
  const hasNeedrestart = dpkg.value.some(({ name, state }) => state === 'installed' && name === 'needrestart');
  if (hasNeedrestart) return askNeedrestart(host);
  return unseen('unsupported', 'no-notifier-installed', [marker.source, ...dpkg.sources]);
}

/** needrestart writes no marker, but knows of a newer kernel or microcode when it is asked. */
async function askNeedrestart(host: Host): Promise<Fact<RebootRequired>> {
  const answer = wholeOutput(await host.exec('needrestart-kernel'), parseNeedrestart);
  if (answer.status !== 'observed') return answer;
  const { kernelStatus, microcodeStatus } = answer.value;
  if (kernelStatus === 0) return unseen('unsupported', 'kernel-not-known', answer.sources);
  return observed({ required: kernelStatus > 1 || microcodeStatus === 2 }, ...answer.sources);
}

/** Two facts side by side, never one conclusion: an older kernel on disk is no reason to restart. */
export async function readKernels(
  host: Host,
  dpkg: Fact<readonly DpkgPackage[]>,
  scope: Fact<Scope>,
): Promise<Fact<Kernels>> {
  const outside = belongsOutside(scope);
  if (outside !== undefined) return outside;
  const identity = await host.identity();
  if (identity.status !== 'observed') return missed(identity);
  const { kernelRelease, kernelVersion = '' } = identity.value;
  if (kernelRelease === undefined) return unseen('unsupported', 'not-recorded', [identity.source]);
  if (dpkg.status !== 'observed') return dpkg;
  const runningVersion = runningPackageVersion(kernelRelease, kernelVersion);
  return observed(
    {
      runningRelease: fieldText(kernelRelease, 256),
      ...(runningVersion === undefined ? {} : { runningVersion: fieldText(runningVersion, 128) }),
      installed: dpkg.value.flatMap(installedKernel).slice(0, 256),
    },
    identity.source,
    ...dpkg.sources,
  );
}

/** A kernel itself has a full version in its name; linux-image-amd64 only depends on the newest, -dbg holds symbols. */
const kernelPackage =
  /^(?:linux-image-(?:unsigned-)?|(?:proxmox|pve)-kernel-)(?<release>[0-9]+\.[0-9]+(?:\.[0-9]|-rc[0-9])\S*?)(?:-unsigned|-signed)?$/;

function installedKernel({ name, version, state }: DpkgPackage): InstalledKernel[] {
  const release = kernelPackage.exec(name)?.groups?.['release'];
  if (release === undefined || state !== 'installed' || /-dbg(?:sym)?$/.test(name)) return [];
  return [{ name, version, release }];
}

/**
 * The package version inside `uname -v`: Debian writes `… Debian 6.1.153-1 (2026-09-20)`; Ubuntu writes
 * `#115~22.04.1-Ubuntu`, the last part of the version that begins with the release's own number.
 */
export function runningPackageVersion(release: string, version: string): string | undefined {
  const debian = /\bDebian (\d\S*)/.exec(version)?.[1];
  if (debian !== undefined) return debian;
  const upload = /^#(\d\S*)-Ubuntu\b/.exec(version)?.[1];
  const base = /^\d+\.\d+\.\d+-\d+/.exec(release)?.[0];
  return upload === undefined || base === undefined ? undefined : `${base}.${upload}`;
}
