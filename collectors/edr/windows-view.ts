/**
 * What a Windows server shows of services, drivers and installed programs. SecurityCenter2 is never asked:
 * it does not exist on servers.
 */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, ProtectionComponent } from '../../schemas/generated/types.ts';
import { fromAnswer, type Parsed, parsed, unparsed } from '../fact.ts';
import { flagOf, integerOf, type Raw, rowsOf, textOf } from '../raw-objects.ts';

export type WindowsService = {
  /** The key name, such as WinDefend; never the display name, which is translated. */
  readonly name: string;
  readonly running: boolean;
  readonly startType: NonNullable<ProtectionComponent['startType']> | undefined;
  /** `Running`, `Stopped` and the rest of Win32_Service.State, which is not translated. */
  readonly state: string;
  /** The command line. */
  readonly path: string | undefined;
  readonly account: string | undefined;
  /** The Win32 exit code; 1077: never started since the machine did. */
  readonly exitCode: number | undefined;
};

export type InstalledProgram = {
  readonly name: string;
  readonly version: string | undefined;
  readonly publisher: string | undefined;
};

export type FilterDriver = { readonly service: string; readonly altitudes: readonly string[] };

export type WindowsView = {
  readonly services: Fact<ReadonlyMap<string, WindowsService>>;
  readonly drivers: Fact<ReadonlyMap<string, WindowsService>>;
  readonly programs: Fact<readonly InstalledProgram[]>;
  readonly filters: Fact<readonly FilterDriver[]>;
};

export async function readWindowsView(host: Host): Promise<WindowsView> {
  return {
    services: fromAnswer(await host.query('services'), parseServices),
    drivers: fromAnswer(await host.query('drivers'), parseServices),
    programs: fromAnswer(await host.query('uninstall-entries'), parsePrograms),
    filters: fromAnswer(await host.query('filter-drivers'), parseFilters),
  };
}

/**
 * Win32_Service and Win32_SystemDriver, by name in lower case. A list without a single entry is none: every
 * Windows has services.
 */
export function parseServices(value: unknown): Parsed<ReadonlyMap<string, WindowsService>> {
  const rows = rowsOf(value);
  if (!rows.ok) return rows;
  if (rows.value.length === 0) return unparsed('empty-answer');
  const services = new Map<string, WindowsService>();
  for (const row of rows.value) {
    const service = serviceOf(row);
    if (service === undefined) return unparsed('service-without-name');
    services.set(service.name.toLowerCase(), service);
  }
  return parsed(services);
}

function serviceOf(row: Raw): WindowsService | undefined {
  const name = textOf(row['Name']);
  const state = textOf(row['State']);
  if (name === undefined || state === undefined || name.length > 256) return undefined;
  return {
    name,
    state,
    running: state === 'Running',
    startType: startTypeOf(textOf(row['StartMode']), flagOf(row['DelayedAutoStart'])),
    path: textOf(row['PathName']),
    account: textOf(row['StartName']),
    exitCode: integerOf(row['ExitCode']),
  };
}

function startTypeOf(mode: string | undefined, delayed: boolean | undefined): WindowsService['startType'] {
  switch (mode ?? '') {
    case 'Boot':
      return 'boot';
    case 'System':
      return 'system';
    case 'Auto':
      return delayed === true ? 'automatic-delayed' : 'automatic';
    case 'Manual':
      return 'on-demand';
    case 'Disabled':
      return 'disabled';
    default:
      return undefined;
  }
}

/** DisplayName, DisplayVersion and Publisher of the uninstall keys of both registry views. */
export function parsePrograms(value: unknown): Parsed<readonly InstalledProgram[]> {
  const rows = rowsOf(value);
  if (!rows.ok) return rows;
  return parsed(
    rows.value.flatMap((row): InstalledProgram[] => {
      const name = textOf(row['DisplayName']);
      return name === undefined
        ? []
        : [{ name, version: textOf(row['DisplayVersion']), publisher: textOf(row['Publisher']) }];
    }),
  );
}

/** Drivers that registered a file-system filter, each with the altitudes of its instances. */
export function parseFilters(value: unknown): Parsed<readonly FilterDriver[]> {
  const rows = rowsOf(value);
  if (!rows.ok) return rows;
  const filters = new Map<string, string[]>();
  for (const row of rows.value) {
    const service = textOf(row['Service']);
    const altitude = textOf(row['Altitude']);
    if (service === undefined) return unparsed('filter-without-service');
    const known = filters.get(service) ?? [];
    if (altitude !== undefined && /^[0-9]{1,9}(?:\.[0-9]{1,12})?$/.test(altitude)) known.push(altitude);
    filters.set(service, known);
  }
  return parsed([...filters].map(([service, altitudes]) => ({ service, altitudes: [...new Set(altitudes)] })));
}
