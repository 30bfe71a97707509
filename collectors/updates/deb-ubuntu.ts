/** What only Ubuntu has: updates that are phased in, and fixes for who has Ubuntu Pro. */
import type { Host } from '../../agent/host/host.ts';
import type { AvailableUpdate, Fact, OperatingSystem, Subscription } from '../../schemas/generated/types.ts';
import { mapFact, observed, parsed, unseen } from '../fact.ts';
import { phasedPackages } from './apt-policy.ts';
import type { DpkgPackage } from './dpkg-query.ts';
import { byCodePoint } from './field-text.ts';
import { parseProStatus, parseProUpdates } from './ubuntu-pro.ts';
import { wholeFile, wholeOutput } from './whole-text.ts';

const statusFile = '/var/lib/ubuntu-advantage/status.json';
/** Names are arguments; so many are a few kilobytes. */
const maxNames = 400;

function isUbuntu(distribution: Fact<OperatingSystem>): boolean {
  return distribution.status === 'observed' && distribution.value.id === 'ubuntu';
}

/** Only plain updates are ever phased, never those of the security archive. An apt that does not tell leaves the mark out. */
export async function addPhased(
  host: Host,
  distribution: Fact<OperatingSystem>,
  available: Fact<AvailableUpdate[]>,
): Promise<Fact<AvailableUpdate[]>> {
  if (!isUbuntu(distribution) || available.status !== 'observed') return available;
  const names = available.value
    .filter(
      ({ suites }) =>
        suites.some((suite) => suite.endsWith('-updates')) && !suites.some((suite) => suite.endsWith('-security')),
    )
    .map(({ name }) => name)
    .filter((name) => /^[a-z0-9][a-z0-9.+-]{0,127}$/.test(name));
  if (names.length === 0) return available;
  const wanted = [...new Set(names)].slice(0, maxNames);
  const phased = wholeOutput(await host.exec('apt-cache-policy', ...wanted), (text) => parsed(phasedPackages(text)));
  const sources = [...available.sources, ...phased.sources];
  if (phased.status !== 'observed') return { ...available, sources };
  const updates = available.value.map((update) =>
    phased.value.has(update.name) ? { ...update, phased: true as const } : update,
  );
  return observed(updates, ...sources);
}

/**
 * Adds the fixes that wait behind Ubuntu Pro. Where they cannot be asked for, the list says nothing of them,
 * and the fact subscription says so.
 */
export async function addProUpdates(
  host: Host,
  distribution: Fact<OperatingSystem>,
  dpkg: Fact<readonly DpkgPackage[]>,
  available: Fact<AvailableUpdate[]>,
): Promise<{ readonly available: Fact<AvailableUpdate[]>; readonly told: boolean }> {
  if (!isUbuntu(distribution) || available.status !== 'observed' || dpkg.status !== 'observed')
    return { available, told: false };
  const answer = wholeOutput(await host.exec('pro-updates'), parseProUpdates);
  const sources = [...available.sources, ...answer.sources];
  if (answer.status !== 'observed') return { available: { ...available, sources }, told: false };
  const gated = answer.value.filter(({ status }) => status === 'pending_attach' || status === 'pending_enable');
  const found = gated.flatMap(({ name, version, origin, providedBy }): AvailableUpdate[] =>
    dpkg.value
      .filter((entry) => entry.name === name && entry.state === 'installed')
      .map((entry) => ({
        name,
        architecture: entry.architecture,
        installedVersion: entry.version,
        candidateVersion: version,
        securityRelevant: 'yes',
        suites: [origin === '' ? providedBy : origin].filter((suite) => suite !== ''),
        licenceGated: true,
      })),
  );
  const known = new Set(
    available.value.map((entry) => `${entry.name} ${entry.architecture} ${entry.candidateVersion}`),
  );
  const added = found.filter((entry) => !known.has(`${entry.name} ${entry.architecture} ${entry.candidateVersion}`));
  const all = [...available.value, ...added].toSorted(
    (a, b) => byCodePoint(a.name, b.name) || byCodePoint(a.architecture, b.architecture),
  );
  return { available: observed(all, ...sources), told: true };
}

export async function readProSubscription(
  host: Host,
  distribution: Fact<OperatingSystem>,
  told: boolean,
): Promise<Fact<Subscription>> {
  if (distribution.status !== 'observed') return distribution;
  if (!isUbuntu(distribution)) return unseen('not-applicable', 'fixes-without-subscription', distribution.sources);
  const answer = await host.readFile(statusFile);
  // The client of Ubuntu Pro is there since 16.04; without it nobody can be attached, but that is not ours to conclude.
  if (answer.status === 'absent') return unseen('unsupported', 'no-pro-client', [answer.source]);
  return mapFact(wholeFile(answer, parseProStatus), (status) => ({ ...status, tellsGatedFixes: told }));
}
