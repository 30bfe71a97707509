/** What protects and detects on a Windows server. SecurityCenter2 is never asked: servers have none. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, KernelHook, ProtectionProduct, SearchedPlace } from '../../schemas/generated/types.ts';
import type { Digests, Draft } from '../collector.ts';
import { fromAnswer, missed, observed, unseen } from '../fact.ts';
import { readSubkeys, readValues } from '../registry-values.ts';
import { anySeen, complete, type Findings } from './product.ts';
import { windowsProducts } from './products/windows/list.ts';
import type { WindowsProduct } from './products/windows/windows-product.ts';
import { readFileVersions, versionFinding } from './program-versions.ts';
import { firstUnseen } from './traces.ts';
import { parseAuditPolicy } from './windows-logs/audit-policy.ts';
import { parseClearings, parseEventLogs } from './windows-logs/event-logs.ts';
import { readWindowsForwarding } from './windows-logs/forwarding.ts';
import { readPowershellLogging, readPowershellVersion2 } from './windows-logs/powershell-logging.ts';
import { readSysmon } from './windows-logs/sysmon.ts';
import { type WindowsTrace, windowsTraceOf } from './windows-traces.ts';
import { readWindowsView, type WindowsView } from './windows-view.ts';

const lsaKey = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Lsa`;
const auditKey = String.raw`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System\Audit`;
const amsiKey = String.raw`HKLM\SOFTWARE\Microsoft\AMSI\Providers`;

export async function collectWindows(host: Host, digests: Digests): Promise<Draft<'edr'>> {
  const identity = await host.identity();
  const onWindows =
    identity.status === 'observed' ? unseen('not-applicable', 'windows', [identity.source]) : missed(identity);
  const view = await readWindowsView(host);
  const products = await readProducts(host, digests, view);
  return {
    products,
    searchedPlaces: placesOf(view),
    systemHooks: await readHooks(host, view),
    auditd: onWindows,
    auditdService: onWindows,
    auditdSettings: onWindows,
    auditRulesLoaded: onWindows,
    auditRulesConfigured: onWindows,
    auditPolicy: fromAnswer(await host.query('audit-policy'), parseAuditPolicy),
    auditSubcategoriesOverride: await readOverride(host),
    commandLineAudit: await readCommandLineAudit(host),
    powershellLogging: await readPowershellLogging(host),
    powershellVersion2: await readPowershellVersion2(host),
    ...(await readSysmon(host, digests, view)),
    logForwarding: await readWindowsForwarding(host, view),
    logRetention: fromAnswer(await host.query('event-logs'), parseEventLogs),
    logClearings: fromAnswer(await host.query('log-clearings'), parseClearings),
    detectionProofs: unseen('not-applicable', 'not-asked', ['config:prove']),
  };
}

type Found = { readonly product: WindowsProduct; readonly trace: WindowsTrace; readonly own: readonly Findings[] };

/** A product of which nothing could be ruled out is asked itself: its answer is a trace as well. */
async function readProducts(host: Host, digests: Digests, view: WindowsView): Promise<Fact<ProtectionProduct[]>> {
  const found: Found[] = [];
  const sources: string[] = [];
  for (const product of windowsProducts) {
    const trace = windowsTraceOf(product.traces, view);
    sources.push(...trace.sources);
    if (trace.there === false) continue;
    const own = ((await product.read?.({ host, digests, view })) ?? []).map(leftOpen);
    if (trace.there === undefined && !anySeen(own)) continue;
    if (product.id === 'defender-endpoint-sensor' && isUntouchedSensor(trace, own)) continue;
    found.push({ product, trace, own });
  }
  const versions = await readFileVersions(
    host,
    found.flatMap(({ trace }) => (trace.program === undefined ? [] : [trace.program])),
  );
  const list = found.map(({ product, trace, own }) => {
    const running = runningOf(own, trace.findings);
    const record = complete(
      product,
      [running, ...own, trace.findings, versionFinding(versions, trace.program)],
      trace.sources,
    );
    return trace.there === true ? record : { ...record, installed: observed(true, ...sourcesOf(own)) };
  });
  const all = [...new Set(sources)].slice(0, 60);
  if (list.length > 0) return observed(list, ...all);
  return firstUnseen([view.services, view.drivers, view.programs]) ?? observed([], ...all);
}

/** The service control manager and the product's own word; where they disagree the worse one counts, and both stand. */
function runningOf(own: readonly Findings[], { running: system }: Findings): Findings {
  const told = own.map(({ running }) => running).find((fact) => fact?.status === 'observed');
  if (told?.status !== 'observed' || system?.status !== 'observed') return {};
  if (told.value === system.value) return { running: observed(told.value, ...system.sources, ...told.sources) };
  const both = { status: 'observed' as const, value: false, sources: [...system.sources.slice(0, 8), ...told.sources] };
  return {
    running: {
      ...both,
      answers: [
        { source: system.sources[0] ?? '', answer: system.value },
        { source: told.sources[0] ?? '', answer: told.value },
      ],
    },
  };
}

/** Every server since 2019 has the sensor's service, stopped until somebody onboards it: that is no product yet. */
function isUntouchedSensor({ findings }: WindowsTrace, own: readonly Findings[]): boolean {
  const { running } = findings;
  const contact = own[0]?.cloudContact;
  const never =
    contact?.status === 'unsupported' && (contact.reason === 'no-such-key' || contact.reason === 'not-stated');
  return running?.status === 'observed' && !running.value && never;
}

/** A key of a product that is not there leaves open what it would have said. */
function leftOpen(findings: Findings): Findings {
  return Object.fromEntries(
    Object.entries(findings).map(([name, fact]) => [
      name,
      fact.status === 'absent' && fact.reason.startsWith('no-such-') ? { ...fact, status: 'unsupported' } : fact,
    ]),
  );
}

function sourcesOf(findings: readonly Findings[]): string[] {
  return findings.flatMap((each) => Object.values(each)).find(({ status }) => status === 'observed')?.sources ?? [];
}

function placesOf({ services, drivers, programs }: WindowsView): Fact<SearchedPlace[]> {
  const place = (name: SearchedPlace['place'], fact: Fact<unknown>): SearchedPlace =>
    fact.status === 'observed' ? { place: name, looked: true } : { place: name, looked: false, reason: fact.reason };
  return observed(
    [place('services', services), place('drivers', drivers), place('registry', programs)],
    ...services.sources,
    ...drivers.sources,
    ...programs.sources,
  );
}

/** Filters that are registered and loaded, and the providers that AMSI asks. */
async function readHooks(host: Host, { drivers, filters }: WindowsView): Promise<Fact<KernelHook[]>> {
  if (drivers.status !== 'observed') return drivers;
  if (filters.status !== 'observed') return filters;
  const providers = await readSubkeys(host, amsiKey);
  if (providers.status !== 'observed' && providers.status !== 'absent') return providers;
  const hooks: KernelHook[] = filters.value
    .filter(({ service }) => drivers.value.get(service.toLowerCase())?.running === true)
    .map(({ service, altitudes: [altitude] }) => ({
      kind: 'file-system-filter',
      name: service,
      ...(altitude !== undefined && { altitude: altitude.slice(0, 32) }),
    }));
  const amsi = providers.status === 'observed' ? providers.value : [];
  for (const id of amsi.slice(0, 256)) hooks.push({ kind: 'amsi-provider', name: id.toLowerCase() });
  return observed(hooks.slice(0, 4096), ...filters.sources, ...drivers.sources, ...providers.sources);
}

/** Without the value it is not said: Windows then lets subcategories win, and a policy may change that. */
async function readOverride(host: Host): Promise<Fact<boolean>> {
  const lsa = await readValues(host, lsaKey);
  if (lsa.status !== 'observed') return lsa;
  const value = lsa.value.number('SCENoApplyLegacyAuditPolicy');
  return value === undefined ? unseen('absent', 'not-set', lsa.sources) : observed(value === 1, ...lsa.sources);
}

/** Without the value, or its key, command lines are not logged. */
async function readCommandLineAudit(host: Host): Promise<Fact<boolean>> {
  const audit = await readValues(host, auditKey);
  if (audit.status === 'absent') return observed(false, ...audit.sources);
  if (audit.status !== 'observed') return audit;
  return observed(audit.value.number('ProcessCreationIncludeCmdLine_Enabled') === 1, ...audit.sources);
}
