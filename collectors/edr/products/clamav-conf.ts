/** clamd.conf(5): `Name value`, one a line; `Example` on a line of its own switches the whole file off. */
import type { ProtectionExclusion, RealTimeProtection } from '../../../schemas/generated/types.ts';
import type { Digests } from '../../collector.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { exclusionOf, pathClassOf } from '../path-class.ts';

/** Values by name in lower case, in the file's order. */
export type ClamdConf = ReadonlyMap<string, readonly string[]>;

/** Fails with `example-configuration` where clamd itself would refuse the file. */
export function parseClamdConf(text: string): Parsed<ClamdConf> {
  const conf = new Map<string, string[]>();
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const match = /^([A-Za-z][A-Za-z0-9]{1,63})(?:\s+(\S.*))?$/.exec(trimmed);
    if (match === null) return unparsed('unexpected-line', `line ${index + 1}`);
    const name = (match[1] ?? '').toLowerCase();
    if (name === 'example') return unparsed('example-configuration');
    const value = (match[2] ?? '').replace(/\s+#.*$/, '').replaceAll(/^"|"$/g, '');
    conf.set(name, [...(conf.get(name) ?? []), value]);
  }
  return conf.size > 0 ? parsed(conf) : unparsed('no-settings');
}

/** Everything that is never scanned on access, or never at all. */
export function clamdExclusions(conf: ClamdConf, digests: Digests): ProtectionExclusion[] {
  const exclusions: ProtectionExclusion[] = [];
  // A regular expression; its fixed beginning says what kind of place it is.
  for (const value of conf.get('excludepath') ?? [])
    exclusions.push({
      ...exclusionOf(fixedPart(value), { kind: 'path', recursive: true }, digests),
      keyedDigest: digests.keyed(`edr exclusion\nclamd ExcludePath\n${value}`),
      ...(/[.*+?[({\\]/.test(value.replace(/^\^/, '')) && { wildcard: true }),
    });
  for (const value of conf.get('onaccessexcludepath') ?? [])
    exclusions.push(exclusionOf(value, { kind: 'path', appliesTo: ['real-time'], recursive: true }, digests));
  for (const name of ['onaccessexcludeuid', 'onaccessexcludeuname'])
    for (const value of conf.get(name) ?? [])
      exclusions.push({
        ...exclusionOf(value, { kind: 'account', appliesTo: ['real-time'] }, digests),
        ...((value === '0' || value === 'root') && { name: 'root' }),
      });
  if (conf.get('onaccessexcluderootuid')?.at(-1)?.toLowerCase() === 'yes')
    exclusions.push({ ...exclusionOf('root', { kind: 'account', appliesTo: ['real-time'] }, digests), name: 'root' });
  return exclusions.slice(0, 4096);
}

function fixedPart(pattern: string): string {
  const bare = pattern.replace(/^\^/, '').replace(/\$$/, '');
  const at = bare.search(/[.*+?[({\\|]/);
  const fixed = at < 0 ? bare : bare.slice(0, at);
  return fixed === '' ? '*' : fixed;
}

/** The folders and mounts that clamonacc is told to watch. */
export function watchedPlaces(conf: ClamdConf, digests: Digests): NonNullable<RealTimeProtection['watched']> {
  const places = [...(conf.get('onaccessincludepath') ?? []), ...(conf.get('onaccessmountpath') ?? [])];
  return places.slice(0, 1024).map((place) => ({
    pathClass: pathClassOf(place),
    keyedDigest: digests.keyed(`edr watched\n${place}`),
  }));
}
