/**
 * Whether a conditional access policy reaches an administrator. An exclusion wins over an inclusion.
 * https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-users-groups
 */
import type { ConditionalAccessPolicy, DirectoryAdministrator, PolicyUsers } from '../../schemas/generated/types.ts';

export type Sure = 'yes' | 'no' | 'maybe';
export type Reach = {
  readonly sure: Sure;
  /** Why it is left out, where it is. */
  readonly exclusion?: string;
  /** What would have to be known. */
  readonly unknown?: string;
};

type Found = { readonly sure: Sure; readonly why: string };

export function reaches({ users, name }: ConditionalAccessPolicy, administrator: DirectoryAdministrator): Reach {
  const included = either([
    byUser(users.includeUsers, administrator),
    byGroup(users.includeGroups, administrator),
    byRole(users.includeRoles, administrator),
    guests(users.includesGuests, administrator),
  ]);
  if (included.sure === 'no') return { sure: 'no' };
  const excluded = excludes(users, administrator);
  if (excluded.sure === 'yes') return { sure: 'no', exclusion: `${name}: ${excluded.why}` };
  const doubt = [included, excluded].find(({ sure }) => sure === 'maybe');
  return doubt === undefined ? { sure: 'yes' } : { sure: 'maybe', unknown: `${name}: ${doubt.why}` };
}

function excludes(users: PolicyUsers, administrator: DirectoryAdministrator): Found {
  return either([
    byUser(users.excludeUsers, administrator),
    byGroup(users.excludeGroups, administrator),
    byRole(users.excludeRoles, administrator),
    guests(users.excludesGuests, administrator),
  ]);
}

function either(found: readonly Found[]): Found {
  return (
    found.find(({ sure }) => sure === 'yes') ?? found.find(({ sure }) => sure === 'maybe') ?? { sure: 'no', why: '' }
  );
}

function byUser(names: readonly string[], { id, class: kind }: DirectoryAdministrator): Found {
  if (names.includes('All')) return { sure: 'yes', why: 'all users' };
  if (names.some((name) => name.toLowerCase() === id)) return { sure: 'yes', why: 'named by itself' };
  if (!names.includes('GuestsOrExternalUsers')) return { sure: 'no', why: '' };
  if (kind === 'unknown') return { sure: 'maybe', why: 'whether the account is a guest was not seen' };
  return kind === 'guest' ? { sure: 'yes', why: 'guests' } : { sure: 'no', why: '' };
}

/** Kinds of guests are told apart by more than the document has. */
function guests(named: boolean, { class: kind }: DirectoryAdministrator): Found {
  if (!named || (kind !== 'guest' && kind !== 'unknown')) return { sure: 'no', why: '' };
  return { sure: 'maybe', why: 'it names kinds of guests, which are not modelled' };
}

function byGroup(wanted: readonly string[], { groups }: DirectoryAdministrator): Found {
  if (wanted.length === 0) return { sure: 'no', why: '' };
  if (groups.status !== 'observed')
    return { sure: 'maybe', why: `the groups of the account were not seen (${groups.reason})` };
  const found = wanted.find((group) => groups.value.includes(group.toLowerCase()));
  return found === undefined ? { sure: 'no', why: '' } : { sure: 'yes', why: `the group ${found}` };
}

/** Only built-in roles that are active over the whole tenant count; what is merely eligible counts once it is activated. */
function byRole(wanted: readonly string[], { roles }: DirectoryAdministrator): Found {
  if (wanted.length === 0) return { sure: 'no', why: '' };
  if (roles.status !== 'observed')
    return { sure: 'maybe', why: `the roles of the account were not seen (${roles.reason})` };
  const ids = new Set(wanted.map((role) => role.toLowerCase()));
  const held = roles.value.filter((role) => ids.has(role.id) && role.custom !== true);
  const active = held.find(({ state, scope }) => state === 'active' && scope === 'tenant');
  if (active !== undefined) return { sure: 'yes', why: `the role ${active.name}` };
  const vague = held.find(({ state, scope }) => state === 'eligible' || scope === 'unknown');
  if (vague === undefined) return { sure: 'no', why: '' };
  return {
    sure: 'maybe',
    why:
      vague.state === 'eligible'
        ? `the role ${vague.name} is only eligible, and what its activation asks for is not modelled`
        : `over what the role ${vague.name} is held was not seen`,
  };
}
