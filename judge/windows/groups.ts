/** Who is in which group of a Windows machine, through every group between, each chain once. */
import type { WindowsGroup, WindowsMember } from '../../schemas/generated/types.ts';
import { shownText } from '../mfa/text.ts';

export type Membership = {
  readonly member: WindowsMember;
  /** SIDs of the groups between, the outermost first. */
  readonly through: readonly string[];
  /** The chain in words, from the member to the group. */
  readonly chain: readonly string[];
  /** The earliest end of any membership in the chain; undefined where it stands. */
  readonly until: string | undefined;
};

export type Members = { readonly list: readonly Membership[]; readonly unknowns: readonly string[] };

const maxMemberships = 50_000;

/**
 * All members of a group that are no group themselves, and groups whose members nobody could list, which
 * stand for whom they hold. A group inside itself ends there.
 */
export function membersOf(sid: string, groups: readonly WindowsGroup[]): Members {
  const bySid = new Map(groups.map((group) => [group.sid, group]));
  const list: Membership[] = [];
  const unknowns: string[] = [];
  walk(sid, [], [], undefined);
  return { list, unknowns };

  function walk(at: string, through: readonly string[], words: readonly string[], until: string | undefined): void {
    const group = bySid.get(at);
    if (group === undefined) return;
    const title = titleOf(group);
    if (!group.complete) unknowns.push(`who is in ${title}: ${group.reason ?? 'not known'}`);
    for (const member of group.members) {
      if (list.length >= maxMemberships) {
        unknowns.push(`who else is in ${title}: too many`);
        return;
      }
      const { sid: inner } = member;
      const ends = earlier(until, member.until !== undefined && 'at' in member.until ? member.until.at : undefined);
      const below = [...through, at];
      if (inner !== undefined && below.includes(inner)) continue;
      if (inner !== undefined && bySid.has(inner)) walk(inner, below, [title, ...words], ends);
      else list.push({ member, through: below, chain: [nameOf(member), title, ...words], until: ends });
    }
  }
}

function earlier(left: string | undefined, right: string | undefined): string | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return left < right ? left : right;
}

export function titleOf({ sid, name }: Pick<WindowsGroup, 'sid' | 'name'>): string {
  return name === undefined ? withRole(sid) : `${shownText(name)} (${sid})`;
}

export function nameOf({ sid, name }: WindowsMember): string {
  if (name !== undefined) return shownText(name);
  return sid === undefined ? 'somebody without a name' : withRole(sid);
}

const roles: Readonly<Record<string, string>> = {
  '500': 'the built-in administrator',
  '512': 'Domain Admins',
  '513': 'Domain Users',
  '518': 'Schema Admins',
  '519': 'Enterprise Admins',
};

/** What a SID is by its last number, where nobody could name it. */
function withRole(sid: string): string {
  const role = roles[/^S-1-5-21-.*-([0-9]+)$/.exec(sid)?.[1] ?? ''];
  return role === undefined ? sid : `${sid} (${role})`;
}

/** Everyone, Anonymous, Authenticated Users, Interactive, Network, Users, Guests, Domain Users, Computers and Guests. */
export function isBroad(sid: string): boolean {
  return /^S-1-1-0$|^S-1-5-(?:2|4|7|11|15|32-545|32-546|32-554)$|^S-1-5-21-.*-(?:513|514|515)$/.test(sid);
}
