/** The running kernel beside the installed ones, for families whose package of a kernel replaces the one before: what runs may be gone from disk. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, InstalledKernel, Kernels, Scope } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { fieldText } from './field-text.ts';
import { belongsOutside } from './restart.ts';

/** `packages` are the installed packages of a kernel, each with the uname -r that it boots. */
export async function readReplacedKernels(
  host: Host,
  scope: Fact<Scope>,
  packages: Fact<readonly { name: string; version: string; release: string }[]>,
): Promise<Fact<Kernels>> {
  const outside = belongsOutside(scope);
  if (outside !== undefined) return outside;
  const identity = await host.identity();
  if (identity.status !== 'observed') return missed(identity);
  const { kernelRelease } = identity.value;
  if (kernelRelease === undefined) return unseen('unsupported', 'not-recorded', [identity.source]);
  if (packages.status !== 'observed') return packages;
  const installed = packages.value.map(
    ({ name, version, release }): InstalledKernel => ({ name, version, release: fieldText(release, 256) }),
  );
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
