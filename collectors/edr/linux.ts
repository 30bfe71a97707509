/** What protects and detects on a Linux server. */
import type { Host } from '../../agent/host/host.ts';
import type {
  Fact,
  KernelHook,
  ProtectionProduct,
  SearchedPlace,
  Sysmon,
  Unseen,
} from '../../schemas/generated/types.ts';
import type { Digests, Draft } from '../collector.ts';
import { missed, observed, unseen } from '../fact.ts';
import { readScope } from '../host/container-clues.ts';
import { readAudit } from './audit/audit.ts';
import { readClearings } from './logs/clearings.ts';
import { readForwarding } from './logs/forwarding.ts';
import { readRetention } from './logs/retention.ts';
import { anySeen, complete, type Tools } from './product.ts';
import { products } from './products/list.ts';
import { readSystemView, type SystemView } from './system-view.ts';
import { enabledFact, firstUnseen, traceOf } from './traces.ts';

export async function collectLinux(host: Host, digests: Digests): Promise<Draft<'edr'>> {
  const identity = await host.identity();
  const onLinux =
    identity.status === 'observed' ? unseen('not-applicable', 'linux', [identity.source]) : missed(identity);
  const system = await readSystemView(host);
  const scope = await readScope(host);
  const { found, places } = await readProducts({ host, digests, system });
  return {
    products: found,
    searchedPlaces: places,
    systemHooks: await readSystemHooks(host, system, found),
    ...(await readAudit(host, system, scope)),
    auditPolicy: onLinux,
    auditSubcategoriesOverride: onLinux,
    commandLineAudit: onLinux,
    powershellLogging: onLinux,
    powershellVersion2: onLinux,
    ...sysmonFacts(system),
    logForwarding: await readForwarding(host, system),
    logRetention: await readRetention(host),
    logClearings: await readClearings(host),
    detectionProofs: unseen('not-applicable', 'not-asked', ['config:prove']),
  };
}

type Found = { readonly found: Fact<ProtectionProduct[]>; readonly places: Fact<SearchedPlace[]> };

/** A product of which nothing could be ruled out is asked itself: its answer is a trace as well. */
async function readProducts(tools: Tools): Promise<Found> {
  const list: ProtectionProduct[] = [];
  const sources: string[] = [];
  let files: Unseen | undefined;
  for (const product of products) {
    const trace = await traceOf(product, tools.host, tools.system);
    if (trace.there === false) {
      sources.push(...trace.sources);
      continue;
    }
    const own = (await product.read?.(tools)) ?? [];
    if (trace.there === undefined && !anySeen(own)) {
      const { installed } = trace.findings;
      // Other places that could not be looked at are named by themselves.
      if (installed?.status !== 'observed' && installed?.sources[0]?.startsWith('stat:') === true) files ??= installed;
      continue;
    }
    const record = complete(product, [...own, trace.findings], trace.sources);
    list.push(trace.there === true ? record : { ...record, installed: observed(true, ...sourcesOf(own)) });
  }
  const places = placesOf(tools.system, files);
  const all = [...new Set([...places.sources, ...sources])].slice(0, 60);
  if (list.length > 0) return { found: observed(list, ...all), places };
  // No product where a place could not be looked at is no answer.
  const { packages, units, processes, modules } = tools.system;
  return { found: files ?? firstUnseen([packages, units, processes, modules]) ?? observed([], ...all), places };
}

function sourcesOf(findings: readonly Readonly<Record<string, { status: string; sources: string[] }>>[]): string[] {
  const seen = findings.flatMap((each) => Object.values(each)).find(({ status }) => status === 'observed');
  return seen?.sources ?? [];
}

function placesOf(
  { packages, units, processes, modules }: SystemView,
  files: Unseen | undefined,
): Fact<SearchedPlace[]> {
  const place = (name: SearchedPlace['place'], fact: Fact<unknown> | undefined): SearchedPlace =>
    fact === undefined || fact.status === 'observed'
      ? { place: name, looked: true }
      : { place: name, looked: false, reason: fact.reason };
  return observed(
    [
      place('packages', packages),
      place('services', units),
      place('processes', processes),
      place('kernel-modules', modules),
      place('files', files),
    ],
    ...packages.sources.slice(0, 16),
    ...units.sources,
    ...processes.sources,
    ...modules.sources,
    ...(files?.sources.slice(0, 16) ?? []),
  );
}

/** Modules from outside the kernel's tree, security modules, pinned programs, and what the products' own processes hold. */
async function readSystemHooks(
  host: Host,
  { modules }: SystemView,
  found: Fact<ProtectionProduct[]>,
): Promise<Fact<KernelHook[]>> {
  if (modules.status !== 'observed') return modules;
  const hooks: KernelHook[] = modules.value
    .filter(({ outOfTree, live }) => outOfTree && live)
    .map(({ name }): KernelHook => ({ kind: 'kernel-module', name }));
  const sources = [...modules.sources];
  const lsm = await host.readFile('/sys/kernel/security/lsm');
  if (lsm.status !== 'observed' && lsm.status !== 'absent') return missed(lsm);
  sources.push(lsm.source);
  if (lsm.status === 'observed') {
    const names = lsm.value.text.trim().split(',');
    if (!names.every((name) => /^[a-z0-9_-]{1,32}$/.test(name)) || names.length > 64)
      return unseen('failed', 'unexpected-output', [lsm.source]);
    for (const name of names) hooks.push({ kind: 'lsm', name });
  }
  const pinned = await host.list('/sys/fs/bpf');
  if (pinned.status !== 'observed' && pinned.status !== 'absent') return missed(pinned, ...sources);
  sources.push(pinned.source);
  if (pinned.status === 'observed')
    for (const name of pinned.value.slice(0, 256)) if (name.isWellFormed()) hooks.push({ kind: 'ebpf', name });
  if (found.status === 'observed')
    for (const { kernelHooks } of found.value)
      if (kernelHooks.status === 'observed') {
        hooks.push(...kernelHooks.value.filter(({ kind }) => kind === 'fanotify'));
        sources.push(...kernelHooks.sources.slice(0, 8));
      }
  return observed(hooks.slice(0, 4096), ...sources.slice(0, 60));
}

function sysmonFacts({ units }: SystemView): Pick<Draft<'edr'>, 'sysmon' | 'sysmonRules'> {
  if (units.status !== 'observed') return { sysmon: units, sysmonRules: units };
  const unit = units.value.get('sysmon.service');
  if (unit?.known !== true) {
    const why = unseen('absent', 'no-such-unit', units.sources);
    return { sysmon: why, sysmonRules: why };
  }
  const enabled = enabledFact(unit, units.sources);
  const sysmon: Fact<Sysmon> =
    enabled.status === 'observed'
      ? observed(
          { serviceName: 'sysmon.service', running: unit.active && !unit.exited, enabledAtBoot: enabled.value },
          ...units.sources,
        )
      : enabled;
  return { sysmon, sysmonRules: unseen('unsupported', 'not-covered', units.sources) };
}
