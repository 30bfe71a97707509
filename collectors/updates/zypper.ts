/** What zypper would install, and the patches that SUSE calls needed. */
import type { Answer, CommandOutput, Host } from '../../agent/host/host.ts';
import type { Advisory, Fact } from '../../schemas/generated/types.ts';
import { mapFact, observed, type Parsed } from '../fact.ts';
import { inOrder } from './advisory.ts';
import type { OfferedPackage } from './dnf-check-update.ts';
import { wholeOutput } from './whole-text.ts';
import { parsePatchInfo } from './zypper-patch-info.ts';
import { parseZypperPatchTable, parseZypperUpdateTable } from './zypper-table.ts';
import { parseZypperPatches, parseZypperUpdates } from './zypper-xml.ts';

/** Names are arguments; the kernel takes about 2 MB of them, a hundred patches are a few kilobytes. */
const namesAtOnce = 100;
const maxPatches = 500;

export async function readZypperUpdates(host: Host): Promise<Fact<readonly OfferedPackage[]>> {
  const xml = await host.exec('zypper-list-updates');
  const found = await orTable(
    xml,
    parseZypperUpdates,
    () => host.exec('zypper-list-updates-text'),
    parseZypperUpdateTable,
  );
  return mapFact(found, (updates) =>
    updates.map(({ name, architecture, version, repository }) => ({ name, architecture, version, repository })),
  );
}

/** Needed patches, with the packages that `zypper info` names for them. Without those no update can be called free of security fixes. */
export async function readZypperAdvisories(host: Host): Promise<Fact<Advisory[]>> {
  const xml = await host.exec('zypper-list-patches');
  const patches = await orTable(
    xml,
    parseZypperPatches,
    () => host.exec('zypper-list-patches-text'),
    parseZypperPatchTable,
  );
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

/** The table for people where zypper ran and its XML cannot be read, or where it was not recorded. */
async function orTable<T>(
  xml: Answer<CommandOutput>,
  parseXml: (text: string) => Parsed<T>,
  askTable: () => Promise<Answer<CommandOutput>>,
  parseTable: (text: string) => Parsed<T>,
): Promise<Fact<T>> {
  const first = wholeOutput(xml, parseXml);
  const isOpen = xml.status === 'unsupported' || (xml.status === 'observed' && first.status === 'failed');
  if (!isOpen || first.status === 'observed') return first;
  const second = wholeOutput(await askTable(), parseTable);
  if (second.status !== 'observed') return first;
  return { ...second, sources: [...second.sources, ...first.sources] };
}
