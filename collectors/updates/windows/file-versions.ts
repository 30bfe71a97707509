/** Versions of files, as the query file-versions gives them. */
import type { Answer } from '../../../agent/host/host.ts';
import { isRawObject, rawList, rawPart, rawVersion } from '../../raw-json.ts';

export type FileVersions = { readonly source: string; readonly versions: ReadonlyMap<string, string> };

/** By path in lower case; files whose version could not be read are not among them. */
export function parseFileVersions(answer: Answer<unknown>): FileVersions {
  const { source } = answer;
  if (answer.status !== 'observed') return { source, versions: new Map() };
  const versions = new Map<string, string>();
  for (const each of rawList(answer.value)) {
    if (!isRawObject(each) || typeof each['path'] !== 'string') continue;
    const part = rawPart(each['version']);
    const version = part.ok ? rawVersion(part.value) : undefined;
    if (version !== undefined) versions.set(each['path'].toLowerCase(), version);
  }
  return { source, versions };
}

export function versionOf({ versions }: FileVersions, path: string): string | undefined {
  return versions.get(path.toLowerCase());
}
