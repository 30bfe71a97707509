/** What the system shows of one product: the generic detector that knows services, drivers, installed programs and file versions. */
import type { Fact, KernelHook, ProtectionComponent } from '../../schemas/generated/types.ts';
import { observed, unseen } from '../fact.ts';
import { shortText } from './key-values.ts';
import type { Findings } from './product.ts';
import type { WindowsTraces } from './products/windows/windows-product.ts';
import { firstUnseen } from './traces.ts';
import type { WindowsService, WindowsView } from './windows-view.ts';

export type WindowsTrace = {
  /** false: looked everywhere, nothing. undefined: nothing found, and a place could not be looked at. */
  readonly there: boolean | undefined;
  readonly findings: Findings;
  readonly sources: readonly string[];
  /** The program of its engine's service, without arguments. */
  readonly program: string | undefined;
};

export function windowsTraceOf(traces: WindowsTraces, view: WindowsView): WindowsTrace {
  const { services, drivers, programs, filters } = view;
  const sources = [...new Set([...services.sources, ...drivers.sources, ...programs.sources])];
  const engine = pick(services, traces.services);
  const helpers = pick(services, traces.helperServices ?? []);
  const kernel = pick(drivers, traces.drivers);
  const installed =
    programs.status !== 'observed' || traces.uninstall === undefined
      ? undefined
      : programs.value.find(({ name }) => traces.uninstall?.test(name) === true);
  const found = engine.length + helpers.length + kernel.length > 0 || installed !== undefined;
  const blind = firstUnseen([services, drivers, ...(traces.uninstall === undefined ? [] : [programs])]);
  if (!found)
    return {
      there: blind === undefined ? false : undefined,
      findings: { installed: blind ?? unseen('absent', 'no-trace', sources) },
      sources,
      program: undefined,
    };
  const [main] = engine;
  const version = shortText(installed?.version);
  const components = [
    ...[...engine, ...helpers].map((each) => componentOf(each, 'service')),
    ...kernel.map((each) => componentOf(each, 'driver')),
  ];
  return {
    there: true,
    sources,
    program: main?.path === undefined ? undefined : programOf(main.path),
    findings: {
      installed: observed(true, ...sources),
      components: services.status === 'observed' ? observed(components, ...sources) : services,
      running: engineFact(services, main, ({ running }) => running),
      enabledAtBoot: engineFact(services, main, startsAtBoot),
      ...(version !== undefined && { version: observed(version, ...programs.sources) }),
      ...hooksOf(kernel, drivers, filters),
    },
  };
}

/** Without its engine's service a product that left a driver or an uninstall entry does not run. */
function engineFact(
  services: WindowsView['services'],
  main: WindowsService | undefined,
  tell: (service: WindowsService) => boolean | undefined,
): Fact<boolean> {
  if (services.status !== 'observed') return services;
  if (main === undefined) return observed(false, ...services.sources);
  const told = tell(main);
  return told === undefined
    ? unseen('failed', 'unknown-start-mode', services.sources)
    : observed(told, ...services.sources);
}

function startsAtBoot({ startType }: WindowsService): boolean | undefined {
  if (startType === undefined) return undefined;
  return startType !== 'on-demand' && startType !== 'disabled';
}

/** In the order of the names, so that the usual engine comes first. */
function pick(
  from: Fact<ReadonlyMap<string, WindowsService>>,
  names: readonly (string | RegExp)[],
): readonly WindowsService[] {
  if (from.status !== 'observed') return [];
  const found: WindowsService[] = [];
  for (const name of names)
    if (typeof name === 'string') {
      const service = from.value.get(name.toLowerCase());
      if (service !== undefined) found.push(service);
    } else for (const service of from.value.values()) if (name.test(service.name)) found.push(service);
  return [...new Set(found)];
}

function componentOf(
  { name, running, startType, state }: WindowsService,
  kind: 'service' | 'driver',
): ProtectionComponent {
  return { kind, name, running, ...(startType !== undefined && { startType }), state };
}

/** A filter that is registered and whose driver is loaded sees the files; one that is only registered does not. */
function hooksOf(
  kernel: readonly WindowsService[],
  drivers: WindowsView['drivers'],
  filters: WindowsView['filters'],
): Findings {
  if (drivers.status !== 'observed') return { kernelHooks: drivers };
  if (filters.status !== 'observed') return { kernelHooks: filters };
  const hooks = kernel
    .filter(({ running }) => running)
    .map(({ name }): KernelHook => {
      const altitude = filters.value.find(({ service }) => service.toLowerCase() === name.toLowerCase())?.altitudes[0];
      return altitude === undefined
        ? { kind: 'driver', name }
        : { kind: 'file-system-filter', name, altitude: altitude.slice(0, 32) };
    });
  return { kernelHooks: observed(hooks, ...drivers.sources, ...filters.sources) };
}

/** `"C:\Program Files\X\x.exe" -k run` and `C:\X\x.exe -k`: the program alone. */
export function programOf(commandLine: string): string | undefined {
  const quoted = /^\s*"([^"]+)"/.exec(commandLine)?.[1];
  const path = quoted ?? /^\s*(.+?\.(?:exe|sys))(?=\s|$)/i.exec(commandLine)?.[1] ?? commandLine.trim();
  return /^[A-Za-z]:\\/.test(path) ? path : undefined;
}
