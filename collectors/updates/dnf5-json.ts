/** What dnf5 prints as JSON (dnf5-check-upgrade(8), dnf5-advisory(8), dnf5-history(8)). Key names and types differ between its versions. */
import type { Advisory } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { advisory, advisoryKind } from './advisory.ts';
import type { OfferedPackage } from './dnf-check-update.ts';
import { instantOf } from './instant.ts';
import { isObject, type JsonObject, listIn, objectIn, objectsIn, parseJson, textIn } from './json-value.ts';
import { plainVersion } from './nevra.ts';

/** `{"upgrades": [{"name", "arch", "evr", "repository"}], "obsoleting_packages": […]}`; the second repeats the first. */
export function parseCheckUpgrade(text: string): Parsed<readonly OfferedPackage[]> {
  const json = parseJson(text);
  if (!json.ok) return json;
  if (!isObject(json.value)) return unparsed('unexpected-json');
  const packages: OfferedPackage[] = [];
  for (const [section, items] of Object.entries(json.value)) {
    if (/obsolet/i.test(section)) continue;
    if (!Array.isArray(items)) return unparsed('unexpected-json');
    for (const item of items) {
      const name = textIn(item, 'name');
      const architecture = textIn(item, 'arch');
      const version = textIn(item, 'evr');
      if (name === undefined || architecture === undefined || version === undefined) return unparsed('unexpected-json');
      if (Math.max(name.length, version.length) > 256 || architecture.length > 64) return unparsed('unexpected-json');
      packages.push({
        name: name.toWellFormed(),
        architecture: architecture.toWellFormed(),
        version: plainVersion(version).toWellFormed(),
        repository: textIn(item, 'repository') ?? '',
      });
    }
  }
  return parsed(packages);
}

/** One row for each advisory and package; `--with-bz` and `--with-cve` give every key another name, and the type as severity. */
export function parseAdvisoryList(text: string): Parsed<readonly Advisory[]> {
  const json = parseJson(text);
  if (!json.ok) return json;
  if (!Array.isArray(json.value)) return unparsed('unexpected-json');
  const found = new Map<string, Advisory>();
  for (const row of json.value as readonly unknown[]) {
    const id = textIn(row, 'name') ?? textIn(row, 'advisory_name');
    const nevra = textIn(row, 'nevra');
    if (id === undefined || nevra === undefined) return unparsed('unexpected-json');
    const type = textIn(row, 'type') ?? textIn(row, 'advisory_type') ?? '';
    const known = found.get(id);
    const references = objectsIn(row, 'references').map((each) => textIn(each, 'reference_id') ?? '');
    const released = epochOf(isObject(row) ? (row['buildtime'] ?? row['advisory_buildtime']) : undefined);
    found.set(
      id,
      advisory({
        id,
        kind: advisoryKind(type),
        severity: textIn(row, 'severity'),
        released,
        cveIds: [...(known?.cveIds ?? []), ...references],
        packages: [...(known?.packages ?? []), nevra],
      }),
    );
  }
  return parsed([...found.values()]);
}

/** By name: `{"RHSA-2026:4711": {"Severity", "Type", "Issued", "references": […], "collections": {"packages": […]}}}`. */
export function parseAdvisoryInfo(text: string): Parsed<readonly Advisory[]> {
  const json = parseJson(text);
  if (!json.ok) return json;
  const entries = Array.isArray(json.value)
    ? (json.value as readonly unknown[])
    : isObject(json.value)
      ? Object.values(json.value)
      : undefined;
  if (entries === undefined) return unparsed('unexpected-json');
  const advisories: Advisory[] = [];
  for (const entry of entries) {
    const id = textIn(entry, 'Name') ?? textIn(entry, 'name');
    if (id === undefined || !isObject(entry)) return unparsed('unexpected-json');
    const references = objectsIn(entry, 'references');
    advisories.push(
      advisory({
        id,
        kind: advisoryKind(textIn(entry, 'Type') ?? textIn(entry, 'type') ?? ''),
        severity: textIn(entry, 'Severity') ?? textIn(entry, 'severity'),
        released: epochOf(entry['Issued'] ?? entry['issued']),
        // An Id can lack the prefix that the title has.
        cveIds: references.flatMap((each) => [textIn(each, 'Id') ?? '', textIn(each, 'Title') ?? '']),
        packages: packagesOf(entry),
      }),
    );
  }
  return parsed(advisories);
}

function packagesOf(entry: JsonObject): string[] {
  const collections = objectIn(entry, 'collections');
  const lists = collections === undefined ? objectsIn(entry, 'collections') : [collections];
  return lists.flatMap((each) => listIn(each, 'packages').filter((name) => typeof name === 'string'));
}

/** Seconds since 1970, or a time in UTC as dnf5 writes it under TZ=UTC. */
function epochOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 1e11) return instantOf(value * 1000);
  const [, date, time] = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:Z|\+00:00)?$/.exec(String(value)) ?? [];
  const epoch = Date.parse(`${date}T${time}Z`);
  return date === undefined || Number.isNaN(epoch) ? undefined : instantOf(epoch);
}
