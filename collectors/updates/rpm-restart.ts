/** Whether what is installed on an rpm system also runs. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, InstalledKernel, Kernels, RebootRequired, Scope } from '../../schemas/generated/types.ts';
import { fromAnswer, missed, observed, parsed, unseen } from '../fact.ts';
import { fieldText } from './field-text.ts';
import { parseNeedsRestarting, parseNeedsRestartingJson } from './needs-restarting.ts';
import { belongsOutside } from './restart.ts';
import type { RpmTool } from './rpm-metadata.ts';
import type { RpmPackage } from './rpm-query.ts';
import { wholeOutput } from './whole-text.ts';

/** The tool's own answer: needs-restarting compares times of installation with the start, zypp keeps a file. */
export async function readRpmRebootRequired(
  host: Host,
  tool: RpmTool,
  scope: Fact<Scope>,
): Promise<Fact<RebootRequired>> {
  const outside = belongsOutside(scope);
  if (outside !== undefined) return outside;
  const answer = await askTool(host, tool);
  // Nobody restarts a container, so that a "no" says something only where this surely is none.
  if (answer.status === 'observed' && !answer.value.required && scope.status !== 'observed') return scope;
  return answer;
}

async function askTool(host: Host, tool: RpmTool): Promise<Fact<RebootRequired>> {
  switch (tool) {
    case 'dnf5': {
      const json = wholeOutput(await host.exec('dnf5-needs-restarting'), parseNeedsRestartingJson);
      if (json.status !== 'failed') return json;
      return wholeOutput(await host.exec('dnf5-needs-restarting-text'), parseNeedsRestarting);
    }
    case 'dnf':
      return wholeOutput(await host.exec('dnf-needs-restarting'), parseNeedsRestarting);
    case 'yum':
    case 'tdnf':
      return wholeOutput(await host.exec('needs-restarting'), parseNeedsRestarting);
    case 'zypper': {
      const answer = await host.exec('zypper-needs-rebooting');
      if (answer.status === 'absent') return missed({ ...answer, status: 'unsupported' });
      return fromAnswer(answer, ({ exitCode }) => parsed<RebootRequired>({ required: exitCode === 102 }));
    }
  }
}

/** Packages that hold a kernel itself; kernel is an empty one beside kernel-core since RHEL 8. */
const kernelPackage =
  /^kernel(?<stream>\d+\.\d+)?(?:-(?<flavour>(?:rt|64k|16k|debug|zfcpdump|uek|lt|ml|plus|longterm|default|azure|vanilla|kvmsmall|preempt)(?:-base)?))?(?:-core)?$|^linux(?:-(?:rt|aws|secure|esx))?$/;

export async function readRpmKernels(
  host: Host,
  packages: Fact<readonly RpmPackage[]>,
  scope: Fact<Scope>,
): Promise<Fact<Kernels>> {
  const outside = belongsOutside(scope);
  if (outside !== undefined) return outside;
  const identity = await host.identity();
  if (identity.status !== 'observed') return missed(identity);
  const { kernelRelease } = identity.value;
  if (kernelRelease === undefined) return unseen('unsupported', 'not-recorded', [identity.source]);
  if (packages.status !== 'observed') return packages;
  const installed = installedKernels(packages.value);
  const running = installed.find(({ release }) => release === kernelRelease);
  return observed(
    {
      runningRelease: fieldText(kernelRelease, 256),
      ...(running === undefined ? {} : { runningVersion: fieldText(running.version, 128) }),
      installed: installed.slice(0, 256),
    },
    identity.source,
    ...packages.sources,
  );
}

/** Pure; exported for its tests. */
export function installedKernels(packages: readonly RpmPackage[]): InstalledKernel[] {
  const kernels = packages.filter(({ name }) => kernelPackage.test(name));
  const cores = new Set(kernels.filter(({ name }) => name.endsWith('-core')).map(keyOf));
  return kernels
    .filter((entry) => entry.name.endsWith('-core') || !cores.has(keyOf({ ...entry, name: `${entry.name}-core` })))
    .map((entry) => ({ name: entry.name, version: entry.version, release: fieldText(releaseOf(entry), 256) }));
}

function keyOf({ name, version, architecture }: Pick<RpmPackage, 'name' | 'version' | 'architecture'>): string {
  return `${name} ${version} ${architecture}`;
}

/** uname -r: Red Hat's kernels have version-release.arch, some with their flavour behind a plus; SUSE's lack the last number of the release. */
function releaseOf({ name, versionRelease, architecture }: RpmPackage): string {
  const flavour = kernelPackage.exec(name)?.groups?.['flavour'] ?? '';
  if (/^(?:default|azure|vanilla|kvmsmall|preempt|longterm)/.test(flavour))
    return `${versionRelease.replace(/\.\d+$/, '')}-${flavour.replace('-base', '')}`;
  if (name.startsWith('linux')) return versionRelease;
  const mark =
    /^(?:64k|16k|debug|zfcpdump)$/.test(flavour) || (flavour === 'rt' && /\.el(?:9|1\d)/.test(versionRelease));
  return `${versionRelease}.${architecture}${mark ? `+${flavour}` : ''}`;
}
