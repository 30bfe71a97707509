/**
 * Whose files are looked at: the accounts that the local files make administrators. It rather looks
 * at one too many; who really is one the judge says, from the admins document.
 */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, Text } from '../../schemas/generated/types.ts';
import { parseGroup } from '../admins/group.ts';
import { parsePasswd } from '../admins/passwd.ts';
import { readSudoers } from '../admins/sudoers-files.ts';
import { policyOf } from '../admins/sudoers-policy.ts';
import { fromAnswer, observed, unparsed } from '../fact.ts';
import { decodeBytes, fromBase64 } from '../text.ts';

export type Administrator = {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
  /** Groups by name, the primary one among them. */
  readonly groups: readonly string[];
};

export type Group = { readonly name: string; readonly members: readonly string[] };

export type People = {
  readonly administrators: readonly Administrator[];
  /** How many more there are than are looked at. */
  readonly leftOut: number;
  /** Every group of the local files, with those who have it as primary group. */
  readonly groups: readonly Group[];
};

/** Files are read for so many. */
const maxAdministrators = 500;
const maxBytes = 16 * 1024 * 1024;
/** Groups whose members are root, or become it by default. */
const strong: ReadonlySet<string> = new Set([
  'root',
  'sudo',
  'wheel',
  'admin',
  'docker',
  'podman',
  'lxd',
  'incus-admin',
  'libvirt',
  'disk',
  'google-sudoers',
]);

export async function readPeople(host: Host): Promise<Fact<People>> {
  const accounts = fromAnswer(await host.readFile('/etc/passwd', { maxBytes }), ({ text, truncated }) =>
    truncated ? unparsed('truncated') : parsePasswd(text, '/etc/passwd'),
  );
  const groupFile = fromAnswer(await host.readFile('/etc/group', { maxBytes }), ({ text, truncated }) =>
    truncated ? unparsed('truncated') : parseGroup(text, '/etc/group'),
  );
  if (accounts.status !== 'observed') return accounts;
  if (groupFile.status !== 'observed') return groupFile;
  const groupIds = Map.groupBy(groupFile.value.groups, ({ gid }) => gid);
  const named = await namedInSudoers(
    host,
    new Map([...groupIds].map(([gid, list]) => [gid, list.map(({ name }) => name.toLowerCase())])),
  );
  const listed = accounts.value.accounts.map((account) => ({ ...account, name: written(account.name) }));
  const byGid = new Map<number, string[]>();
  for (const { name, gid } of listed) byGid.set(gid, [...(byGid.get(gid) ?? []), name]);
  const groups = groupFile.value.groups.map(({ name, gid, members }) => ({
    name,
    members: [...new Set([...members, ...(byGid.get(gid) ?? [])])],
  }));
  const groupsOf = new Map<string, string[]>();
  for (const { name, members } of groups)
    for (const member of members) groupsOf.set(member, [...(groupsOf.get(member) ?? []), name]);
  const all = listed
    .map(({ name, uid, home = '/' }) => ({ name, uid, home: written(home), groups: groupsOf.get(name) ?? [] }))
    .filter(
      ({ name, uid, groups: own }) =>
        uid === 0 ||
        own.some((group) => strong.has(group) || named.groups.has(group.toLowerCase())) ||
        named.users.has(name.toLowerCase()) ||
        named.ids.has(uid),
    );
  const administrators = all.slice(0, maxAdministrators);
  return observed(
    { administrators, leftOut: all.length - administrators.length, groups },
    ...accounts.sources,
    ...groupFile.sources,
  );
}

type Named = { readonly users: Set<string>; readonly groups: Set<string>; readonly ids: Set<number> };

/** Sudo rules that could not be read name nobody here; what they would say is missing in the admins document too. */
async function namedInSudoers(host: Host, byGid: ReadonlyMap<number, readonly string[]>): Promise<Named> {
  const named: Named = { users: new Set(), groups: new Set(), ids: new Set() };
  const entries = await readSudoers(host);
  if (entries.status !== 'observed') return named;
  const policy = policyOf(entries.value);
  if (!policy.ok) return named;
  for (const user of policy.value.rules.flatMap(({ users }) => users).map(written)) {
    const bare = user.replace(/^!/, '');
    if (/^%#\d+$/.test(bare)) for (const group of byGid.get(Number(bare.slice(2))) ?? []) named.groups.add(group);
    else if (/^%[^:#]/.test(bare)) named.groups.add(bare.slice(1).toLowerCase());
    else if (/^#\d+$/.test(bare)) named.ids.add(Number(bare.slice(1)));
    else if (!/^[%+]/.test(bare)) named.users.add(bare.replace(/^\\/, '').toLowerCase());
  }
  return named;
}

/** A name as it stood in the file, bytes that are not UTF-8 as lone surrogates. */
export function written(name: Text): string {
  return typeof name === 'string' ? name : decodeBytes(fromBase64(name.bytes) ?? new Uint8Array());
}
