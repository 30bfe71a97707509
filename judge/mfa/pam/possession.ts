/** Modules that ask for something one has, and whether the account is enrolled for it. */
import type { Enrolment } from '../../../schemas/generated/types.ts';
import { textOf } from './load.ts';
import {
  always,
  type Behaviour,
  bypass,
  type Call,
  can,
  hasOption,
  type Outcome,
  optionValue,
  ownErrors,
  perhaps,
} from './outcome.ts';

type Enrolled = { readonly state: 'yes' | 'no' | 'unknown' | 'any'; readonly changeable: boolean };

/** `any`: no account is asked about. Who can change the enrolment can also remove it. */
function enrolment(call: Call, method: Enrolment['method']): Enrolled {
  const { account } = call.subject;
  const { enrolments } = call.index;
  if (account === undefined) return { state: 'any', changeable: false };
  if (enrolments === undefined) return { state: 'unknown', changeable: false };
  const own = (enrolments.get(account.name) ?? []).filter((each) => each.method === method);
  const seen = own.flatMap(({ enrolled }) => (enrolled.status === 'observed' ? [enrolled.value] : []));
  const changeable = own.some(
    ({ changeableByAccount }) => changeableByAccount.status === 'observed' && changeableByAccount.value,
  );
  if (seen.length === 0 || seen.length < own.length) return { state: 'unknown', changeable };
  return { state: seen.includes(true) ? 'yes' : 'no', changeable };
}

/**
 * The behaviour towards an enrolled account and towards one that is not. Where what an account without an
 * enrolment gets is open, an account that can remove its own enrolment can have it too.
 */
function byEnrolment(
  call: Call,
  method: Enrolment['method'],
  asked: readonly Outcome[],
  without: readonly Outcome[],
): Behaviour {
  const { state, changeable } = enrolment(call, method);
  const opens = without.some(({ result }) => result === 'success' || result === 'ignore');
  const removed =
    opens && changeable
      ? bypass('the account can remove its own enrolment', ...without.map(({ result }) => result))
      : [];
  if (state === 'yes') return always(...asked, ...removed);
  if (state === 'no') return always(...without);
  if (state === 'unknown' && !opens) return always(...asked);
  if (state === 'unknown')
    return always(
      ...asked,
      ...perhaps('not known whether the account is enrolled', ...without.map(({ result }) => result)),
    );
  return opens
    ? [
        { when: 'the account is enrolled', outcomes: asked },
        { when: 'the account is not enrolled', outcomes: without },
      ]
    : always(...asked);
}

function possession({ holds }: Call): Outcome[] {
  return [...(holds.has('possession') ? can('success') : []), ...can('auth_err'), ...ownErrors];
}

/**
 * pam_google_authenticator(8): `nullok` lets pass whom has no secret file (`ignore`, `success` in old releases);
 * `grace_period` asks nothing of who logged in from the same address that many seconds ago.
 */
export function googleAuthenticator(call: Call): Behaviour {
  const grace = Number(optionValue(call, 'grace_period') ?? 0);
  const asked = [
    ...possession(call),
    ...(grace > 0
      ? bypass(`no code is asked within ${grace} seconds of a login from the same address`, 'success')
      : []),
  ];
  const without = hasOption(call, 'nullok') ? can('ignore', 'success') : can('auth_err', 'user_unknown', 'session_err');
  return byEnrolment(call, 'google-authenticator', asked, without);
}

/** pam_oath(8): an account that is not in the users file is unknown. */
export function oath(call: Call): Behaviour {
  return byEnrolment(call, 'oath', possession(call), can('user_unknown', 'auth_err'));
}

/** pam_u2f(8): touch, with a PIN or the device's own check of the user where it is asked for. */
export function u2f(call: Call): Behaviour {
  const { holds } = call;
  if (hasOption(call, 'alwaysok')) return always(...can('success'));
  const pin = optionValue(call, 'pinverification') === '1';
  const user = optionValue(call, 'userverification') === '1';
  const enough =
    holds.has('possession') &&
    (!pin || holds.has('knowledge')) &&
    (!user || holds.has('knowledge') || holds.has('inherence'));
  const asked = [
    ...(enough ? can('success') : []),
    ...can('auth_err', 'cred_insufficient', 'authinfo_unavail'),
    ...ownErrors,
  ];
  const without = hasOption(call, 'nouserok')
    ? can('ignore', 'success')
    : can('user_unknown', 'authinfo_unavail', 'auth_err', 'perm_denied', 'ignore').filter(
        ({ result }) => result !== 'ignore',
      );
  return byEnrolment(call, 'u2f', asked, without);
}

/** pam_yubico(8): `nullok` lets pass whom has no token; `mode=challenge-response` needs no server. */
export function yubico(call: Call): Behaviour {
  const without =
    hasOption(call, 'nullok') || optionValue(call, 'nullok') !== undefined
      ? can('ignore', 'success')
      : can('user_unknown', 'auth_err');
  const method = optionValue(call, 'mode') === 'challenge-response' ? 'yubico-challenge' : 'yubico-otp';
  return byEnrolment(
    call,
    method,
    [...possession(call), ...(hasOption(call, 'alwaysok') ? can('success') : [])],
    without,
  );
}

/** pam_fprintd(8), howdy: a finger or a face; without an enrolment it has no information. */
export function fingerprint(call: Call): Behaviour {
  const asked = [
    ...(call.holds.has('inherence') ? can('success') : []),
    ...can('auth_err', 'authinfo_unavail', 'maxtries'),
    ...ownErrors,
  ];
  return byEnrolment(call, 'fingerprint', asked, can('authinfo_unavail', 'user_unknown'));
}

/** Duo Unix (duo.com/docs/duounix): fails open unless failmode is secure; `groups` says whom it asks at all. */
export function duo(call: Call): Behaviour {
  const { pamModuleSettings } = call.facts;
  const path = optionValue(call, 'conf') ?? '/etc/duo/pam_duo.conf';
  const found =
    pamModuleSettings.status === 'observed'
      ? pamModuleSettings.value.filter((each) => each.module === 'pam_duo' && textOf(each.file) === path)
      : [];
  const settings = new Map(found.flatMap((each) => Object.entries(each.settings)));
  const [failmode = 'safe', groups] = [settings.get('failmode'), settings.get('groups') ?? settings.get('group')];
  const open =
    found.length === 0
      ? perhaps('its configuration was not seen', 'success')
      : failmode === 'secure'
        ? []
        : bypass('failmode=safe: Duo out of reach or misconfigured', 'success');
  const asked = [...possession(call), ...open];
  if (found.length === 0 || groups === undefined) return always(...asked);
  return [
    { when: `in Duo’s groups (${groups})`, outcomes: asked },
    { when: `not in Duo’s groups (${groups})`, outcomes: can('success') },
  ];
}
