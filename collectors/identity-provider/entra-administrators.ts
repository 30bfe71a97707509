/** Who holds or may activate a role, directly or through a group. */
import type { Directory } from '../../agent/directory/directory.ts';
import type { DirectoryAdministrator, Fact, HeldRole, Unseen } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { type Account, type Assignment, accountOf, parseAssignments, parseRoles, type Role } from './entra-people.ts';
import { member } from './json.ts';
import { parsedList } from './listing.ts';

/** A principal with its roles, before its single facts are asked for. */
export type Holder = {
  readonly id: string;
  readonly kind: DirectoryAdministrator['kind'];
  readonly account: Account | undefined;
  readonly roles: readonly HeldRole[];
};

export type Holders = {
  readonly holders: Fact<readonly Holder[]>;
  readonly eligibleRoles: Fact<number>;
  readonly eligibleGroupMembers: Fact<number>;
};

/** Where a group's members are not to be had, the group itself stands among the holders. */
export async function holdersOf(directory: Directory): Promise<Holders> {
  const roles = await parsedList(directory.list('entra-roles'), parseRoles);
  const active = await parsedList(directory.list('entra-role-assignments'), parseAssignments);
  const eligible = await parsedList(directory.list('entra-role-eligibilities'), parseAssignments);
  const eligibleRoles: Fact<number> =
    eligible.status === 'observed' ? { ...eligible, value: eligible.value.length } : eligible;
  if (active.status !== 'observed')
    return {
      holders: active,
      eligibleRoles,
      eligibleGroupMembers: unseen(active.status, 'roles-not-seen', active.sources),
    };
  const names = roles.status === 'observed' ? roles.value : new Map<string, Role>();
  const held = [
    ...active.value.map((assignment) => ({ assignment, state: 'active' as const })),
    ...(eligible.status === 'observed' ? eligible.value : []).map((assignment) => ({
      assignment,
      state: 'eligible' as const,
    })),
  ];
  const book = new Map<string, { kind: Holder['kind']; account: Account | undefined; roles: HeldRole[] }>();
  const enter = (id: string, kind: Holder['kind'], account: Account | undefined, role: HeldRole): void => {
    const entry = book.get(id) ?? { kind, account, roles: [] };
    if (!entry.roles.some((each) => sameRole(each, role))) entry.roles.push(role);
    book.set(id, { ...entry, account: entry.account ?? account });
  };
  const groups = new GroupReader(directory);
  for (const { assignment, state } of held) {
    const role = heldRole(assignment, state, names);
    if (assignment.kind !== 'group') {
      enter(assignment.principalId, assignment.kind, assignment.account, role);
      continue;
    }
    const via = assignment.principalId;
    const { members, complete } = await groups.members(via);
    for (const account of members) enter(account.id, 'user', account, { ...role, via });
    // Those that are missing are somebody too.
    if (!complete) enter(via, 'group', assignment.account, role);
    for (const account of await groups.eligible(via))
      enter(account.id, 'user', account, { ...role, via, state: 'eligible' });
  }
  const holders = [...book].map(([id, entry]) => ({ id, ...entry }));
  return {
    holders: observed(
      holders.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
      ...active.sources,
      ...eligible.sources,
    ),
    eligibleRoles,
    eligibleGroupMembers: groups.eligibleFact(active.sources),
  };
}

function heldRole({ roleId, scope }: Assignment, state: HeldRole['state'], names: ReadonlyMap<string, Role>): HeldRole {
  const role = names.get(roleId);
  return {
    id: role?.templateId ?? roleId,
    name: role?.name ?? roleId,
    state,
    scope,
    ...(role === undefined ? {} : { custom: role.custom }),
  };
}

function sameRole(one: HeldRole, other: HeldRole): boolean {
  return one.id === other.id && one.state === other.state && one.scope === other.scope && one.via === other.via;
}

/** Reads each group once, and remembers what it could not see. */
class GroupReader {
  readonly #directory: Directory;
  readonly #members = new Map<string, { members: readonly Account[]; complete: boolean }>();
  readonly #eligible = new Map<string, readonly Account[]>();
  readonly #sources: string[] = [];
  #miss: Unseen | undefined;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  async members(group: string): Promise<{ members: readonly Account[]; complete: boolean }> {
    const known = this.#members.get(group);
    if (known !== undefined) return known;
    const answer = await this.#directory.list('entra-group-members', group);
    const accounts = answer.status === 'observed' ? answer.value.items.map(accountOf) : [];
    const members = accounts.filter((account) => account !== undefined);
    const complete =
      answer.status === 'observed'
        ? answer.value.complete && members.length === accounts.length
        : answer.status === 'absent';
    const read = { members, complete };
    this.#members.set(group, read);
    return read;
  }

  async eligible(group: string): Promise<readonly Account[]> {
    const known = this.#eligible.get(group);
    if (known !== undefined) return known;
    const answer = await this.#directory.list('entra-group-eligibilities', group);
    this.#sources.push(answer.source);
    const accounts =
      answer.status === 'observed' ? answer.value.items.map((item) => accountOf(member(item, 'principal'))) : [];
    if (answer.status !== 'observed') this.#miss ??= missed(answer);
    else if (accounts.includes(undefined)) this.#miss ??= unseen('failed', 'unexpected-answer', [answer.source]);
    const found = accounts.filter((account) => account !== undefined);
    this.#eligible.set(group, found);
    return found;
  }

  /** One group that was not seen makes the count unseen: the others' sum would be too small. */
  eligibleFact(sources: readonly string[]): Fact<number> {
    if (this.#miss !== undefined) return this.#miss;
    if (this.#eligible.size === 0) return unseen('not-applicable', 'no-group-holds-a-role', sources);
    const count = [...this.#eligible.values()].reduce((sum, found) => sum + found.length, 0);
    return observed(count, ...this.#sources.slice(0, 64));
  }
}
