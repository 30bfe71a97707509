/** What the name service and sudo say where accounts, groups or rules come from a directory too. */
import type { Host } from '../../agent/host/host.ts';
import type { AccountSources, DirectoryGroup, Fact, LocalAccount, SudoListing } from '../../schemas/generated/types.ts';
import { fromAnswer, observed, type Parsed, parsed, unparsed, unseen } from '../fact.ts';
import { toText } from '../text.ts';
import { type GroupLine, parseGroup } from './group.ts';
import { parseSudoList } from './sudo-list.ts';
import { maxSources } from './unread.ts';

/** Look-ups at a directory are few: each may wait for a server that is away. */
const maxGroups = 24;
const maxAccounts = 32;
const groupsAskedFor = ['root', 'sudo', 'wheel', 'admin', 'docker', 'lxd', 'libvirt', 'disk'];
const plainName = /^[A-Za-z0-9_][A-Za-z0-9_.@\\ -]{0,255}$/;
const localServices: ReadonlySet<string> = new Set(['files', 'systemd', 'compat', 'altfiles']);

/** Whether a database asks anything but local files; undefined where that was not seen. */
function asksDirectory(sources: Fact<AccountSources>, ...databases: (keyof AccountSources)[]): boolean | undefined {
  if (sources.status === 'absent') return false;
  if (sources.status !== 'observed') return undefined;
  return databases.some((database) =>
    (sources.value[database] ?? []).some((service) => !service.startsWith('[') && !localServices.has(service)),
  );
}

/** The groups of note and those that rules name, all or none. Not asked where local files are the whole truth. */
export async function readDirectoryGroups(
  host: Host,
  sources: Fact<AccountSources>,
  named: ReadonlySet<string>,
): Promise<Fact<DirectoryGroup[]>> {
  const asks = asksDirectory(sources, 'group', 'initgroups');
  if (asks === undefined && sources.status !== 'observed') return sources;
  if (asks !== true) return unseen('not-applicable', 'local-files-only', sources.sources);
  const names = [...new Set([...groupsAskedFor, ...named])].filter((name) => plainName.test(name));
  if (names.length > maxGroups) return unseen('failed', 'too-many-entries', sources.sources);
  const groups: DirectoryGroup[] = [];
  const from: string[] = [...sources.sources];
  for (const name of names) {
    const answer = await host.exec('getent-group', name);
    const fact = fromAnswer(answer, ({ stdout, exitCode, truncated }): Parsed<GroupLine[]> => {
      // getent(1): 2 says that there is no such group.
      if (exitCode === 2) return parsed([]);
      const file = truncated ? unparsed('output-truncated') : parseGroup(stdout, 'getent group');
      return file.ok ? parsed(file.value.groups) : file;
    });
    if (fact.status === 'absent') return { ...fact, status: 'unsupported' };
    if (fact.status !== 'observed') return fact;
    from.push(...fact.sources);
    for (const { name: found, gid, members } of fact.value)
      groups.push({ name: toText(found), gid, members: members.map(toText), view: 'nss' });
  }
  return observed(groups, ...from.slice(0, maxSources));
}

/** Asked of sudo itself as root, which needs no password, for the accounts of note. */
export async function readSudoListings(
  host: Host,
  sources: Fact<AccountSources>,
  installed: Fact<boolean>,
  holders: readonly LocalAccount[],
): Promise<Fact<SudoListing[]>> {
  const asks = asksDirectory(sources, 'sudoers');
  if (asks === undefined && sources.status !== 'observed') return sources;
  if (asks !== true) return unseen('not-applicable', 'local-files-only', sources.sources);
  if (installed.status === 'observed' && !installed.value) return unseen('absent', 'no-sudo', installed.sources);
  const identity = await host.identity();
  if (identity.status === 'observed' && identity.value.uid !== undefined && identity.value.uid !== 0)
    return unseen('denied', 'not-root', [identity.source, ...sources.sources]);
  const names = holders.map(({ name }) => name).filter((name) => typeof name === 'string' && plainName.test(name));
  if (names.length > maxAccounts) return unseen('failed', 'too-many-entries', sources.sources);
  const listings: SudoListing[] = [];
  const from: string[] = [...sources.sources];
  for (const name of names) {
    if (typeof name !== 'string') continue;
    const fact = fromAnswer(await host.exec('sudo-list', name), ({ stdout, stderr, truncated }) =>
      // A refusal is said on standard error by some versions.
      truncated ? unparsed('output-truncated') : parseSudoList(stdout.trim() === '' ? stderr : stdout),
    );
    if (fact.status === 'absent') return { ...fact, status: 'unsupported' };
    if (fact.status !== 'observed') return fact;
    from.push(...fact.sources);
    listings.push({ account: name, ...fact.value });
  }
  return observed(listings, ...from.slice(0, maxSources));
}
