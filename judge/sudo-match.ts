/** Whether a sudoers(5) list of users means an account. The last member that matches decides, `!` says no. */
import type { LocalGroup, Text } from '../schemas/generated/types.ts';

export type Match = 'yes' | 'no' | 'maybe';

type Account = { readonly name: Text; readonly uid?: number; readonly gid?: number };

/** `maybe` where a netgroup, a directory's group or bytes leave it open; a name taken away for sure is `no`. */
export function matchesUser(users: readonly Text[], account: Account, groups: readonly LocalGroup[]): Match {
  let result: Match = 'no';
  for (const user of users) {
    const negated = typeof user === 'string' && user.startsWith('!');
    const match = matchesMember(negated ? user.slice(1) : user, account, groups);
    if (match === 'yes') result = negated ? 'no' : 'yes';
    else if (match === 'maybe' && !negated && result === 'no') result = 'maybe';
  }
  return result;
}

function matchesMember(member: Text, account: Account, groups: readonly LocalGroup[]): Match {
  if (typeof member !== 'string') return sameUser(member, account.name) ? 'yes' : 'maybe';
  if (member === 'ALL') return 'yes';
  if (member.startsWith('\\')) return yes(sameUser(member.slice(1), account.name));
  if (member.startsWith('+') || member.startsWith('%:')) return 'maybe';
  if (member.startsWith('#')) return account.uid === undefined ? 'maybe' : yes(Number(member.slice(1)) === account.uid);
  if (!member.startsWith('%')) return yes(sameUser(member, account.name));
  const group = member.slice(1);
  // sudo compares names of groups without regard to case (sudoers(5), case_insensitive_group).
  return yes(groups.some(({ name, gid }) => `#${gid}` === group || sameGroup(name, group)));
}

/** As sudo compares names of users since 1.9.0 unless it is told otherwise (sudoers(5), case_insensitive_user). */
export function sameUser(a: Text, b: Text): boolean {
  return typeof a === 'string' && typeof b === 'string' ? a.toLowerCase() === b.toLowerCase() : equal(a, b);
}

function sameGroup(name: Text, group: string): boolean {
  return typeof name === 'string' && name.toLowerCase() === group.toLowerCase();
}

function yes(condition: boolean): Match {
  return condition ? 'yes' : 'no';
}

function equal(a: Text, b: Text): boolean {
  return typeof a === 'string' ? a === b : typeof b !== 'string' && a.bytes === b.bytes;
}
