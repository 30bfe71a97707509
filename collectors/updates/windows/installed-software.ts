/** The Uninstall keys of both views. */
import type { InstalledSoftware } from '../../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { isRawObject, type RawObject, rawInteger, rawList, rawText } from '../../raw-json.ts';
import { toText } from '../../text.ts';
import { installedOn } from './hotfixes.ts';

const maxEntries = 10_000;

export function parseInstalledSoftware(value: unknown): Parsed<InstalledSoftware[]> {
  const software: InstalledSoftware[] = [];
  for (const root of rawList(value)) {
    const view = isRawObject(root) ? rawText(root['view']) : undefined;
    if (!isRawObject(root) || (view !== '64' && view !== '32')) return unparsed('answer-not-understood');
    // A 32-bit view that is not there has nothing in it; the 64-bit one is always there.
    if ((root['error'] ?? null) !== null && !(view === '32' && isGone(root['error']))) return unparsed('view-not-read');
    for (const each of rawList(root['entries'])) {
      const key = isRawObject(each) ? rawText(each['key']) : undefined;
      if (!isRawObject(each) || key === undefined) return unparsed('answer-not-understood');
      software.push(entryOf(each, key, view));
    }
  }
  if (software.length > maxEntries) return unparsed('too-many-entries');
  if (!rawList(value).some((root) => isRawObject(root) && root['view'] === '64')) return unparsed('view-not-read');
  return parsed(software.toSorted((left, right) => (order(left) < order(right) ? -1 : 1)));
}

function isGone(error: unknown): boolean {
  return isRawObject(error) && rawText(error['type']) === 'ItemNotFoundException';
}

function order({ view, key }: InstalledSoftware): string {
  return `${view} ${key}`;
}

function entryOf(each: RawObject, key: string, view: '64' | '32'): InstalledSoftware {
  const [name, publisher] = [rawText(each['name']), rawText(each['publisher'])];
  const [version, parent, release] = [rawText(each['version']), rawText(each['parent']), rawText(each['release'])];
  const { installedOn: moment } = installedOn(each['installed']);
  return {
    key: key.slice(0, 512),
    view,
    ...(name === undefined ? {} : { name: toText(name.slice(0, 1024)) }),
    ...(version === undefined ? {} : { version: version.slice(0, 256) }),
    ...(publisher === undefined ? {} : { publisher: toText(publisher.slice(0, 1024)) }),
    ...(moment !== undefined && 'on' in moment ? { installedOn: moment.on } : {}),
    ...(parent === undefined ? {} : { parent: parent.slice(0, 512) }),
    ...(release === undefined ? {} : { releaseType: release.slice(0, 128) }),
    ...(rawInteger(each['hidden']) === 1 ? { hidden: true } : {}),
  };
}
