/** What Ubuntu Pro says of itself (pro(1)): updates that only it gives, and what is switched on. */
import type { Subscription } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { fieldText } from './field-text.ts';
import { instantOf } from './instant.ts';
import { isObject, objectIn, objectsIn, parseJson, textIn } from './json-value.ts';

export type ProUpdate = {
  readonly name: string;
  readonly version: string;
  readonly origin: string;
  /** esm-infra, esm-apps, standard-security, standard-updates. */
  readonly providedBy: string;
  /** upgrade_available, pending_attach, pending_enable, upgrade_unavailable. */
  readonly status: string;
};

/** `pro api u.pro.packages.updates.v1`. Fails with `unexpected-json` and with `api-error`. */
export function parseProUpdates(text: string): Parsed<readonly ProUpdate[]> {
  const json = parseJson(text);
  if (!json.ok) return json;
  const attributes = objectIn(objectIn(json.value, 'data'), 'attributes');
  if (textIn(json.value, 'result') === 'failure') return unparsed('api-error');
  if (attributes === undefined || !Array.isArray(attributes['updates'])) return unparsed('unexpected-json');
  const updates: ProUpdate[] = [];
  for (const entry of objectsIn(attributes, 'updates')) {
    const name = textIn(entry, 'package');
    const version = textIn(entry, 'version');
    if (name === undefined || version === undefined || Math.max(name.length, version.length) > 256)
      return unparsed('unexpected-json');
    updates.push({
      name: name.toWellFormed(),
      version: version.toWellFormed(),
      origin: fieldText(textIn(entry, 'origin') ?? '', 256),
      providedBy: fieldText(textIn(entry, 'provided_by') ?? '', 256),
      status: textIn(entry, 'status') ?? '',
    });
  }
  return parsed(updates);
}

/** /var/lib/ubuntu-advantage/status.json, what `pro status --format json` prints. Fails with `unexpected-json`. */
export function parseProStatus(text: string): Parsed<Subscription> {
  const json = parseJson(text);
  if (!json.ok) return json;
  if (!isObject(json.value) || typeof json.value['attached'] !== 'boolean') return unparsed('unexpected-json');
  const expires = Date.parse(textIn(json.value, 'expires') ?? '');
  const services = objectsIn(json.value, 'services').flatMap((entry) => {
    const name = textIn(entry, 'name');
    const status = textIn(entry, 'status') ?? (textIn(entry, 'available') === undefined ? undefined : 'not-attached');
    return name === undefined || status === undefined
      ? []
      : [{ name: fieldText(name, 128), status: fieldText(status, 64) }];
  });
  const version = textIn(json.value, 'version');
  return parsed({
    system: 'ubuntu-pro',
    ...(version === undefined || version === '' ? {} : { clientVersion: fieldText(version, 128) }),
    attached: json.value['attached'],
    ...(Number.isNaN(expires) ? {} : { expires: instantOf(expires) }),
    ...(services.length === 0 ? {} : { services: services.slice(0, 256) }),
  });
}
