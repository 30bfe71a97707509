/**
 * Sysmon, under whatever name it was installed: its driver registers the altitude 385201, and the event
 * publisher {5770385f-c22a-43e0-bf4c-06f5698ffbd9} names the program of its service.
 */
import type { Host } from '../../../agent/host/host.ts';
import type { Fact, Sysmon, SysmonRules } from '../../../schemas/generated/types.ts';
import type { Digests } from '../../collector.ts';
import { observed, unseen } from '../../fact.ts';
import { readValues } from '../../registry-values.ts';
import { toText } from '../../text.ts';
import { programOf } from '../windows-traces.ts';
import type { WindowsService, WindowsView } from '../windows-view.ts';

const altitude = '385201';
const servicesKey = String.raw`HKLM\SYSTEM\CurrentControlSet\Services`;
const publisherKey = String.raw`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Publishers\{5770385f-c22a-43e0-bf4c-06f5698ffbd9}`;

export type SysmonFacts = { readonly sysmon: Fact<Sysmon>; readonly sysmonRules: Fact<SysmonRules> };

export async function readSysmon(host: Host, digests: Digests, view: WindowsView): Promise<SysmonFacts> {
  const { services, drivers, filters } = view;
  for (const place of [services, drivers, filters])
    if (place.status !== 'observed') return { sysmon: place, sysmonRules: place };
  if (services.status !== 'observed' || drivers.status !== 'observed' || filters.status !== 'observed')
    return {
      sysmon: unseen('failed', 'unexpected-object', []),
      sysmonRules: unseen('failed', 'unexpected-object', []),
    };
  const sources = [...services.sources, ...drivers.sources, ...filters.sources];
  const driverName =
    filters.value.find(({ altitudes }) => altitudes.some((each) => each.split('.')[0] === altitude))?.service ??
    'SysmonDrv';
  const driver = drivers.value.get(driverName.toLowerCase());
  const publisher = await readValues(host, publisherKey);
  if (publisher.status !== 'observed' && publisher.status !== 'absent')
    return { sysmon: publisher, sysmonRules: publisher };
  const program = publisher.status === 'observed' ? publisher.value.text('ResourceFileName')?.toLowerCase() : undefined;
  const service = serviceOf(services.value, program);
  if (driver === undefined && service === undefined) {
    const none = unseen('absent', 'not-installed', [...sources, ...publisher.sources]);
    return { sysmon: none, sysmonRules: none };
  }
  const sysmon: Sysmon = {
    serviceName: toText(service?.name ?? driverName),
    running: service?.running ?? false,
    enabledAtBoot: startsAtBoot(service),
    ...(driver !== undefined && { driverLoaded: driver.running }),
  };
  return {
    sysmon: observed(sysmon, ...sources, ...publisher.sources),
    sysmonRules: await readRules(host, digests, driverName),
  };
}

function startsAtBoot(service: WindowsService | undefined): boolean {
  const start = service?.startType;
  return start !== undefined && start !== 'on-demand' && start !== 'disabled';
}

/** By its program where the publisher names it, else by the usual names. */
function serviceOf(
  services: ReadonlyMap<string, WindowsService>,
  program: string | undefined,
): WindowsService | undefined {
  if (program !== undefined)
    for (const service of services.values())
      if (service.path !== undefined && programOf(service.path)?.toLowerCase() === expanded(program)) return service;
  return services.get('sysmon64') ?? services.get('sysmon') ?? services.get('sysmon64a');
}

function expanded(program: string): string {
  return program.replace(/^%(?:systemroot|windir)%/, String.raw`c:\windows`);
}

/** The rules as they are stored, by their digest: they name what is looked for and stay here. */
async function readRules(host: Host, digests: Digests, driver: string): Promise<Fact<SysmonRules>> {
  const parameters = await readValues(host, `${servicesKey}\\${driver}\\Parameters`);
  if (parameters.status !== 'observed') return parameters;
  const rules = parameters.value.bytes('Rules');
  if (rules === undefined) return unseen('absent', 'no-rules', parameters.sources);
  const hashing = parameters.value.number('HashingAlgorithm');
  return observed(
    {
      sha256: Array.from(digests.sha256(rules), (byte) => byte.toString(16).padStart(2, '0')).join(''),
      ...(hashing !== undefined && { hashing: String(hashing) }),
    },
    ...parameters.sources,
  );
}
