/** Microsoft Entra: where and how a policy asks, other settings, and what really happened. */
import { type Case, singleFactor, strength } from './case.ts';
import {
  abroad,
  administrator,
  alice,
  azureManagement,
  nothingRegistered,
  office,
  policy,
  seen,
  someApplication,
  tenant,
  unseen,
} from './tenants.ts';

export const entraWhereCases: readonly Case[] = [
  [
    'trusted locations left out',
    tenant([policy({ locations: { include: ['All'], exclude: ['AllTrusted'] } })]),
    'conditional',
    /trusted location/,
  ],
  [
    'one location left out',
    tenant([policy({ locations: { include: ['All'], exclude: [office] } })]),
    'conditional',
    /Head office/,
  ],
  [
    'trusted locations left out, and asked by another policy',
    tenant([
      policy({ locations: { include: ['All'], exclude: ['AllTrusted'] } }),
      policy({ locations: { include: ['AllTrusted'], exclude: [] } }),
    ]),
    'required',
  ],
  [
    'one location left out and all others blocked',
    tenant([
      policy({ locations: { include: ['All'], exclude: [office] }, grant: { controls: ['block'] } }),
      policy({ locations: { include: [office], exclude: [] } }),
    ]),
    'required',
  ],
  [
    'countries blocked, nothing asked elsewhere',
    tenant([policy({ locations: { include: [abroad], exclude: [] }, grant: { controls: ['block'] } })]),
    'optional',
  ],
  [
    'trust of a location not seen',
    tenant(
      [
        policy({ locations: { include: ['AllTrusted'], exclude: [] } }),
        policy({ locations: { include: ['All'], exclude: [office, 'AllTrusted'] } }),
      ],
      [administrator()],
      { namedLocations: unseen('denied', 'http-403') },
    ),
    'undetermined',
  ],
  [
    'platforms left out',
    tenant([policy({ platforms: { include: ['all'], exclude: ['linux'] } })]),
    'conditional',
    /on linux/,
  ],
  [
    'platforms named alone',
    tenant([policy({ platforms: { include: ['windows', 'macOS'], exclude: [] } })]),
    'conditional',
  ],
  [
    'only at high sign-in risk',
    tenant([policy({ signInRisk: ['high'] })]),
    'conditional',
    /any other application|admin portals/,
  ],
  ['only one flow', tenant([policy({ flows: ['deviceCodeFlow'], grant: { controls: ['block'] } })]), 'optional'],
  [
    'one flow blocked beside MFA for all',
    tenant([policy(), policy({ flows: ['deviceCodeFlow'], grant: { controls: ['block'] } })]),
    'required',
  ],
  [
    'one application left out',
    tenant([policy({ applications: { exclude: [someApplication] } })]),
    'conditional',
    new RegExp(someApplication),
  ],
  ['Azure management alone', tenant([policy({ applications: { include: [azureManagement] } })]), 'conditional'],
  [
    'admin portals alone',
    tenant([policy({ applications: { include: ['MicrosoftAdminPortals'] } })]),
    'conditional',
    /Azure management|Office 365|any other/,
  ],
  [
    'registration of factors alone',
    tenant([policy({ applications: { include: [], userActions: ['urn:user:registersecurityinfo'] } })]),
    'optional',
  ],
  [
    'an application selected by a filter',
    tenant([policy({ applications: { include: [] }, notModelled: ['applications.applicationFilter'] })]),
    'undetermined',
    /applicationFilter is not modelled/,
  ],
  [
    'a device filter beside nothing else',
    tenant([policy({ notModelled: ['devices'] })]),
    'undetermined',
    /the condition devices is not modelled/,
  ],
  [
    'a device filter beside MFA for all changes nothing',
    tenant([policy(), policy({ notModelled: ['devices'] })]),
    'required',
  ],
  [
    'a compliant device instead of the factor',
    tenant([policy({ grant: { controls: ['mfa', 'compliantDevice'] } })]),
    'conditional',
    /device stands in/,
  ],
  [
    'a compliant device and the factor',
    tenant([policy({ grant: { operator: 'and', controls: ['mfa', 'compliantDevice'] } })]),
    'required',
  ],
  ['terms of use instead of the factor', tenant([policy({ grant: { controls: ['mfa'], termsOfUse: 1 } })]), 'optional'],
  [
    'a control of another vendor',
    tenant([policy({ grant: { controls: [], customFactors: 1 } })]),
    'undetermined',
    /what it asks for is not modelled/,
  ],
  ['a control that is new', tenant([policy({ grant: { controls: ['telepathy'] } })]), 'undetermined'],
  ['a strength of two factors', tenant([strength(['fido2', 'password,microsoftAuthenticatorPush'])]), 'required'],
  ['a strength that lets a password pass', tenant([strength(['fido2', 'password'])]), 'optional'],
  ['a strength of a new method that the vendor calls MFA', tenant([strength(['telepathy'], 'mfa')]), 'required'],
  ['a strength of a new method', tenant([strength(['telepathy'])]), 'undetermined'],
  ['everything blocked', tenant([policy({ grant: { controls: ['block'] } })]), 'pathDisabled'],
  ['policies not seen', tenant(unseen('denied', 'http-403')), 'undetermined', /not seen/],
  [
    'security defaults for a role that they name',
    tenant([], [administrator()], { securityDefaults: seen(true) }),
    'required',
    /security defaults/,
  ],
  [
    'security defaults for another role',
    tenant([], [administrator({}, [{ id: '11451d60-acb2-45eb-a7d6-43d0f0125c13' }])], { securityDefaults: seen(true) }),
    'conditional',
    /when Microsoft thinks fit/,
  ],
  [
    'security defaults leave the synchronisation account out',
    tenant([], [administrator({ class: 'service', registration: seen(nothingRegistered) })], {
      securityDefaults: seen(true),
    }),
    'notRequired',
  ],
  [
    'security defaults not seen and no policy',
    tenant([], [administrator()], { securityDefaults: unseen('denied', 'http-403') }),
    'undetermined',
  ],
  [
    'security defaults not seen beside a policy that is in force: they exclude each other',
    tenant([policy({ users: { excludeUsers: [alice] } })], [administrator()], {
      securityDefaults: unseen('denied', 'http-403'),
    }),
    'optional',
  ],
  [
    'the per-user setting enforced',
    tenant([], [administrator({ perUserMfa: seen<'enforced'>('enforced') })]),
    'requiredWithBypass',
    /app passwords/,
  ],
  [
    'the per-user setting enabled, nothing registered',
    tenant([], [administrator({ perUserMfa: seen<'enabled'>('enabled'), registration: seen(nothingRegistered) })]),
    'notRequired',
  ],
  [
    'the per-user setting not seen and nobody else asks',
    tenant([], [administrator({ perUserMfa: unseen('denied', 'http-403') })]),
    'undetermined',
    /per-user setting was not seen/,
  ],
  [
    'the per-user setting not seen beside MFA for all',
    tenant([policy()], [administrator({ perUserMfa: unseen('denied', 'http-403') })]),
    'required',
  ],
  [
    'a success with one factor is a bypass found',
    tenant([policy()], [singleFactor]),
    'requiredWithBypass',
    /2 sign-ins succeeded with one factor, the last at 2026-11-03T08:00:00Z: Exchange by IMAP4/,
  ],
  [
    'nothing registered: whoever comes first registers',
    tenant([policy()], [administrator({ registration: seen(nothingRegistered) })]),
    'requiredWithBypass',
    /no second factor is registered/,
  ],
  [
    'nothing registered, but registration itself is guarded',
    tenant(
      [policy(), policy({ applications: { include: [], userActions: ['urn:user:registersecurityinfo'] } })],
      [administrator({ registration: seen(nothingRegistered) })],
    ),
    'required',
  ],
  [
    'the report not seen takes nothing away',
    tenant(
      [policy()],
      [
        administrator({
          registration: unseen('denied', 'http-403'),
          signIns: unseen('unsupported', 'licence-missing'),
        }),
      ],
    ),
    'required',
  ],
  ['a disabled account', tenant([], [administrator({ class: 'disabled' })]), 'pathDisabled', /disabled/],
  [
    'a group whose members were not seen',
    tenant([policy()], [administrator({ kind: 'group', class: 'unknown' })]),
    'undetermined',
  ],
  ['a room that holds a role', tenant([], [administrator({ class: 'room' })]), 'optional'],
];
