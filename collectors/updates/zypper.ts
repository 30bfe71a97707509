/** What zypper would install, and the patches that SUSE calls needed. */
import type { Host } from '../../agent/host/host.ts';
import type { Advisory, Fact } from '../../schemas/generated/types.ts';
import { mapFact, observed } from '../fact.ts';
import { inOrder } from './advisory.ts';
import type { OfferedPackage } from './dnf-check-update.ts';
import { wholeOutput } from './whole-text.ts';
import { parsePatchInfo } from './zypper-patch-info.ts';
import { parseZypperPatches, parseZypperUpdates } from './zypper-xml.ts';

/** Names are arguments; the kernel takes about 2 MB of them, a hundred patches are a few kilobytes. */
const namesAtOnce = 100;
const maxPatches = 500;

export async function readZypperUpdates(host: Host): Promise<Fact<readonly OfferedPackage[]>> {
  return mapFact(wholeOutput(await host.exec('zypper-list-updates'), parseZypperUpdates), (updates) =>
    updates.map(({ name, architecture, version, repository }) => ({ name, architecture, version, repository })),
  );
}

/** Needed patches, with the packages that `zypper info` names for them. Without those no update can be called free of security fixes. */
export async function readZypperAdvisories(host: Host): Promise<Fact<Advisory[]>> {
  const patches = wholeOutput(await host.exec('zypper-list-patches'), parseZypperPatches);
  if (patches.status !== 'observed') return patches;
  const sources = [...patches.sources];
  const names = [...new Set(patches.value.map(({ id }) => id))].filter((id) =>
    /^[A-Za-z0-9][\w.:+~-]{0,255}$/.test(id),
  );
  const packages = new Map<string, readonly string[]>();
  for (let at = 0; at < Math.min(names.length, maxPatches); at += namesAtOnce) {
    const answer = await host.exec('zypper-patch-info', ...names.slice(at, at + namesAtOnce));
    sources.push(answer.source);
    const found = wholeOutput(answer, parsePatchInfo);
    if (found.status !== 'observed') break;
    for (const [name, about] of found.value) packages.set(name, about);
  }
  const advisories = patches.value.map((patch) => ({
    ...patch,
    packages: [...(packages.get(patch.id) ?? [])]
      .map((name) => name.slice(0, 512))
      .toSorted()
      .slice(0, 2048),
  }));
  return observed(inOrder(advisories), ...sources);
}
