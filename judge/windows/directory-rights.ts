/**
 * Ways to the whole domain past its groups: who may take every secret of the directory, rewrite who may what, put
 * himself into a privileged group, or act as somebody else towards a controller.
 */
import type { DirectoryGrant, DirectoryGuard, WindowsGroup } from '../../schemas/generated/types.ts';
import { shownText } from '../mfa/text.ts';
import type { Admins } from '../ways.ts';
import { isBroad, titleOf } from './groups.ts';

export type DirectoryWay = { readonly sid: string; readonly via: string };

type Right = DirectoryGrant['right'];

/** Rights on an object by which it, and with it the domain, is changed. */
const changing: ReadonlySet<Right> = new Set([
  'full-control',
  'write-rules',
  'take-ownership',
  'owner',
  'write-all',
  'write-members',
  'write-delegation',
  'write-policies',
] as const);

const words: Readonly<Record<DirectoryGuard['object'], string>> = {
  domain: "the domain's head",
  'admin-sd-holder': 'AdminSDHolder',
  'domain-controllers': 'the folder of the domain controllers',
  group: 'a privileged group',
};

/** SYSTEM, the object itself, owners in general, Enterprise Domain Controllers, Administrators. */
const masters = /^S-1-5-(?:18|9|10|32-544)$|^S-1-3-[04]$/;
/** Domain Admins and Controllers, Schema and Enterprise Admins, and those of the forest; who is in them counts already. */
const masterRids = /^S-1-5-21-.*-(?:498|512|516|518|519)$/;

/** `faults` and `unknowns` get what is no way of one account. */
export function directoryWays(admins: Admins, faults: string[], unknowns: string[]): DirectoryWay[] {
  const { directoryGuards, directoryDelegations, windowsGroups } = admins;
  const groups = windowsGroups.status === 'observed' ? windowsGroups.value : [];
  const ways: DirectoryWay[] = [];
  if (directoryGuards.status === 'observed')
    for (const guard of directoryGuards.value) ways.push(...guardWays(guard, groups, unknowns));
  else if (directoryGuards.status !== 'not-applicable') unknowns.push(`directoryGuards: ${directoryGuards.reason}`);
  if (directoryDelegations.status === 'observed')
    for (const {
      sid,
      name,
      enabled,
      controller,
      unconstrained,
      actors = [],
      actorsUnread,
    } of directoryDelegations.value) {
      const title = name === undefined ? sid : `${shownText(name)} (${sid})`;
      if (!controller && unconstrained && enabled)
        faults.push(`${title} is trusted for delegation without bounds: whoever controls it is whoever logs on to it`);
      if (!controller) continue;
      if (actorsUnread === true) unknowns.push(`who may act as others towards the controller ${title}`);
      for (const actor of actors)
        if (!isMaster(actor)) ways.push({ sid: actor, via: `acts as anybody towards the controller ${title}` });
    }
  else if (directoryDelegations.status !== 'not-applicable')
    unknowns.push(`directoryDelegations: ${directoryDelegations.reason}`);
  for (const { sid, via } of ways) if (isBroad(sid)) faults.push(`everybody of ${sid} ${via}`);
  return ways;
}

function guardWays(guard: DirectoryGuard, groups: readonly WindowsGroup[], unknowns: string[]): DirectoryWay[] {
  const { object, sid, grants, reason } = guard;
  const group = groups.find((each) => each.sid === sid);
  const what = object === 'group' && sid !== undefined ? titleOf(group ?? { sid }) : words[object];
  if (grants === undefined) {
    // Key Admins came with Windows Server 2016; the directory says of what it hides, too, that it is not there.
    if (!(reason === 'no-such-object' && /-52[67]$/.test(sid ?? '')))
      unknowns.push(`who may change ${what}: ${reason ?? 'not known'}`);
    return [];
  }
  const ways: DirectoryWay[] = [];
  for (const who of new Set(grants.map((grant) => grant.sid))) {
    if (isMaster(who) || who === sid) continue;
    const rights = new Set(grants.filter((grant) => grant.sid === who).map(({ right }) => right));
    const found = [...rights].filter((right) => changing.has(right));
    if (found.length > 0) ways.push({ sid: who, via: `may change ${what} (${found.join(', ')})` });
    else if (object === 'domain' && replicates(rights))
      ways.push({ sid: who, via: 'may take every secret of the directory (replication)' });
  }
  return ways;
}

/** Both rights together, or every extended right ([MS-DRSR] 4.1.10.5.5). */
function replicates(rights: ReadonlySet<Right>): boolean {
  return rights.has('all-extended-rights') || (rights.has('replicate-changes') && rights.has('replicate-changes-all'));
}

function isMaster(sid: string): boolean {
  return masters.test(sid) || masterRids.test(sid);
}
