/** The sections of a recording as look-up tables that remember what was asked for. */
import { encodeText, isUtf8, toBase64 } from '../../collectors/text.ts';
import { jsonPointer } from '../../evidence/json-pointer.ts';
import type { Recording } from '../../schemas/generated/types.ts';

export type SectionName = 'files' | 'stats' | 'links' | 'lists' | 'registry' | 'queries' | 'system';
type Section<Name extends SectionName> = NonNullable<Recording[Name]>;

export type Sections = {
  find<Name extends SectionName>(name: Name, key: string): { entry: Section<Name>[string]; key: string } | undefined;
  noteCommand(index: number): void;
  readonly unread: () => string[];
};

/**
 * How a recording names a path that is not UTF-8, which JSON cannot hold: `bytes:` and the base64 of
 * its bytes. No absolute path looks like that.
 */
export function recordedPath(path: string): string {
  return isUtf8(path) ? path : `bytes:${toBase64(encodeText(path))}`;
}

const hives: readonly (readonly [RegExp, string])[] = [
  [/^hkey_local_machine(?=\\|$)/, 'hklm'],
  [/^hkey_users(?=\\|$)/, 'hku'],
  [/^hkey_current_user(?=\\|$)/, 'hkcu'],
  [/^hkey_classes_root(?=\\|$)/, 'hkcr'],
];

/** Windows paths and registry keys ignore case; drives and hives have more than one spelling. */
function comparable(name: SectionName, key: string, os: Recording['os']): string {
  if (name === 'registry') {
    const plain = key
      .toLowerCase()
      .replace(/^(hk[a-z_]+):/, '$1')
      .replace(/\\+$/, '');
    return hives.reduce((text, [long, short]) => text.replace(long, short), plain);
  }
  if (name === 'queries' || name === 'system') return key;
  return os === 'windows' ? key.toLowerCase().replaceAll('/', '\\') : recordedPath(key);
}

export function sectionsOf(recording: Recording): Sections {
  const tables = new Map<SectionName, Map<string, { key: string; entry: unknown }>>();
  const read = new Set<string>();
  const names: readonly SectionName[] = ['files', 'stats', 'links', 'lists', 'registry', 'queries', 'system'];
  for (const name of names) {
    const entries = Object.entries<unknown>(recording[name] ?? {});
    tables.set(name, new Map(entries.map(([key, entry]) => [comparable(name, key, recording.os), { key, entry }])));
  }
  const everything = [
    ...names.flatMap((name) => Object.keys(recording[name] ?? {}).map((key) => jsonPointer([name, key]))),
    ...(recording.commands ?? []).map((_, index) => jsonPointer(['commands', index])),
  ];
  return {
    find<Name extends SectionName>(name: Name, wanted: string) {
      const found = tables.get(name)?.get(comparable(name, wanted, recording.os));
      if (found === undefined) return undefined;
      read.add(jsonPointer([name, found.key]));
      return { key: found.key, entry: found.entry as Section<Name>[string] };
    },
    noteCommand(index) {
      read.add(jsonPointer(['commands', index]));
    },
    unread: () => everything.filter((pointer) => !read.has(pointer)),
  };
}
