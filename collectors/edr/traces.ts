/** The generic detector: what the system shows of one product, whatever the product says of itself. */
import type { Answer, FileStat, Host } from '../../agent/host/host.ts';
import type { Fact, KernelHook, ProtectionComponent, Unseen } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { parseFanotify } from './fanotify.ts';
import type { Findings, Product } from './product.ts';
import type { SystemView } from './system-view.ts';
import type { UnitState } from './systemctl-show.ts';

export type Trace = {
  /** Undefined where something could not be looked at and nothing was found. */
  readonly there: boolean | undefined;
  readonly findings: Findings;
  readonly sources: readonly string[];
};

type Stats = readonly Answer<FileStat>[];

export async function traceOf(product: Product, host: Host, system: SystemView): Promise<Trace> {
  const { traces } = product;
  const stats: Answer<FileStat>[] = [];
  for (const path of traces.paths) stats.push(await host.stat(path));
  const installed = installedOf(product, system, stats);
  const there = installed.status === 'observed' ? installed.value : undefined;
  const hooks = there === false ? undefined : await hooksOf(product, host, system);
  const version = packageVersion(product, system);
  return {
    there,
    sources: installed.sources,
    findings: {
      installed,
      components: componentsOf(product, system),
      running: runningOf(product, system),
      enabledAtBoot: enabledOf(product, system),
      ...(version !== undefined && { version }),
      ...(hooks !== undefined && { kernelHooks: hooks }),
    },
  };
}

/** True by the first trace; false only where packages, services, processes, modules and files all say so. */
function installedOf(
  { traces }: Product,
  { packages, units, processes, modules }: SystemView,
  stats: Stats,
): Fact<boolean> {
  const names = [...traces.units, ...(traces.helperUnits ?? [])];
  const programs = [...traces.processes, ...(traces.helperProcesses ?? [])];
  if (packages.status === 'observed' && traces.packages.some((name) => packages.value.has(name)))
    return observed(true, ...packages.sources);
  const path = stats.find(({ status }) => status === 'observed');
  if (path !== undefined) return observed(true, path.source);
  if (units.status === 'observed' && names.some((name) => units.value.get(name)?.known === true))
    return observed(true, ...units.sources);
  if (processes.status === 'observed' && processes.value.some(({ name }) => programs.includes(name)))
    return observed(true, ...processes.sources);
  if (modules.status === 'observed' && modules.value.some(({ name }) => traces.modules?.includes(name) === true))
    return observed(true, ...modules.sources);
  const missedPath = stats.find(({ status }) => status !== 'absent');
  if (missedPath !== undefined && missedPath.status !== 'observed') return missed(missedPath);
  const places: readonly Fact<unknown>[] = [packages, units, processes, modules];
  const sources = [...stats.map(({ source }) => source), ...places.flatMap((place) => place.sources)];
  return firstUnseen(places) ?? observed(false, ...sources.slice(0, 60));
}

/** The engine's unit: the one that runs, else the first that is known. */
function mainUnit({ traces }: Product, units: ReadonlyMap<string, UnitState>): UnitState | undefined {
  const known = traces.units.map((name) => units.get(name)).filter((unit) => unit?.known === true);
  return known.find((unit) => unit?.active === true) ?? known[0];
}

/** A unit that is `active (exited)` left no process behind that systemd knows: then the processes decide. */
function runningOf(product: Product, { units, processes }: SystemView): Fact<boolean> {
  const { traces } = product;
  const found =
    processes.status === 'observed' ? processes.value.some(({ name }) => traces.processes.includes(name)) : undefined;
  if (found === true) return observed(true, ...processes.sources);
  const unit = units.status === 'observed' ? mainUnit(product, units.value) : undefined;
  if (unit !== undefined && !unit.exited) return observed(unit.active, ...units.sources);
  if (traces.processes.length > 0)
    return processes.status === 'observed' ? observed(false, ...processes.sources) : processes;
  return units.status === 'observed' ? unseen('unsupported', 'no-unit-known', units.sources) : units;
}

function enabledOf(product: Product, { units }: SystemView): Fact<boolean> {
  if (units.status !== 'observed') return units;
  const unit = mainUnit(product, units.value);
  if (unit === undefined) return unseen('unsupported', 'no-unit-known', units.sources);
  return enabledFact(unit, units.sources);
}

/** systemctl(1), is-enabled. Static and generated units are started by others, which this does not show. */
export function enabledFact(unit: UnitState, sources: readonly string[]): Fact<boolean> {
  switch (unit.masked ? 'masked' : (unit.unitFileState ?? 'unknown')) {
    case 'enabled':
    case 'alias':
      return observed(true, ...sources);
    case 'disabled':
    case 'masked':
    case 'masked-runtime':
    case 'enabled-runtime':
    case 'linked':
    case 'linked-runtime':
      return observed(false, ...sources);
    default:
      return unseen('unsupported', 'start-not-stated', sources, unit.unitFileState);
  }
}

function packageVersion({ traces }: Product, { packages }: SystemView): Fact<string> | undefined {
  if (packages.status !== 'observed') return undefined;
  const name = traces.packages.find((each) => packages.value.has(each));
  const version = name === undefined ? undefined : packages.value.get(name);
  return version === undefined || version === '' || version.length > 128 || !version.isWellFormed()
    ? undefined
    : observed(version, ...packages.sources);
}

const startTypes = {
  enabled: 'automatic',
  alias: 'automatic',
  'enabled-runtime': 'on-demand',
  disabled: 'disabled',
  masked: 'masked',
  'masked-runtime': 'masked',
  static: 'static',
  indirect: 'on-demand',
} as const;

/** Empty is never said: a product whose parts cannot be seen has none that we could name. */
function componentsOf({ traces }: Product, { units, processes, modules }: SystemView): Fact<ProtectionComponent[]> {
  const components: ProtectionComponent[] = [];
  const sources: string[] = [];
  if (units.status === 'observed')
    for (const name of [...traces.units, ...(traces.helperUnits ?? [])]) {
      const unit = units.value.get(name);
      if (unit?.known !== true) continue;
      const startType = startTypes[(unit.masked ? 'masked' : unit.unitFileState) as keyof typeof startTypes];
      components.push({
        kind: 'service',
        name,
        running: unit.active && !unit.exited,
        state: unit.state,
        ...(startType !== undefined && { startType }),
      });
      sources.push(...units.sources);
    }
  if (processes.status === 'observed')
    for (const name of [...traces.processes, ...(traces.helperProcesses ?? [])])
      if (processes.value.some((running) => running.name === name)) {
        components.push({ kind: 'process', name, running: true });
        sources.push(...processes.sources);
      }
  if (modules.status === 'observed')
    for (const { name, live } of modules.value)
      if (traces.modules?.includes(name) === true) {
        components.push({ kind: 'kernel-module', name, running: live });
        sources.push(...modules.sources);
      }
  if (components.length > 0) return observed(components.slice(0, 128), ...sources);
  return (
    firstUnseen([units, processes]) ?? unseen('absent', 'no-component-seen', [...units.sources, ...processes.sources])
  );
}

/** The first of several facts that was not seen. */
export function firstUnseen(facts: readonly Fact<unknown>[]): Unseen | undefined {
  for (const fact of facts) if (fact.status !== 'observed') return fact;
  return undefined;
}

const maxProcesses = 4;
const maxDescriptors = 128;

/** The fanotify groups of its processes, and its kernel modules. Undefined where there is no place to look. */
async function hooksOf(
  { traces }: Product,
  host: Host,
  { processes, modules }: SystemView,
): Promise<Fact<KernelHook[]> | undefined> {
  const hooks: KernelHook[] = [];
  const sources: string[] = [];
  if (modules.status === 'observed')
    for (const { name, live } of modules.value)
      if (live && traces.modules?.includes(name) === true) {
        hooks.push({ kind: 'kernel-module', name });
        sources.push(...modules.sources);
      }
  if (processes.status !== 'observed') return hooks.length > 0 ? observed(hooks, ...sources) : processes;
  const names = [...traces.processes, ...(traces.helperProcesses ?? [])];
  let unlooked: Unseen | undefined;
  let looked = false;
  for (const { pid, name } of processes.value.filter((each) => names.includes(each.name)).slice(0, maxProcesses)) {
    const folder = `/proc/${pid}/fdinfo`;
    const descriptors = await host.list(folder);
    if (descriptors.status !== 'observed') {
      unlooked ??= missed(descriptors);
      continue;
    }
    looked = true;
    sources.push(descriptors.source);
    for (const descriptor of descriptors.value.slice(0, maxDescriptors)) {
      if (!/^[0-9]{1,9}$/.test(descriptor)) continue;
      const info = await host.readFile(`${folder}/${descriptor}`, { maxBytes: 65_536, volatile: true });
      const group = info.status === 'observed' ? parseFanotify(info.value.text) : undefined;
      if (group !== undefined && info.status === 'observed') {
        hooks.push({ kind: 'fanotify', name, marks: group.marks, blocking: group.blocking });
        sources.push(info.source);
      } else if (info.status !== 'observed' && info.status !== 'absent') unlooked ??= missed(info);
    }
  }
  if (hooks.length > 0) return observed(hooks.slice(0, 256), ...sources.slice(0, 60));
  if (unlooked !== undefined) return unlooked;
  return looked ? unseen('absent', 'no-hook-seen', sources.slice(0, 60)) : undefined;
}
