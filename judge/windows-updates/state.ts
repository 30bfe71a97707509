/** What beside the build decides: what waits for a restart, what fails again and again, what is offered. */
import type { OfferedUpdate, RebootSignal, WindowsUpdateEvent } from '../../schemas/generated/types.ts';
import { compareBuilds, parseBuild } from '../versions/build.ts';
import type { Findings, WindowsFacts } from './facts.ts';

const dayMs = 86_400_000;

/** Signals that only servicing and installers give. The rest is noise, or a change that is no update. */
const strong: ReadonlySet<RebootSignal['name']> = new Set([
  'cbs-reboot-pending',
  'cbs-reboot-in-progress',
  'cbs-packages-pending',
  'windows-update-reboot-required',
  'windows-update-agent',
  'update-exe-volatile',
  'configuration-manager',
] as const);

/** `branch` is the build's third number as text, where the catalogue knows it. */
export function judgeWindowsState(
  updates: WindowsFacts,
  branch: string | undefined,
  at: number,
  checkDays: number,
  findings: Findings,
): void {
  judgeRestart(updates, findings);
  judgeStore(updates, branch, findings);
  judgeHistory(updates, findings);
  judgeOffers(updates, at, checkDays, findings);
  judgeSource(updates, findings);
}

function note(name: string, { reason }: { readonly reason: string }, { unknowns }: Findings): void {
  unknowns.push(`${name}: ${reason}`);
}

function judgeRestart({ pendingReboot }: WindowsFacts, findings: Findings): void {
  if (pendingReboot.status !== 'observed') {
    note('pendingReboot', pendingReboot, findings);
    return;
  }
  const { signals, unread = [] } = pendingReboot.value;
  const asking = signals.filter(({ name, present }) => present && strong.has(name)).map(({ name }) => name);
  if (asking.length > 0) findings.faults.push(`a restart is pending: ${asking.join(', ')}`);
  const seen = new Set(signals.map(({ name }) => name));
  const unseen = [...strong].filter((name) => !seen.has(name) || unread.includes(name));
  if (unseen.length > 0)
    findings.unknowns.push(`whether a restart is pending: ${unseen.toSorted().join(', ')} not seen`);
}

/** The registry's build beside the newest cumulative update of the component store. */
function judgeStore(
  { componentPackages, osBuild }: WindowsFacts,
  branch: string | undefined,
  findings: Findings,
): void {
  if (componentPackages.status !== 'observed') {
    note('componentPackages', componentPackages, findings);
    return;
  }
  if (osBuild.status !== 'observed' || branch === undefined) return;
  const installed = parseBuild(osBuild.value.version) ?? [];
  const levels = componentPackages.value.flatMap(({ kind, version = '', stateName }) => {
    const [build, ubr] = version.split('.');
    const level = parseBuild(`10.0.${build}.${ubr}`);
    return kind === 'cumulative' && level !== undefined && build === branch ? [{ level, stateName }] : [];
  });
  const newest = (state: string): readonly number[] | undefined =>
    levels
      .filter(({ stateName }) => stateName === state)
      .map(({ level }) => level)
      .toSorted(compareBuilds)
      .at(-1);
  const [there, waiting] = [newest('installed'), newest('install-pending')];
  if (waiting !== undefined && compareBuilds(waiting, installed) > 0)
    findings.faults.push(`the update to ${waiting.join('.')} waits for a restart`);
  // A server that was installed with a build and never updated has no package of it.
  if (there !== undefined && compareBuilds(there, installed) !== 0)
    findings.unknowns.push(`the registry says ${installed.join('.')}, the component store ${there.join('.')}`);
  const unclear = componentPackages.value.filter(
    ({ kind, stateName }) => kind === 'cumulative' && stateName === undefined,
  );
  if (unclear.length > 0) findings.unknowns.push(`the state of ${unclear.length} packages is not known`);
}

/** More failures than this of one update, and no success after them. */
const maxFailures = 3;

function judgeHistory({ windowsUpdateHistory }: WindowsFacts, findings: Findings): void {
  // What it remembers decides nothing else: what it forgot is told by the build.
  if (windowsUpdateHistory.status !== 'observed') return;
  const failures = new Map<string, { count: number; event: WindowsUpdateEvent }>();
  const succeeded = new Set<string>();
  for (const event of windowsUpdateHistory.value.events) {
    const { updateId, operation, result } = event;
    if (updateId === undefined || operation !== 'install' || succeeded.has(updateId)) continue;
    if (result.startsWith('succeeded')) succeeded.add(updateId);
    else if (result === 'failed') failures.set(updateId, { count: (failures.get(updateId)?.count ?? 0) + 1, event });
  }
  for (const { count, event } of failures.values())
    if (count > maxFailures)
      findings.faults.push(`${event.kbs?.[0] ?? 'an update'} failed ${count} times and never succeeded since`);
}

/** The class of security updates, and that of signatures, which are the detector's (learn.microsoft.com, "WSUS classification GUIDs"). */
const securityClass = '0fa1201d-4330-4fa8-8ae9-b877473b6441';
const definitions = 'e0789628-ce08-4437-be74-2495b842f43b';

function isSecurity({ severity, categoryIds = [] }: OfferedUpdate): boolean | undefined {
  const classes = categoryIds.map((id) => id.toLowerCase());
  if (classes.includes(definitions)) return false;
  if (classes.includes(securityClass) || severity === 'critical' || severity === 'important') return true;
  if (severity === 'moderate' || severity === 'low') return true;
  return classes.length === 0 || severity === 'unknown' ? undefined : false;
}

function judgeOffers({ offeredUpdates, lastCheck }: WindowsFacts, at: number, days: number, findings: Findings): void {
  if (lastCheck.status !== 'observed') note('lastCheck', lastCheck, findings);
  else if (!(at - Date.parse(lastCheck.value.at) <= days * dayMs))
    findings.unknowns.push(`the update agent asked last on ${lastCheck.value.at}`);
  else if (Date.parse(lastCheck.value.at) - at > dayMs)
    findings.unknowns.push(`the last check lies in the future: ${lastCheck.value.at}`);
  if (offeredUpdates.status !== 'observed') {
    note('offeredUpdates', offeredUpdates, findings);
    return;
  }
  const named = (updates: readonly OfferedUpdate[]): string =>
    updates
      .slice(0, 3)
      .map(({ kbs, updateId }) => kbs?.[0] ?? updateId)
      .join(', ');
  const security = offeredUpdates.value.updates.filter((each) => isSecurity(each) === true);
  const unclear = offeredUpdates.value.updates.filter((each) => isSecurity(each) === undefined);
  if (security.length > 0)
    findings.faults.push(
      `${security.length} security ${security.length === 1 ? 'update is' : 'updates are'} offered and not installed: ${named(security)}`,
    );
  if (unclear.length > 0) findings.unknowns.push(`offered updates that may be security updates: ${named(unclear)}`);
}

function judgeSource({ updateSource, updatePolicy }: WindowsFacts, findings: Findings): void {
  if (updateSource.status !== 'observed') note('updateSource', updateSource, findings);
  else if (updateSource.value.useManagedServer && updateSource.value.managedServer === undefined)
    findings.faults.push('updates are to come from a managed server, and none is named');
  if (updatePolicy.status !== 'observed') note('updatePolicy', updatePolicy, findings);
  else if (updatePolicy.value.serviceStart === 'disabled')
    findings.faults.push('the service of Windows Update is disabled');
}
