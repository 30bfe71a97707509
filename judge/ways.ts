/** The ways to root, as every part of that judgement speaks of them. */
import type { Draft } from '../collectors/collector.ts';
import type { LocalAccount, LocalGroup, Text } from '../schemas/generated/types.ts';

export type Admins = Draft<'admins'>;

export type WayToRoot = {
  /**
   * sudo-limited: some commands as root, or any with a group of root's. group: its members are root.
   * group-indirect: they come near. user-right: a privilege of Windows that makes an administrator. directory-right: what
   * the directory lets somebody do to itself. socket: writes to a manager's socket. job: owns what root runs.
   */
  readonly kind:
    | 'uid0'
    | 'sudo-all'
    | 'sudo-limited'
    | 'group'
    | 'group-indirect'
    | 'user-right'
    | 'directory-right'
    | 'socket'
    | 'doas'
    | 'polkit'
    | 'su'
    | 'job'
    | 'ssh-key';
  /** What opens it: the account file, a rule's file and line, a group. */
  readonly via: string;
  /** No password is asked on this way. */
  readonly withoutPassword: boolean;
  /** From the account to root: account, group, rule, command. */
  readonly chain: readonly string[];
  /** yes: it ends at root. no: it does not. unknown: nobody says how far it leads. */
  readonly reaches: 'yes' | 'no' | 'unknown';
  /** When it ends by itself, as it is written there. */
  readonly until?: string;
};

/** An account, or a name that only a rule knows. */
export type Who = Pick<LocalAccount, 'name'> & Partial<Pick<LocalAccount, 'uid' | 'gid' | 'shell'>>;

/** One key for a name, whichever form it has. */
export function keyOf(name: Text): string {
  return typeof name === 'string' ? `text ${name}` : `bytes ${name.bytes}`;
}

/** Local groups, and the name service's view of them where that was asked: members of both count. */
export function groupsOf({ groups, directoryGroups }: Admins): LocalGroup[] {
  const local = groups.status === 'observed' ? groups.value : [];
  const other = directoryGroups.status === 'observed' ? directoryGroups.value : [];
  return [...local, ...other.map(({ name, gid, members }) => ({ name, gid, members }))];
}

/** Groups that list the account or are its primary one. */
export function groupsWith(groups: readonly LocalGroup[], { name, gid }: Who): LocalGroup[] {
  const key = keyOf(name);
  return groups.filter((group) => group.gid === gid || group.members.some((member) => keyOf(member) === key));
}
