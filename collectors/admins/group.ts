/** group(5), read the way glibc reads it; see passwd.ts for what counts and what makes the file unusable. */
import type { LocalGroup, NisEntry } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { toText } from '../text.ts';
import { idOf, linesOf } from './passwd.ts';

export type GroupLine = { readonly name: string; readonly gid: number; readonly members: readonly string[] };
export type GroupFile = { readonly groups: GroupLine[]; readonly nisEntries: NisEntry[] };

const maxGroups = 100_000;
const maxNameLength = 65_536;

export function parseGroup(text: string, file: string): Parsed<GroupFile> {
  const groups: GroupLine[] = [];
  const nisEntries: NisEntry[] = [];
  for (const { line, number } of linesOf(text)) {
    const [name = '', password, gidField, list = ''] = line.split(':');
    if (/^[+-]/.test(name)) {
      nisEntries.push({ definedIn: file, line: number, entry: toText(name) });
      continue;
    }
    const gid = idOf(gidField);
    const members = list
      .split(',')
      .map((member) => member.trim())
      .filter((member) => member !== '');
    if (password === undefined || gid === undefined || [name, ...members].some((each) => each.length > maxNameLength))
      return unparsed('malformed-line', `${file} line ${number}`);
    groups.push({ name, gid, members });
  }
  if (groups.length === 0) return unparsed('no-entries', file);
  if (groups.length > maxGroups) return unparsed('too-many-entries', file);
  return parsed({ groups, nisEntries });
}

/**
 * Groups that open a way to root by themselves, or to what root guards: the shell of root's group,
 * sudo's usual groups, container and machine managers, raw disks, password hashes, the console,
 * /usr/local on Debian, logs, and groups that cloud agents give sudo to.
 */
export const groupsOfNote: ReadonlySet<string> = new Set([
  'root',
  'sudo',
  'wheel',
  'admin',
  'adm',
  'docker',
  'podman',
  'lxd',
  'incus',
  'incus-admin',
  'libvirt',
  'kvm',
  'disk',
  'shadow',
  'sys',
  'staff',
  'video',
  'systemd-journal',
  'google-sudoers',
]);

type Primary = { readonly name: LocalGroup['members'][number]; readonly gid: number };

/**
 * Those that matter: of note, group id 0, or named (sudo compares group names without regard to case,
 * sudoers(5) case_insensitive_group), and every other name for the same ids, since membership goes by id.
 */
export function groupsThatMatter(
  groups: readonly GroupLine[],
  primaries: readonly Primary[],
  named: ReadonlySet<string>,
): LocalGroup[] {
  const wanted = new Set([...named].map((name) => name.toLowerCase()));
  const ids = new Set(
    groups
      .filter(
        ({ name, gid }) =>
          gid === 0 || groupsOfNote.has(name) || wanted.has(name.toLowerCase()) || wanted.has(`#${gid}`),
      )
      .map(({ gid }) => gid),
  );
  return groups
    .filter(({ gid }) => ids.has(gid))
    .map(({ name, gid, members }) => ({ name: toText(name), gid, members: allMembers(gid, members, primaries) }));
}

function allMembers(gid: number, listed: readonly string[], primaries: readonly Primary[]): LocalGroup['members'] {
  const seen = new Set(listed);
  const others = primaries
    .filter((account) => account.gid === gid)
    .map(({ name }) => name)
    .filter((name) => typeof name !== 'string' || !seen.has(name));
  return [...[...seen].map(toText), ...others];
}
