/** Groups and accounts of a Windows machine, and what its domain says of them. Asked for by two collectors, read once. */
import type { Host } from '../../../agent/host/host.ts';
import type { Fact, WindowsAccount, WindowsDomain, WindowsGroup } from '../../../schemas/generated/types.ts';
import { fromAnswer, observed, type Parsed, parsed, unparsed, unseen } from '../../fact.ts';
import { integerOf, objectOf, textOf } from '../../raw-objects.ts';
import { keyIsThere } from '../../registry-key.ts';
import { toText } from '../../text.ts';
import { type DirectoryRights, grantedTo, readDirectoryRights } from './directory-rights.ts';
import { type DirectoryRoot, parseDirectoryRoot } from './directory-rows.ts';
import { type Expansion, expand, type Start } from './expand.ts';
import { type ListedGroup, parseLocalAccounts, parseLocalGroups } from './local-rows.ts';
import { authorityOf, controllerGroups, exchangeGroups, exchangeSetupKey, localGroupRids, namedGroups } from './sid.ts';

export type Role = { readonly role: WindowsDomain['role']; readonly name: string | undefined };

/** DomainRole: 0 and 2 stand alone, 1 and 3 are members, 4 and 5 domain controllers. */
export function parseRole(value: unknown): Parsed<Role> {
  const object = objectOf(value);
  if (!object.ok) return object;
  const role = integerOf(object.value['DomainRole']);
  const words = ['standalone', 'member', 'standalone', 'member', 'domain-controller', 'domain-controller'] as const;
  const word = role === undefined ? undefined : words[role];
  return word === undefined
    ? unparsed('unknown-domain-role')
    : parsed({ role: word, name: textOf(object.value['Domain']) });
}

export type People = {
  readonly domain: Fact<WindowsDomain>;
  readonly groups: Fact<WindowsGroup[]>;
  readonly accounts: Fact<WindowsAccount[]>;
  readonly root: Fact<DirectoryRoot>;
  readonly expansion: Expansion;
  readonly rights: DirectoryRights;
};

const nothing: Expansion = { groups: [], accounts: [], objects: new Map(), lookUps: 0, leftOut: 0, sources: [] };

export async function readPeople(host: Host): Promise<People> {
  const role = fromAnswer(await host.query('computer-system'), parseRole);
  const root = await readRoot(host, role);
  if (role.status !== 'observed') {
    const rights = { guards: role, delegations: role };
    return { domain: role, groups: role, accounts: role, root, expansion: nothing, rights };
  }
  const onController = role.value.role === 'domain-controller';
  const rights = await readDirectoryRights(host, onController, root);
  const local: Fact<readonly ListedGroup[]> = onController
    ? observed([], ...role.sources)
    : fromAnswer(
        await host.query('local-groups', { sids: localGroupRids.map((rid) => `S-1-5-32-${rid}`) }),
        parseLocalGroups,
      );
  const accounts: Fact<readonly WindowsAccount[]> = onController
    ? observed([], ...role.sources)
    : fromAnswer(await host.query('local-accounts'), parseLocalAccounts);
  const machineSid =
    accounts.status === 'observed'
      ? accounts.value.map(({ sid }) => authorityOf(sid)).find((each) => each !== undefined)
      : undefined;
  const roleGroups = onController ? [] : await exchangeSubjects(host, root);
  const start: Start = {
    expected: roleGroups,
    local: local.status === 'observed' ? local.value : [],
    asked: onController
      ? [...new Set([...controllerSubjects(root), ...grantedTo(rights)])]
      : [...memberSubjects(root), ...roleGroups],
    accounts: accounts.status === 'observed' ? accounts.value : [],
    accountsKnown: accounts.status === 'observed' && !onController,
    machineSid,
    root,
  };
  const expansion = await expand(host, start);
  return {
    root,
    expansion,
    rights,
    domain: domainFact(role, root, expansion, machineSid),
    groups: groupsFact(local, onController, root, expansion),
    accounts: accountsFact(accounts, onController, root, expansion),
  };
}

async function readRoot(host: Host, role: Fact<Role>): Promise<Fact<DirectoryRoot>> {
  if (role.status !== 'observed') return role;
  if (role.value.role === 'standalone') return unseen('not-applicable', 'no-domain', role.sources);
  return fromAnswer(await host.query('directory-root'), parseDirectoryRoot);
}

/** Without the domain's SID the builtin groups can still be asked for. */
function controllerSubjects(root: Fact<DirectoryRoot>): readonly string[] {
  if (root.status !== 'observed') return ['S-1-5-32-544'];
  return [...controllerGroups(root.value.domainSid, root.value.forestRootSid), ...namedGroups];
}

/** Protected Users: who is in it cannot be logged on with a hash alone. */
function memberSubjects(root: Fact<DirectoryRoot>): readonly string[] {
  return root.status === 'observed' ? [`${root.value.domainSid}-525`] : [];
}

/** On an Exchange server, and where nobody could see whether it is one. */
async function exchangeSubjects(host: Host, root: Fact<DirectoryRoot>): Promise<readonly string[]> {
  if (root.status !== 'observed') return [];
  return keyIsThere(await host.registry(exchangeSetupKey)) === false ? [] : exchangeGroups;
}

function domainFact(
  role: Extract<Fact<Role>, { status: 'observed' }>,
  root: Fact<DirectoryRoot>,
  { lookUps, leftOut, sources }: Expansion,
  machineSid: string | undefined,
): Fact<WindowsDomain> {
  const alone = role.value.role === 'standalone';
  const domain: WindowsDomain = {
    role: role.value.role,
    ...(role.value.name !== undefined && { name: toText(role.value.name) }),
    ...(machineSid !== undefined && { machineSid }),
    ...(!alone && { reachable: root.status === 'observed' }),
    ...(!alone && root.status !== 'observed' && { reason: root.reason }),
    ...(root.status === 'observed' && { domainSid: root.value.domainSid, lookUps, lookUpsLeftOut: leftOut }),
    ...(root.status === 'observed' &&
      root.value.timeBound !== undefined && { timeBoundMemberships: root.value.timeBound }),
  };
  return observed(domain, ...role.sources, ...root.sources, ...sources.slice(0, 32));
}

function groupsFact(
  local: Fact<readonly ListedGroup[]>,
  onController: boolean,
  root: Fact<DirectoryRoot>,
  { groups, sources }: Expansion,
): Fact<WindowsGroup[]> {
  if (local.status !== 'observed') return local;
  // A controller that does not answer itself has told of nobody.
  if (onController && root.status !== 'observed')
    return root.status === 'not-applicable' ? unseen('failed', 'no-domain-sid', root.sources) : root;
  return groups.length > 10_000
    ? unseen('failed', 'too-many-entries', local.sources)
    : observed([...groups], ...local.sources, ...(onController ? root.sources : []), ...sources.slice(0, 56));
}

function accountsFact(
  local: Fact<readonly WindowsAccount[]>,
  onController: boolean,
  root: Fact<DirectoryRoot>,
  { accounts, sources, failure }: Expansion,
): Fact<WindowsAccount[]> {
  if (local.status !== 'observed') return local;
  if (onController && root.status !== 'observed')
    return root.status === 'not-applicable' ? unseen('failed', 'no-domain-sid', root.sources) : root;
  if (onController && failure !== undefined) return failure;
  return observed([...accounts], ...local.sources, ...(onController ? root.sources : []), ...sources.slice(0, 56));
}
