/** Patches of the running kernel: what the kernel itself has loaded, and what the service that brings them says. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, KernelPatch, LivePatch, Scope } from '../../schemas/generated/types.ts';
import { fromAnswer, missed, observed, unseen } from '../fact.ts';
import { byCodePoint, fieldText } from './field-text.ts';
import { parseLivepatchStatus } from './livepatch-status.ts';
import { belongsOutside } from './restart.ts';

/** Documentation/ABI/testing/sysfs-kernel-livepatch of the kernel; kpatch and kGraft use it too. */
const folder = '/sys/kernel/livepatch';
const livepatchSnap = '/snap/canonical-livepatch/current';

/** A kernel that cannot be patched live has no such folder: not applicable. */
export async function readLivePatch(host: Host, scope: Fact<Scope>): Promise<Fact<LivePatch>> {
  const outside = belongsOutside(scope);
  if (outside !== undefined) return outside;
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
  if (snap.status !== 'observed') return observed({ patches }, ...sources);
  const client = fromAnswer(await host.exec('canonical-livepatch-status'), ({ stdout }) =>
    parseLivepatchStatus(stdout),
  );
  if (client.status !== 'observed') return observed({ patches }, ...sources, ...client.sources);
  return observed({ patches, client: client.value }, ...sources, ...client.sources);
}
