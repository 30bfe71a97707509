/** What a person reads first of the update levels. Pure; what was not seen is told elsewhere, for all collectors alike. */
import type { Draft, Drafts, SummaryRow } from '../collector.ts';
import { compareDebVersions } from './deb-version.ts';

type Value<Name extends keyof Draft<'updates'>> =
  Extract<Draft<'updates'>[Name], { status: 'observed' }> extends {
    value: infer T;
  }
    ? T
    : never;

/** One row for each thing seen, in the order in which one would ask. */
export function summariseUpdates(drafts: Drafts): readonly SummaryRow[] {
  const { updates, packages } = drafts;
  const rows: (SummaryRow | undefined)[] = [];
  const tool = updates?.packageFamily.status === 'observed' ? toolOf(updates.packageFamily.value) : 'package manager';
  if (packages?.packages.status === 'observed') {
    rows.push(plain('Packages', `${packages.packages.value.length} installed`));
  }
  if (updates !== undefined) {
    rows.push(
      seen(updates.availableUpdates, (value) => availableRow(value, tool)),
      seen(updates.metadata, metadataRow),
      seen(updates.lastCheck, ({ at, basis }) =>
        plain(
          'Last check',
          `${at} (${basis === 'success-stamp' ? 'stamp of a success' : 'newest change of the metadata'})`,
        ),
      ),
      seen(updates.lastInstall, lastInstallRow),
      seen(updates.heldPackages, (value) => countedRow('Held back', value)),
      seen(updates.brokenPackages, (value) => countedRow('Half installed', value)),
      seen(updates.automaticUpdates, automaticRow),
      seen(updates.rebootRequired, rebootRow),
      seen(updates.kernels, kernelRow),
      seen(updates.repositories, repositoriesRow),
    );
  }
  return rows.filter((row) => row !== undefined);
}

function seen<T>(
  fact: { readonly status: 'observed'; readonly value: T } | { readonly status: string; readonly value?: undefined },
  row: (value: T) => SummaryRow | undefined,
): SummaryRow | undefined {
  return fact.value === undefined ? undefined : row(fact.value);
}

function toolOf(family: Value<'packageFamily'>): string {
  return family === 'deb' ? 'apt' : family;
}

function plain(label: string, text: string): SummaryRow {
  return { label, text, tone: 'plain' };
}

function availableRow(updates: Value<'availableUpdates'>, tool: string): SummaryRow {
  const counted = (relevance: string): number => updates.filter((entry) => entry.securityRelevant === relevance).length;
  if (updates.length === 0)
    return { label: 'Updates available', text: `none by the metadata at hand (${tool})`, tone: 'good' };
  const unknown = counted('unknown');
  const doubt = unknown === 0 ? '' : `, ${unknown} from archives that do not tell`;
  const text = `${updates.length}, of which ${counted('yes')} security${doubt} (${tool})`;
  return { label: 'Updates available', text, tone: 'attention' };
}

function metadataRow(archives: Value<'metadata'>): SummaryRow {
  const dates = archives.flatMap(({ releasedAt }) => (releasedAt === undefined ? [] : [releasedAt])).toSorted();
  const newest = dates.at(-1);
  const unsigned = archives.filter(({ signed }) => signed === false).length;
  const parts = [
    `${archives.length} ${archives.length === 1 ? 'archive' : 'archives'}`,
    ...(newest === undefined ? [] : [`newest archive date ${newest}`]),
    ...(unsigned === 0 ? [] : [`${unsigned} without a signature`]),
  ];
  return { label: 'Package metadata', text: parts.join(', '), tone: unsigned === 0 ? 'plain' : 'attention' };
}

function lastInstallRow({ at, basis, upgraded, installed, removed }: Value<'lastInstall'>): SummaryRow {
  const counts =
    basis === 'log'
      ? `${upgraded ?? 0} upgraded, ${installed ?? 0} installed, ${removed ?? 0} removed`
      : 'newest change of the package database';
  return plain('Last install', `${at} (${counts})`);
}

function countedRow(label: string, packages: readonly { readonly name: string }[]): SummaryRow {
  if (packages.length === 0) return plain(label, 'none');
  const names = packages.slice(0, 3).map(({ name }) => name);
  const more = packages.length > names.length ? ', …' : '';
  return { label, text: `${packages.length}: ${names.join(', ')}${more}`, tone: 'attention' };
}

function automaticRow({ mechanism, refreshes, installs, installed }: Value<'automaticUpdates'>): SummaryRow {
  if (mechanism === 'none') return { label: 'Automatic updates', text: 'none configured', tone: 'attention' };
  const parts = [
    `${mechanism}${installed === false ? ' (configured, but not installed)' : ''}`,
    refreshes ? 'refreshes the metadata' : 'does not refresh the metadata',
    installs ? 'installs by schedule' : 'does not install by schedule',
  ];
  const isWorking = refreshes && installs && installed !== false;
  return { label: 'Automatic updates', text: parts.join(', '), tone: isWorking ? 'good' : 'attention' };
}

function rebootRow({ required, packages = [] }: Value<'rebootRequired'>): SummaryRow {
  if (!required) return { label: 'Reboot', text: 'not asked for', tone: 'good' };
  const by = packages.length === 0 ? '' : ` by ${packages.slice(0, 3).join(', ')}${packages.length > 3 ? ', …' : ''}`;
  return { label: 'Reboot', text: `asked for${by}`, tone: 'attention' };
}

/** Compares by version, never by name or place: an older kernel left on disk is no reason to restart. */
function kernelRow({ runningRelease, runningVersion, installed }: Value<'kernels'>): SummaryRow {
  const running = runningVersion === undefined ? runningRelease : `${runningRelease} (${runningVersion})`;
  const newer = installed
    .filter(({ version }) => runningVersion !== undefined && compareDebVersions(version, runningVersion) > 0)
    .toSorted((a, b) => compareDebVersions(b.version, a.version))[0];
  if (newer === undefined) return plain('Kernel', `${running} runs, ${installed.length} installed`);
  return { label: 'Kernel', text: `${running} runs, newer ${newer.version} is installed`, tone: 'attention' };
}

function repositoriesRow(repositories: Value<'repositories'>): SummaryRow {
  const used = repositories.filter(({ enabled }) => enabled);
  const weak = used.filter(
    ({ signaturePolicy }) => signaturePolicy === 'trusted' || signaturePolicy === 'insecure-allowed',
  );
  const doubt = weak.length === 0 ? '' : `, ${weak.length} without a signature check`;
  return { label: 'Archives in use', text: `${used.length}${doubt}`, tone: weak.length === 0 ? 'plain' : 'attention' };
}
