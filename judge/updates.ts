/**
 * Whether a server's updates are in order: nothing that matters is missing, what is installed also runs, and
 * the knowledge of it is fresh enough to say so. "No updates" by old metadata is an unknown, never a pass.
 */
import type { ArchiveMetadata, AvailableUpdate, Unseen, UpdatesDocument } from '../schemas/generated/types.ts';
import { archiveDoubts } from './security-archives.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { compareVersions } from './versions/compare.ts';

export type UpdatesThresholds = {
  /** The moment of the judgement, RFC 3339. */
  readonly at: string;
  /** Days after which metadata says nothing any more of what is missing; 7 where nothing is said. */
  readonly metadataDays?: number;
  /** Days after its release that a fix may be missing; 0 where nothing is said. A fix without a date has none left. */
  readonly graceDays?: number;
};

type Updates = Omit<UpdatesDocument, 'format' | 'blind'>;
type Family = Extract<UpdatesDocument['packageFamily'], { status: 'observed' }>['value'];
type Findings = { readonly faults: string[]; readonly unknowns: string[] };

const dayMs = 86_400_000;
/** Clocks differ a little, and time stamps of files come from the archive. */
const futureMs = dayMs;

export function judgeUpdates(updates: Updates, thresholds: UpdatesThresholds): Verdict {
  const findings: Findings = { faults: [], unknowns: [] };
  const at = Date.parse(thresholds.at);
  if (Number.isNaN(at)) return verdictOf([], ['the moment of the judgement is not known']);
  judgeMissing(updates, at, thresholds.graceDays ?? 0, findings);
  judgeHeld(updates, findings);
  judgeFreshness(updates, at, thresholds.metadataDays ?? 7, findings);
  judgeBroken(updates, findings);
  judgeRunning(updates, findings);
  judgeRepositories(updates, findings);
  return verdictOf(findings.faults, findings.unknowns);
}

function note(name: keyof Updates, fact: Unseen, { unknowns }: Findings): void {
  unknowns.push(`${name}: ${fact.reason}`);
}

function judgeMissing(updates: Updates, at: number, graceDays: number, findings: Findings): void {
  const { availableUpdates, advisories } = updates;
  if (updates.packageFamily.status !== 'observed') note('packageFamily', updates.packageFamily, findings);
  const known = new Map(advisories.status === 'observed' ? advisories.value.map((entry) => [entry.id, entry]) : []);
  const released = (update: AvailableUpdate): number | undefined => {
    // Of several, the oldest fix has been missing longest.
    const dates = (update.advisoryIds ?? [])
      .map((id) => known.get(id))
      .filter((entry) => entry?.kind === 'security')
      .map((entry) => Date.parse(entry?.releasedAt ?? ''));
    return dates.length === 0 || dates.some(Number.isNaN) ? undefined : Math.min(...dates);
  };
  const isDue = (update: AvailableUpdate): boolean => at - (released(update) ?? 0) > graceDays * dayMs;

  if (availableUpdates.status === 'observed') {
    const missing = availableUpdates.value.filter((entry) => entry.securityRelevant === 'yes');
    const due = missing.filter(isDue);
    const gated = due.filter(({ licenceGated }) => licenceGated === true);
    const plain = due.filter(({ licenceGated }) => licenceGated !== true);
    if (plain.length > 0)
      findings.faults.push(`${counted(plain.length, 'security update')} not installed: ${names(plain)}`);
    if (gated.length > 0)
      findings.faults.push(`${counted(gated.length, 'fix', 'fixes')} only with a licence: ${names(gated)}`);
    const unclear = availableUpdates.value.filter((entry) => entry.securityRelevant === 'unknown');
    if (unclear.length > 0)
      findings.unknowns.push(`${counted(unclear.length, 'update')} that may be security updates: ${names(unclear)}`);
  } else note('availableUpdates', availableUpdates, findings);

  const { subscription } = updates;
  if (subscription.status === 'observed') {
    if (subscription.value.system === 'ubuntu-pro' && subscription.value.tellsGatedFixes !== true)
      findings.unknowns.push('which fixes only Ubuntu Pro gives');
    else if (subscription.value.system !== 'ubuntu-pro' && !subscription.value.attached && !isServedByCloud(updates))
      findings.unknowns.push(`fixes that only a registered server is offered: ${subscription.value.system} knows none`);
  } else if (subscription.status !== 'not-applicable') note('subscription', subscription, findings);

  // Advisories whose packages no update carries: held back by the tool itself, or offered by another name.
  if (advisories.status !== 'observed' || availableUpdates.status !== 'observed') return;
  const carried = new Set(availableUpdates.value.flatMap(({ advisoryIds = [] }) => advisoryIds));
  const open = advisories.value.filter(
    ({ id, kind, releasedAt }) =>
      kind === 'security' && !carried.has(id) && at - (Date.parse(releasedAt ?? '') || 0) > graceDays * dayMs,
  );
  if (open.length > 0)
    findings.faults.push(
      `${counted(open.length, 'security advisory', 'security advisories')} not installed: ${short(open.map(({ id }) => id))}`,
    );
}

/**
 * dnf and yum say nothing of an update that an exclusion or a lock keeps away (dnf.conf(5), excludepkgs; dnf
 * versionlock), and apt of none that a pin does: an empty answer is none for those packages. What is on hold or
 * ignored, apt and pacman list all the same.
 */
function judgeHeld({ packageFamily, heldPackages, availableUpdates, advisories }: Updates, findings: Findings): void {
  const family = packageFamily.status === 'observed' ? packageFamily.value : undefined;
  if (family !== 'rpm' && family !== 'deb') return;
  if (heldPackages.status !== 'observed') {
    if (heldPackages.status !== 'absent' && heldPackages.status !== 'not-applicable')
      note('heldPackages', heldPackages, findings);
    return;
  }
  const shown = new Set(availableUpdates.status === 'observed' ? availableUpdates.value.map(({ name }) => name) : []);
  // Patches of SUSE are needed or not whatever is locked.
  const hidden = heldPackages.value.filter(
    ({ name, by: how }) =>
      !shown.has(name) && (family === 'deb' ? how === 'pin' : !(how === 'lock' && advisories.status === 'observed')),
  );
  if (hidden.length > 0)
    findings.unknowns.push(
      `updates of ${counted(hidden.length, 'package')} held back, which none would show: ${names(hidden)}`,
    );
}

/** Images that a cloud bills by the hour get Red Hat's fixes from its own archives, without a registration. */
function isServedByCloud({ repositories }: Updates): boolean {
  return (
    repositories.status === 'observed' &&
    repositories.value.some(({ enabled, id }) => enabled && /\brhui\b/i.test(id ?? ''))
  );
}

function judgeFreshness(updates: Updates, at: number, days: number, findings: Findings): void {
  const { metadata, lastCheck, repositories, packageFamily } = updates;
  const old = `more than ${days} ${days === 1 ? 'day' : 'days'} old`;
  const tooOld = (instant: string): boolean => !(at - Date.parse(instant) <= days * dayMs);
  const fromFuture = (instant: string): boolean => Date.parse(instant) - at > futureMs;
  if (lastCheck.status !== 'observed') note('lastCheck', lastCheck, findings);
  else if (tooOld(lastCheck.value.at))
    findings.unknowns.push(`the metadata is ${old}: last check ${lastCheck.value.at}`);
  else if (fromFuture(lastCheck.value.at))
    findings.unknowns.push(`the last check lies in the future: ${lastCheck.value.at}`);
  if (metadata.status !== 'observed') {
    note('metadata', metadata, findings);
    return;
  }
  const expired = metadata.value.filter(({ validUntil }) => validUntil !== undefined && Date.parse(validUntil) < at);
  if (expired.length > 0) findings.unknowns.push(`expired metadata: ${short(expired.map(({ archive }) => archive))}`);
  // apt gives its files the archive's own time, which may be months old and right.
  if (packageFamily.status === 'observed' && packageFamily.value === 'deb') {
    findings.unknowns.push(...archiveDoubts(metadata.value, at));
    return;
  }
  const stale = metadata.value.filter(({ fetchedAt }) => tooOld(fetchedAt));
  if (stale.length > 0) findings.unknowns.push(`metadata ${old}: ${short(stale.map(({ archive }) => archive))}`);
  const isNamed =
    packageFamily.status === 'observed' && (packageFamily.value === 'rpm' || packageFamily.value === 'pacman');
  if (!isNamed || repositories.status !== 'observed') return;
  const held = new Set(metadata.value.map(({ archive }: ArchiveMetadata) => archive));
  const without = repositories.value.filter(({ enabled, id }) => enabled && id !== undefined && !held.has(id));
  if (without.length > 0) findings.unknowns.push(`no metadata of ${short(without.map(({ id = '' }) => id))}`);
}

function judgeBroken({ brokenPackages }: Updates, findings: Findings): void {
  if (brokenPackages.status === 'observed') {
    const { length } = brokenPackages.value;
    if (length > 0)
      findings.faults.push(`${counted(length, 'package')} left half installed: ${names(brokenPackages.value)}`);
  } else if (brokenPackages.status !== 'not-applicable') note('brokenPackages', brokenPackages, findings);
}

/** Where nothing on the server would ask for a restart: then the kernels and the code in use tell as much. */
const withoutMarker: ReadonlySet<string> = new Set([
  'no-notifier-installed',
  'family-without-restart-marker',
  'no-such-program',
]);

function judgeRunning(updates: Updates, findings: Findings): void {
  const { rebootRequired, kernels, staleProcesses, deployments, packageFamily } = updates;
  const covered = rebootRequired.status === 'observed' && rebootRequired.value.livePatched === true;
  if (rebootRequired.status === 'observed' && rebootRequired.value.required && !covered)
    findings.faults.push(`a restart is asked for${by(rebootRequired.value.packages)}`);
  const isContainer = kernels.status !== 'observed' && kernels.reason === 'container-scope';
  if (kernels.status === 'observed' && packageFamily.status === 'observed')
    judgeKernels(kernels.value, packageFamily.value, rebootRequired.status === 'observed', covered, findings);
  else if (kernels.status !== 'observed' && !isContainer) note('kernels', kernels, findings);
  if (rebootRequired.status !== 'observed' && !isContainer && !withoutMarker.has(rebootRequired.reason))
    note('rebootRequired', rebootRequired, findings);
  if (staleProcesses.status === 'observed') {
    const { complete, processes } = staleProcesses.value;
    if (processes.length > 0)
      findings.faults.push(`old code still runs: ${short(processes.map(({ name, unit }) => unit ?? name))}`);
    if (!complete) findings.unknowns.push('not every process could be looked at for old code');
  } else note('staleProcesses', staleProcesses, findings);
  if (deployments.status === 'observed') {
    const staged = deployments.value.deployments.find(({ role }) => role === 'staged');
    if (staged !== undefined) findings.faults.push(`an image waits for a restart: ${staged.version ?? staged.id}`);
  } else if (deployments.status !== 'not-applicable' && deployments.reason !== 'container-scope')
    note('deployments', deployments, findings);
}

/** By the family's own rules, never by name or place: an older kernel left on disk is no reason to restart. */
function judgeKernels(
  { runningRelease, runningVersion, installed }: Extract<Updates['kernels'], { status: 'observed' }>['value'],
  family: Family,
  asked: boolean,
  covered: boolean,
  findings: Findings,
): void {
  const compare = compareVersions[family];
  const same = installed.filter(({ release }) => release === runningRelease);
  const running = runningVersion ?? same[0]?.version;
  if (running === undefined) {
    const replaced = installed.find(
      ({ release }) => release !== undefined && flavourOf(release) === flavourOf(runningRelease),
    );
    // Alpine and Arch replace a kernel in place: what runs and is not there any more was replaced.
    if (replaced !== undefined && (family === 'apk' || family === 'pacman')) {
      findings.faults.push(`kernel ${runningRelease} runs, ${replaced.release ?? ''} is installed in its place`);
      return;
    }
    // A kernel that no package brought (a cloud's own), or one whose package is gone: only a marker could tell then.
    if (installed.length > 0 || !asked)
      findings.unknowns.push(`which package the running kernel ${runningRelease} is of`);
    return;
  }
  // Kernels of another flavour have versions of their own.
  const flavour = same[0]?.name.replace(/[0-9][\w.+~-]*$/, '');
  const rivals = installed.filter(
    ({ name }) => flavour === undefined || name.replace(/[0-9][\w.+~-]*$/, '') === flavour,
  );
  const [newest] = rivals.map(({ version }) => version).toSorted((a, b) => compare(b, a));
  if (newest !== undefined && compare(newest, running) > 0 && !covered)
    findings.faults.push(`kernel ${running} runs, newer ${newest} is installed`);
}

/** `lts` in `6.6.31-0-lts`; empty where the release names none. */
function flavourOf(release: string): string {
  return /-([a-z]+)$/.exec(release)?.[1] ?? '';
}

function judgeRepositories({ repositories }: Updates, findings: Findings): void {
  if (repositories.status !== 'observed') {
    note('repositories', repositories, findings);
    return;
  }
  const used = repositories.value.filter(({ enabled }) => enabled);
  const named = (entries: typeof used): string =>
    short(entries.map(({ id, uris, definedIn }) => id ?? uris[0] ?? definedIn));
  const weak = used.filter(
    ({ signaturePolicy }) => signaturePolicy === 'trusted' || signaturePolicy === 'insecure-allowed',
  );
  if (weak.length > 0) findings.faults.push(`packages are taken without a signature check from ${named(weak)}`);
  const open = used.filter(({ checksTransport }) => checksTransport === false);
  if (open.length > 0) findings.faults.push(`certificates are not checked of ${named(open)}`);
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function names(entries: readonly { readonly name: string }[]): string {
  return short(entries.map(({ name }) => name));
}

function by(packages: readonly string[] | undefined): string {
  return packages === undefined || packages.length === 0 ? '' : ` by ${short(packages)}`;
}

function short(words: readonly string[]): string {
  return `${words.slice(0, 3).join(', ')}${words.length > 3 ? ', …' : ''}`;
}
