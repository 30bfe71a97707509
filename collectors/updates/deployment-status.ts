/** What the managers of image-based systems print as JSON. */
import type { Deployment } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { fieldText, publicUri } from './field-text.ts';
import { instantOf } from './instant.ts';
import { isObject, type JsonObject, listIn, objectIn, objectsIn, parseJson, textIn } from './json-value.ts';

/** `rpm-ostree status --json`: `{"deployments": [{"checksum", "booted", "staged", "timestamp", …}]}`. Fails with `no-deployments`. */
export function parseRpmOstree(text: string): Parsed<readonly Deployment[]> {
  const json = parseJson(text);
  if (!json.ok) return json;
  const found = objectsIn(json.value, 'deployments').flatMap((entry): Deployment[] => {
    const id = textIn(entry, 'checksum') ?? textIn(entry, 'id');
    if (id === undefined) return [];
    const packages = [...listIn(entry, 'requested-packages'), ...listIn(entry, 'requested-local-packages')];
    const origin = textIn(entry, 'container-image-reference') ?? textIn(entry, 'origin');
    const role = entry['booted'] === true ? 'booted' : entry['staged'] === true ? 'staged' : 'other';
    return [deployment({ id, role, origin, version: textIn(entry, 'version'), created: entry['timestamp'], packages })];
  });
  return found.some(({ role }) => role === 'booted') ? parsed(found.slice(0, 64)) : unparsed('no-deployments');
}

/** `bootc status --json`: `{"status": {"booted": {"image": {"image", "version", "timestamp", "imageDigest"}}, "staged", "rollback"}}`. */
export function parseBootc(text: string): Parsed<readonly Deployment[]> {
  const json = parseJson(text);
  if (!json.ok) return json;
  const status = objectIn(json.value, 'status');
  const found = (['booted', 'staged', 'rollback'] as const).flatMap((name): Deployment[] => {
    const entry = objectIn(status, name);
    const image = objectIn(entry, 'image');
    const id = textIn(image, 'imageDigest') ?? textIn(objectIn(entry, 'ostree'), 'checksum');
    if (entry === undefined || id === undefined) return [];
    return [
      deployment({
        id,
        role: name === 'rollback' ? 'other' : name,
        origin: textIn(objectIn(image, 'image'), 'image'),
        version: textIn(image, 'version'),
        created: image?.['timestamp'],
        packages: [],
      }),
    ];
  });
  return found.some(({ role }) => role === 'booted') ? parsed(found) : unparsed('no-deployments');
}

/** `snapper --jsonout list`: `{"root": [{"number", "default", "active", "date", "description"}]}`. What starts next and does not run is staged. */
export function parseSnapper(text: string): Parsed<readonly Deployment[]> {
  const json = parseJson(text);
  if (!json.ok) return json;
  const rows = isObject(json.value) ? objectsIn(json.value, 'root') : [];
  const found = rows
    .filter((row) => row['active'] === true || row['default'] === true)
    .flatMap((row): Deployment[] => {
      const number = row['number'];
      if (typeof number !== 'number' && typeof number !== 'string') return [];
      const role = row['active'] === true ? 'booted' : 'staged';
      return [deployment({ id: String(number), role, packages: [] })];
    });
  return found.some(({ role }) => role === 'booted') ? parsed(found) : unparsed('no-deployments');
}

type Found = {
  readonly id: string;
  readonly role: Deployment['role'];
  readonly origin?: string | undefined;
  readonly version?: string | undefined;
  readonly created?: JsonObject[string];
  readonly packages: readonly unknown[];
};

function deployment({ id, role, origin, version, created, packages }: Found): Deployment {
  const epoch = typeof created === 'number' ? created * 1000 : Date.parse(typeof created === 'string' ? created : '');
  const names = packages.filter((name) => typeof name === 'string').map((name) => fieldText(name, 256));
  return {
    id: fieldText(id, 256),
    role,
    ...(origin === undefined ? {} : { origin: fieldText(publicUri(origin), 1024) }),
    ...(version === undefined ? {} : { version: fieldText(version, 256) }),
    ...(epoch > 0 && epoch < 1e14 ? { createdAt: instantOf(epoch) } : {}),
    ...(names.length === 0 ? {} : { packages: names.toSorted().slice(0, 1024) }),
  };
}
