/** What apt would upgrade. */
import type { Answer, CommandOutput, Host } from '../../agent/host/host.ts';
import type { AvailableUpdate, Fact } from '../../schemas/generated/types.ts';
import { mapFact, observed, unseen } from '../fact.ts';
import { isAptCacheFresh } from './apt-cache-file.ts';
import { asInstalled, policyArguments, upgradableByPolicy } from './apt-candidates.ts';
import { parseAptList, type UpgradablePackage } from './apt-list.ts';
import { parsePolicy } from './apt-policy.ts';
import { parseAptSimulation, type SimulatedPackage, type Simulation } from './apt-simulation.ts';
import type { Archives } from './deb-archives.ts';
import type { DpkgPackage } from './dpkg-query.ts';
import { byCodePoint, fieldText, withoutUserInfo } from './field-text.ts';
import { isShort } from './requirements.ts';
import { securityRelevance } from './security-suites.ts';
import { wholeOutput } from './whole-text.ts';

/** An update as either of apt's two answers gives it. */
type Found = UpgradablePackage & {
  /** Whether a security archive offers it, where the answer itself tells. */
  readonly fromSecurity?: boolean;
};

/**
 * Held packages are among them, and so are updates that Ubuntu phases in and has not offered to this server
 * yet: apt lists both. An empty answer counts only where apt had an index to look into.
 */
export async function readAvailableUpdates(
  host: Host,
  dpkg: Fact<readonly DpkgPackage[]>,
  archives: Archives,
): Promise<Fact<AvailableUpdate[]>> {
  const list = await askApt(host, dpkg, archives);
  if (list.status !== 'observed') return list;
  // apt reads the same database: of what it has lost, apt offers no update.
  if (dpkg.status === 'failed' && isShort(dpkg.reason)) return { ...dpkg, sources: [...list.sources, ...dpkg.sources] };
  if (list.value.length === 0 && archives.blindness !== undefined) {
    return { ...archives.blindness, sources: [...list.sources, ...archives.blindness.sources] };
  }
  const metadata = archives.metadata.status === 'observed' ? archives.metadata.value : [];
  const installed = dpkg.status === 'observed' ? dpkg.value : [];
  const held = new Set(installed.filter((entry) => entry.held).map(keyOf));
  const updates = asInstalled(list.value, installed).map(
    (entry): AvailableUpdate => ({
      name: entry.name,
      architecture: entry.architecture,
      installedVersion: entry.installedVersion,
      candidateVersion: entry.candidateVersion,
      securityRelevant: entry.fromSecurity === true ? 'yes' : securityRelevance(entry.suites, metadata),
      suites: entry.suites.slice(0, 64).map((suite) => fieldText(suite, 256)),
      ...(held.has(keyOf(entry)) ? { held: true } : {}),
    }),
  );
  return observed(
    updates.toSorted((a, b) => byCodePoint(a.name, b.name) || byCodePoint(a.architecture, b.architecture)),
    ...list.sources,
    ...dpkg.sources,
    ...archives.metadata.sources.slice(0, 1),
  );
}

/**
 * apt says that its list is not a stable interface, and old systems have no `apt`: where the list cannot be had or
 * is not understood, the solver is asked, whose lines have stayed the same for twenty years.
 */
async function askApt(
  host: Host,
  dpkg: Fact<readonly DpkgPackage[]>,
  archives: Archives,
): Promise<Fact<readonly Found[]>> {
  const isFresh = await isAptCacheFresh(host);
  const policy = isFresh ? await askPolicy(host, dpkg, archives) : undefined;
  if (policy?.status === 'observed') return policy;
  const answer = await host.exec(isFresh ? 'apt-list-upgradable-cached' : 'apt-list-upgradable');
  const list = wholeApt(answer, wholeOutput(answer, parseAptList));
  const isOpen =
    answer.status === 'absent' ||
    answer.status === 'unsupported' ||
    (list.status === 'failed' && (list.reason === 'unexpected-line' || list.reason === 'empty-output'));
  if (!isOpen) return list;
  const second = await host.exec('apt-get-simulate');
  const simulated = wholeApt(second, wholeOutput(second, parseAptSimulation));
  // Neither is there: the first says it.
  if (simulated.status === 'unsupported') return list;
  if (simulated.status !== 'observed') return { ...simulated, sources: [...simulated.sources, ...list.sources] };
  const sources = [...simulated.sources, ...list.sources];
  const back = keptBack(simulated.value);
  if (back.length > 0) return unseen('failed', 'updates-kept-back', sources, back.join(' '));
  return { ...mapFact(simulated, foundIn), sources };
}

/** Undefined where it is not asked: it is only from its cache that apt answers this way at a fraction of the cost. */
async function askPolicy(
  host: Host,
  dpkg: Fact<readonly DpkgPackage[]>,
  { metadata, indexes }: Archives,
): Promise<Fact<readonly Found[]> | undefined> {
  if (dpkg.status !== 'observed' || metadata.status !== 'observed') return undefined;
  const names = policyArguments(dpkg.value, indexes);
  if (names === undefined) return undefined;
  const answer = await host.exec('apt-cache-policy-installed', ...names);
  const found = wholeOutput(answer, (text) => {
    const entries = parsePolicy(text);
    return entries.ok ? upgradableByPolicy(dpkg.value, entries.value, metadata.value) : entries;
  });
  return wholeApt(answer, found);
}

/** apt's answer, or the line by which it says that it could not read all of its sources. */
function wholeApt<T>(answer: Answer<CommandOutput>, fact: Fact<T>): Fact<T> {
  const unread = answer.status === 'observed' ? unreadBy(answer.value.stderr) : undefined;
  if (fact.status !== 'observed' || unread === undefined) return fact;
  return unseen('failed', 'apt-could-not-read', fact.sources, unread);
}

/** What the solver would not touch, though there is a newer version, and what it only named: of which version nothing is said. */
function keptBack({ keptBack: names, upgraded, packages }: Simulation): readonly string[] {
  const known = new Set(packages.map(({ name }) => name));
  return [...names, ...upgraded].filter((name) => !known.has(name.replace(/:.*$/, '')));
}

/** What would be installed over nothing is no update. */
function foundIn({ packages }: Simulation): readonly Found[] {
  return packages.flatMap((entry) =>
    entry.installedVersion === undefined
      ? []
      : [
          {
            name: entry.name,
            architecture: entry.architecture,
            installedVersion: entry.installedVersion,
            candidateVersion: entry.candidateVersion,
            suites: entry.offeredBy.map(({ suite }) => suite).filter((suite) => suite !== ''),
            fromSecurity: isFromSecurity(entry),
          },
        ],
  );
}

/** Debian up to 10 told its security archive from the other by the label alone. */
export function isFromSecurity({ offeredBy }: SimulatedPackage): boolean {
  return offeredBy.some(({ label, suite }) => /-Security$/i.test(label) || suite.endsWith('-security'));
}

/**
 * apt ends with 0 and a shorter list where it could not read an index or a file of its sources; only a
 * line on standard error tells. Its file of passwords is for root alone and no part of this question.
 */
function unreadBy(stderr: string): string | undefined {
  const line = stderr
    .split('\n')
    .find(
      (text) => /^[WE]: .*(?:unable to|permission denied|could not|cannot)/i.test(text) && !/auth\.conf/.test(text),
    );
  return line === undefined ? undefined : fieldText(withoutUserInfo(line), 200);
}

function keyOf({ name, architecture }: UpgradablePackage | DpkgPackage): string {
  return `${name}:${architecture}`;
}
