/** Patches of the running kernel: what the kernel itself has loaded, and what the service that brings them says. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, KernelPatch, LivePatch, Scope } from '../../schemas/generated/types.ts';
import { fromAnswer, missed, observed, unseen } from '../fact.ts';
import { byCodePoint, fieldText } from './field-text.ts';
import { readVendorPatches } from './live-patch-vendors.ts';
import { parseLivepatchStatus } from './livepatch-status.ts';
import { belongsOutside } from './restart.ts';

/** Documentation/ABI/testing/sysfs-kernel-livepatch of the kernel; kpatch and kGraft use it too. */
const folder = '/sys/kernel/livepatch';
const livepatchSnap = '/snap/canonical-livepatch/current';

/** A kernel that cannot be patched live has no such folder: not applicable. */
export async function readLivePatch(host: Host, scope: Fact<Scope>): Promise<Fact<LivePatch>> {
  const outside = belongsOutside(scope);
  if (outside !== undefined) return outside;
  const vendor = await readVendorPatches(host);
  if (vendor !== undefined) return vendor;
  const listing = await host.list(folder);
  if (listing.status === 'absent') return unseen('not-applicable', 'kernel-without-live-patching', [listing.source]);
  if (listing.status !== 'observed') return missed(listing);
  const sources = [listing.source];
  const patches: KernelPatch[] = [];
  for (const name of listing.value.toSorted(byCodePoint).slice(0, 60)) {
    const enabled = await host.readFile(`${folder}/${name}/enabled`);
    if (enabled.status !== 'observed') return missed(enabled, listing.source);
    const state = /^([01])\s*$/.exec(enabled.value.text)?.[1];
    if (state === undefined) return unseen('failed', 'no-answer', [enabled.source]);
    sources.push(enabled.source);
    patches.push({ name: fieldText(name, 256), enabled: state === '1' });
  }
  const snap = await host.stat(livepatchSnap);
  if (snap.status !== 'observed') return await withKpatch(host, patches, sources);
  const client = fromAnswer(await host.exec('canonical-livepatch-status'), ({ stdout }) =>
    parseLivepatchStatus(stdout),
  );
  if (client.status !== 'observed') return observed({ patches }, ...sources, ...client.sources);
  return observed({ patches, client: client.value }, ...sources, ...client.sources);
}

/**
 * kpatch loads at boot what is installed for the running kernel in a folder of its release (kpatch(1)): what is
 * installed and not loaded protects nobody.
 */
async function withKpatch(host: Host, patches: KernelPatch[], sources: readonly string[]): Promise<Fact<LivePatch>> {
  const identity = await host.identity();
  const release = identity.status === 'observed' ? identity.value.kernelRelease : undefined;
  if (typeof release !== 'string' || !/^[\w.+~-]{1,200}$/.test(release)) return observed({ patches }, ...sources);
  const installed = await host.list(`/var/lib/kpatch/${release}`);
  if (installed.status !== 'observed') return observed({ patches }, ...sources, installed.source);
  const plain = (name: string): string => name.replace(/\.ko(?:\.xz)?$/, '').replaceAll('-', '_');
  const modules = installed.value.filter((name) => /\.ko(?:\.xz)?$/.test(name)).map(plain);
  const enabled = new Set(patches.filter((each) => each.enabled).map(({ name }) => plain(name)));
  const patchState =
    modules.length === 0 ? 'none' : modules.every((name) => enabled.has(name)) ? 'applied' : 'not-loaded';
  return observed({ patches, client: { name: 'kpatch', kernel: release, patchState } }, ...sources, installed.source);
}
