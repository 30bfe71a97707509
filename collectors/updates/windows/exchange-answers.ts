/** What the queries about Exchange gave. */
import type {
  ExchangeFiles,
  ExchangeSchema,
  ExchangeServerView,
  ServiceState,
} from '../../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { isRawObject, rawInteger, rawList, rawPart, rawText, rawVersion } from '../../raw-json.ts';

export function parseExchangeFiles(value: unknown): Parsed<ExchangeFiles> {
  if (!isRawObject(value)) return unparsed('answer-not-understood');
  const files: ExchangeFiles['files'] = [];
  let unread = 0;
  for (const each of rawList(value['files'])) {
    const name = isRawObject(each) ? rawText(each['name']) : undefined;
    if (!isRawObject(each) || name === undefined) return unparsed('answer-not-understood');
    const part = rawPart(each['version']);
    const version = part.ok ? rawVersion(part.value) : undefined;
    if (version === undefined) unread += 1;
    else files.push({ name, version });
  }
  if (files.length === 0) return unparsed('no-file-read');
  return parsed({ files: files.toSorted((left, right) => (left.name < right.name ? -1 : 1)), unread });
}

/** Win32_Service.StartMode and State are words of the class, the same in every language. */
const startModes: Readonly<Record<string, ServiceState['startType']>> = {
  auto: 'automatic',
  automatic: 'automatic',
  manual: 'manual',
  disabled: 'disabled',
  boot: 'boot',
  system: 'system',
};
const states: Readonly<Record<string, ServiceState['state']>> = {
  running: 'running',
  stopped: 'stopped',
  'start pending': 'start-pending',
  'stop pending': 'stop-pending',
  paused: 'paused',
};

export function parseServiceStates(value: unknown): Parsed<ServiceState[]> {
  const services: ServiceState[] = [];
  for (const each of rawList(value)) {
    const name = isRawObject(each) ? rawText(each['name']) : undefined;
    if (!isRawObject(each) || name === undefined) return unparsed('answer-not-understood');
    services.push({
      name: name.slice(0, 256),
      startType: startModes[(rawText(each['start']) ?? '').toLowerCase()] ?? 'unknown',
      state: states[(rawText(each['state']) ?? '').toLowerCase()] ?? 'unknown',
    });
  }
  // A server of Exchange has its services; none is an answer that was lost.
  if (services.length === 0) return unparsed('no-services');
  if (services.length > 256) return unparsed('too-many-entries');
  return parsed(services.toSorted((left, right) => (left.name < right.name ? -1 : 1)));
}

/** `Version 15.1 (Build 2308.8)`. */
export function displayBuildOf(text: string): string | undefined {
  const [, major = '', minor = '', build = '', revision = ''] =
    /(\d{1,3})\.(\d{1,3})\s*\(Build (\d{1,6})\.(\d{1,6})\)/i.exec(text) ?? [];
  return major === '' ? undefined : [major, minor, build, revision].map((part) => String(Number(part))).join('.');
}

export function parseExchangeServer(value: unknown): Parsed<ExchangeServerView> {
  if (!isRawObject(value)) return unparsed('answer-not-understood');
  const texts = (name: string): string[] | undefined =>
    name in value ? rawList(value[name]).flatMap((each) => rawText(each)?.slice(0, 64) ?? []) : undefined;
  const displayVersion = rawText(value['displayVersion']);
  const name = rawText(value['name']);
  if (displayVersion === undefined || name === undefined) return unparsed('answer-not-understood');
  const displayBuild = displayBuildOf(displayVersion);
  const edition = rawText(value['edition']);
  const organisation = rawPart(value['organisation']);
  const overrides = rawPart(value['overrides']);
  const orgEnabled =
    organisation.ok && isRawObject(organisation.value) ? organisation.value['mitigationsEnabled'] : undefined;
  const list = overrides.ok ? overridesOf(overrides.value) : undefined;
  const [roles, applied, blocked] = [texts('roles'), texts('mitigationsApplied'), texts('mitigationsBlocked')];
  return parsed({
    name: name.slice(0, 256),
    displayVersion: displayVersion.slice(0, 128),
    ...(edition === undefined ? {} : { edition: edition.slice(0, 64) }),
    ...(displayBuild === undefined ? {} : { displayBuild }),
    ...(roles === undefined ? {} : { roles: roles.slice(0, 32) }),
    ...(typeof value['mitigationsEnabled'] === 'boolean' ? { mitigationsEnabled: value['mitigationsEnabled'] } : {}),
    ...(applied === undefined ? {} : { mitigationsApplied: applied.slice(0, 256) }),
    ...(blocked === undefined ? {} : { mitigationsBlocked: blocked.slice(0, 256) }),
    ...(typeof orgEnabled === 'boolean' ? { organisationMitigationsEnabled: orgEnabled } : {}),
    ...(list === undefined ? {} : { settingOverrides: list }),
  });
}

function overridesOf(value: unknown): NonNullable<ExchangeServerView['settingOverrides']> | undefined {
  const list = rawList(value);
  const overrides = list.flatMap((each) => {
    const component = isRawObject(each) ? rawText(each['component']) : undefined;
    const section = isRawObject(each) ? rawText(each['section']) : undefined;
    if (!isRawObject(each) || component === undefined || section === undefined) return [];
    const texts = (name: string): string[] => rawList(each[name]).flatMap((text) => rawText(text)?.slice(0, 256) ?? []);
    const [parameters, servers, status] = [texts('parameters'), texts('servers'), rawText(each['status'])];
    return [
      {
        component: component.slice(0, 128),
        section: section.slice(0, 128),
        ...(parameters.length === 0 ? {} : { parameters: parameters.slice(0, 32) }),
        ...(servers.length === 0 ? {} : { servers: servers.slice(0, 256) }),
        ...(status === undefined ? {} : { status: status.slice(0, 64) }),
      },
    ];
  });
  // One that could not be read may be the one that switches scanning off.
  return overrides.length === list.length ? overrides.slice(0, 256) : undefined;
}

export function parseExchangeSchema(value: unknown): Parsed<ExchangeSchema> {
  if (!isRawObject(value)) return unparsed('answer-not-understood');
  const number = (name: string): number | undefined => {
    const part = rawPart(value[name]);
    const [first] = part.ok ? rawList(part.value) : [];
    const found = rawInteger(first);
    return found === undefined || found < 0 ? undefined : found;
  };
  const [rangeUpper, organisationVersion, domainVersion] = [
    number('rangeUpper'),
    number('organisation'),
    number('domain'),
  ];
  if (rangeUpper === undefined && organisationVersion === undefined && domainVersion === undefined)
    return unparsed('no-version-read');
  return parsed({
    ...(rangeUpper === undefined ? {} : { rangeUpper }),
    ...(organisationVersion === undefined ? {} : { organisationVersion }),
    ...(domainVersion === undefined ? {} : { domainVersion }),
  });
}
