/** What a person reads first of the update levels. Pure; what was not seen is told elsewhere, for all collectors alike. */
import type { Draft, Drafts, SummaryRow } from '../collector.ts';
import { windowsRows } from './windows/summary.ts';

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
      seen(updates.advisories, advisoriesRow),
      seen(updates.metadata, metadataRow),
      seen(updates.lastCheck, ({ at, basis }) => plain('Last check', `${at} (${checkBasis[basis]})`)),
      seen(updates.lastInstall, lastInstallRow),
      seen(updates.heldPackages, (value) => countedRow('Held back', value)),
      seen(updates.brokenPackages, (value) => countedRow('Half installed', value)),
      seen(updates.automaticUpdates, automaticRow),
      seen(updates.lastAutomaticRun, automaticRunRow),
      seen(updates.rebootRequired, rebootRow),
      seen(updates.kernels, kernelRow),
      seen(updates.livePatch, livePatchRow),
      seen(updates.staleProcesses, staleRow),
      seen(updates.deployments, deploymentsRow),
      seen(updates.repositories, repositoriesRow),
      seen(updates.subscription, subscriptionRow),
      ...windowsRows(updates),
    );
  }
  return rows.filter((row) => row !== undefined);
}

const checkBasis: Readonly<Record<Value<'lastCheck'>['basis'], string>> = {
  'success-stamp': 'stamp of a success',
  'metadata-change': 'newest change of the metadata',
  'windows-update-agent': 'the update agent',
};

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
  const gated = updates.filter(({ licenceGated }) => licenceGated === true).length;
  const licence = gated === 0 ? '' : `, ${gated} only with a licence`;
  const text = `${updates.length}, of which ${counted('yes')} security${doubt}${licence} (${tool})`;
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
  const ways: Readonly<Record<typeof basis, string>> = {
    log: `${upgraded ?? 0} upgraded, ${installed ?? 0} installed, ${removed ?? 0} removed`,
    'database-change': 'newest change of the package database',
    'windows-update-agent': 'the update agent',
    'update-history': 'history of the update agent',
    'component-store': 'component store',
  };
  const counts = ways[basis];
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

/** Side by side, without a conclusion: which of them is newer is for the judge, who knows the family's rules. */
function kernelRow({ runningRelease, runningVersion, installed }: Value<'kernels'>): SummaryRow {
  const running = runningVersion === undefined ? runningRelease : `${runningRelease} (${runningVersion})`;
  const others = installed.filter(({ version, release }) => version !== runningVersion && release !== runningRelease);
  const names = others.slice(-3).map(({ version }) => version);
  const beside = others.length === 0 ? '' : `, beside it ${others.length > 3 ? '… ' : ''}${names.join(', ')}`;
  return plain('Kernel', `${running} runs, ${installed.length} installed${beside}`);
}

function advisoriesRow(advisories: Value<'advisories'>): SummaryRow {
  const security = advisories.filter(({ kind }) => kind === 'security');
  const words = new Map<string, number>();
  for (const { severity = 'no severity' } of security) words.set(severity, (words.get(severity) ?? 0) + 1);
  const shown = [...words].map(([word, count]) => `${count} ${word}`).join(', ');
  const text = `${advisories.length} not installed, ${security.length} of them security${shown === '' ? '' : ` (${shown})`}`;
  return { label: 'Advisories', text, tone: security.length === 0 ? 'plain' : 'attention' };
}

function automaticRunRow({ at, outcome, installed }: Value<'lastAutomaticRun'>): SummaryRow {
  const how: Readonly<Record<typeof outcome, string>> = {
    installed: `installed ${installed ?? 'some'}`,
    'nothing-to-do': 'nothing to do',
    failed: 'failed',
    unknown: 'its outcome is not known',
  };
  return {
    label: 'Last automatic run',
    text: `${at} (${how[outcome]})`,
    tone: outcome === 'failed' ? 'attention' : 'plain',
  };
}

function staleRow({ complete, processes }: Value<'staleProcesses'>): SummaryRow {
  const doubt = complete ? '' : ' (not every process could be looked at)';
  if (processes.length === 0)
    return { label: 'Old code in use', text: `none seen${doubt}`, tone: complete ? 'good' : 'plain' };
  const names = processes.slice(0, 3).map(({ name, unit }) => unit ?? name);
  const more = processes.length > names.length ? ', …' : '';
  return {
    label: 'Old code in use',
    text: `${processes.length}: ${names.join(', ')}${more}${doubt}`,
    tone: 'attention',
  };
}

function livePatchRow({ patches, client }: Value<'livePatch'>): SummaryRow | undefined {
  if (patches.length === 0 && client === undefined) return undefined;
  const inForce = patches.filter(({ enabled }) => enabled).length;
  const says = client?.patchState === undefined ? '' : `, ${client.name} says ${client.patchState}`;
  return plain('Live patches', `${inForce} of ${patches.length} in force${says}`);
}

function deploymentsRow({ system, deployments }: Value<'deployments'>): SummaryRow {
  const booted = deployments.find(({ role }) => role === 'booted');
  const staged = deployments.find(({ role }) => role === 'staged');
  const named = (entry: typeof booted): string => entry?.version ?? entry?.id.slice(0, 12) ?? 'none';
  if (staged === undefined) return plain('Image', `${named(booted)} runs (${system})`);
  return {
    label: 'Image',
    text: `${named(booted)} runs, ${named(staged)} waits for a restart (${system})`,
    tone: 'attention',
  };
}

function subscriptionRow({ system, attached }: Value<'subscription'>): SummaryRow {
  return {
    label: 'Subscription',
    text: `${system}: ${attached ? 'attached' : 'not attached'}`,
    tone: attached ? 'good' : 'plain',
  };
}

function repositoriesRow(repositories: Value<'repositories'>): SummaryRow {
  const used = repositories.filter(({ enabled }) => enabled);
  const weak = used.filter(
    ({ signaturePolicy }) => signaturePolicy === 'trusted' || signaturePolicy === 'insecure-allowed',
  );
  const doubt = weak.length === 0 ? '' : `, ${weak.length} without a signature check`;
  return { label: 'Archives in use', text: `${used.length}${doubt}`, tone: weak.length === 0 ? 'plain' : 'attention' };
}
