/** Microsoft Entra: policies, whom they reach, and whom they leave out. */
import { blockLegacy, type Case, modern } from './case.ts';
import {
  administrator,
  alice,
  globalAdministrator,
  group,
  nothingRegistered,
  policy,
  seen,
  tenant,
  unseen,
} from './tenants.ts';

export const entraWhoCases: readonly Case[] = [
  ['MFA for all users, applications and clients', tenant([policy()]), 'required', /by MFA/],
  ['no policy at all', tenant([]), 'optional', /one factor is enough/],
  [
    'no policy and no factor registered',
    tenant([], [administrator({ registration: seen(nothingRegistered) })]),
    'notRequired',
  ],
  ['registered is not required: a factor is there, nobody asks', tenant([policy({ grant: null })]), 'optional'],
  ['a policy that is off', tenant([policy({ state: 'disabled' })]), 'optional'],
  ['report-only asks nobody', tenant([policy({ state: 'report-only' })]), 'optional', /report-only, it asks nobody/],
  ['a state that is new', tenant([policy({ state: 'unknown' })]), 'undetermined', /in force is not known/],
  ['old protocols not covered', tenant([policy({ clientAppTypes: modern })]), 'requiredWithBypass', /IMAP|ActiveSync/],
  [
    'old protocols blocked by a policy of their own',
    tenant([policy({ clientAppTypes: modern }), blockLegacy()]),
    'required',
    /Block legacy/,
  ],
  [
    'only ActiveSync left open',
    tenant([policy({ clientAppTypes: [...modern, 'other'] })]),
    'requiredWithBypass',
    /ActiveSync/,
  ],
  ['client types of a new kind', tenant([policy({ clientAppTypes: ['holodeck'] })]), 'undetermined'],
  ['browsers alone', tenant([policy({ clientAppTypes: ['browser'] }), blockLegacy()]), 'conditional', /an app to/],
  [
    'the account left out by name',
    tenant([policy({ users: { excludeUsers: [alice.toUpperCase()] } })]),
    'optional',
    /left out of MFA: named by itself/,
  ],
  [
    'break glass by group',
    tenant([policy({ users: { excludeGroups: [group] } })], [administrator({ groups: seen([group]) })]),
    'optional',
    /left out of MFA: the group/,
  ],
  [
    'an excluded group whose membership was not seen',
    tenant([policy({ users: { excludeGroups: [group] } })], [administrator({ groups: unseen('denied', 'http-403') })]),
    'undetermined',
    /groups of the account were not seen/,
  ],
  ['an excluded group of others', tenant([policy({ users: { excludeGroups: [group] } })]), 'required'],
  [
    'a role left out',
    tenant([policy({ users: { excludeRoles: [globalAdministrator] } })]),
    'optional',
    /the role Global Administrator/,
  ],
  [
    'a policy for the role, held',
    tenant([policy({ users: { includeUsers: [], includeRoles: [globalAdministrator] } })]),
    'required',
  ],
  [
    'a policy for the role, only eligible',
    tenant(
      [policy({ users: { includeUsers: [], includeRoles: [globalAdministrator] } })],
      [administrator({}, [{ state: 'eligible' }])],
    ),
    'undetermined',
    /only eligible/,
  ],
  [
    'a policy for the role, held over a part',
    tenant(
      [policy({ users: { includeUsers: [], includeRoles: [globalAdministrator] } })],
      [administrator({}, [{ scope: 'part' }])],
    ),
    'optional',
  ],
  [
    'a policy for the role, roles not seen',
    tenant(
      [policy({ users: { includeUsers: [], includeRoles: [globalAdministrator] } })],
      [administrator({ roles: unseen('denied', 'http-403') })],
    ),
    'undetermined',
  ],
  ['a policy for another group', tenant([policy({ users: { includeUsers: [], includeGroups: [group] } })]), 'optional'],
  [
    'a policy for the group',
    tenant(
      [policy({ users: { includeUsers: [], includeGroups: [group] } })],
      [administrator({ groups: seen([group]) })],
    ),
    'required',
  ],
  [
    'a guest, left out as guest',
    tenant([policy({ users: { excludeUsers: ['GuestsOrExternalUsers'] } })], [administrator({ class: 'guest' })]),
    'optional',
    /guests/,
  ],
  [
    'a guest, kinds of guests named',
    tenant([policy({ users: { excludesGuests: true } })], [administrator({ class: 'guest' })]),
    'undetermined',
    /kinds of guests/,
  ],
  ['a member, kinds of guests named', tenant([policy({ users: { excludesGuests: true } })]), 'required'],
];
