/** Alpine's short files: /etc/apk/repositories and /etc/apk/world (apk-repositories(5), apk-world(5)). */
import type { Repository } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { fieldText, publicUri } from './field-text.ts';

/**
 * One repository a line: `https://dl-cdn.alpinelinux.org/alpine/v3.20/main`, with `@edge` before it where only
 * packages that ask for it are taken. Signatures of indexes are always checked, against /etc/apk/keys.
 */
export function parseApkRepositories(text: string, path: string): Parsed<Repository[]> {
  const repositories: Repository[] = [];
  for (const [index, raw] of text.toWellFormed().split('\n').entries()) {
    const line = raw.replace(/#.*$/, '').trim();
    if (line === '') continue;
    const [, tag, version, address, components = ''] =
      /^(?:(@\S+)\s+)?(?:(v[23])\s+)?((?:https?:\/\/|ftp:\/\/|file:\/\/|\/)\S*)((?:\s+\S+)*)$/.exec(line) ?? [];
    if (address === undefined) return unparsed('malformed-source-entry', `${path} line ${index + 1}`);
    repositories.push({
      ...(tag === undefined ? {} : { id: fieldText(tag, 256) }),
      definedIn: fieldText(path, 1024),
      line: index + 1,
      types: ['apk'],
      uris: [fieldText(publicUri(address), 2048)],
      suites: version === undefined ? [] : [version],
      components: components
        .split(/\s+/)
        .filter(Boolean)
        .slice(0, 64)
        .map((each) => fieldText(each, 256)),
      enabled: true,
      signaturePolicy: 'default',
      checksMetadata: true,
      checksPackages: true,
    });
  }
  return parsed(repositories.slice(0, 4096));
}

/** Constraints that keep a package from what is newest: `nginx=1.26.1-r0`, `nginx<1.27`, `nginx~1.26`. Names by rule. */
export function parseApkPins(text: string): ReadonlyMap<string, string> {
  const pins = new Map<string, string>();
  for (const word of text.toWellFormed().split(/\s+/)) {
    const [, name, operator] = /^([^\s!=<>~@][^\s=<>~@]{0,255})(=~?|~=?|<=?|><)\S{1,256}$/.exec(word) ?? [];
    if (name !== undefined && operator !== undefined) pins.set(name, word);
  }
  return pins;
}
