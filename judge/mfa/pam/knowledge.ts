/** Modules that ask for a password. */
import {
  always,
  type Behaviour,
  bypass,
  type Call,
  can,
  hasOption,
  type Outcome,
  ownErrors,
  perhaps,
} from './outcome.ts';

/** pam_unix(8). An account that is not in its files is unknown to it. */
export function unix(call: Call): Behaviour {
  const { account } = call.subject;
  const nullok = hasOption(call, 'nullok', 'nullok_secure');
  const emptyOpens = nullok && account?.password === 'empty';
  const unknownPassword = nullok && account !== undefined && account.password === undefined && account.local !== false;
  const known: Outcome[] = [
    ...(call.holds.has('knowledge') && account?.password !== 'locked' && account?.password !== 'empty'
      ? can('success')
      : []),
    ...(emptyOpens
      ? [{ result: 'success' as const, certainty: 'can' as const, because: 'the password is empty' }]
      : []),
    ...(unknownPassword ? perhaps('not known whether the password is empty', 'success') : []),
    ...can('auth_err'),
    ...bypass('too many failures', 'maxtries'),
    ...ownErrors,
  ];
  const unknown = can('user_unknown', 'auth_err');
  if (account?.local === true || account === undefined) return always(...known);
  if (account.local === false)
    // It asks every source of nsswitch.conf; a directory's hash may be readable to it.
    return always(
      ...unknown,
      ...(call.holds.has('knowledge') ? perhaps('a directory may give it the hash', 'success') : []),
    );
  return [
    { when: `${account.name} is in this server’s own files`, outcomes: known },
    { when: `${account.name} is not in this server’s own files`, outcomes: unknown },
  ];
}

/**
 * pam_sss(8). A password, unless the domain asks for more: FreeIPA can ask for a second factor of single
 * accounts, which is not seen from here; certificates and passkeys may come in place of the password.
 */
export function sss(call: Call): Behaviour {
  const settings = sssSettings(call);
  const directory = settings.get('id_provider') === 'ipa' || settings.get('auth_provider') === 'ipa';
  const card = hasOption(call, 'require_cert_auth');
  const password: Outcome[] = !call.holds.has('knowledge')
    ? []
    : card
      ? call.holds.has('possession')
        ? can('success')
        : []
      : directory && !call.holds.has('possession')
        ? perhaps('the directory may ask this account for a second factor', 'success')
        : can('success');
  const local = call.subject.account?.local;
  return always(
    ...(local === true
      ? perhaps('an account of this server may be in the directory too', ...password.map(({ result }) => result))
      : password),
    ...can('auth_err', 'user_unknown'),
    ...(hasOption(call, 'ignore_unknown_user', 'ignore_authinfo_unavail') ? can('ignore') : []),
    ...bypass('the directory is out of reach', 'authinfo_unavail'),
    ...ownErrors,
  );
}

function sssSettings({ facts }: Call): ReadonlyMap<string, string> {
  const { pamModuleSettings } = facts;
  if (pamModuleSettings.status !== 'observed') return new Map();
  return new Map(
    pamModuleSettings.value
      .filter(({ module }) => module === 'sssd' || module === 'pam_sss')
      .flatMap(({ settings }) => Object.entries(settings)),
  );
}

/** pam_krb5(5): the realm may ask for more than a password. */
export function krb5(call: Call): Behaviour {
  return otherPassword(call);
}

/** Modules of directories and databases: a password, and an account that may be none of theirs. */
export function otherPassword({ holds, subject }: Call): Behaviour {
  return always(
    ...(holds.has('knowledge')
      ? subject.account?.local === true
        ? perhaps('an account of this server may be in the directory too', 'success')
        : can('success')
      : []),
    ...can('auth_err', 'user_unknown'),
    ...bypass('the directory is out of reach', 'authinfo_unavail'),
    ...ownErrors,
  );
}
