/**
 * The table of PAM modules: what each takes for a factor, and what it returns to whom. Sources: the modules'
 * own man pages and, for return values, Linux-PAM 1.5 to 1.7, google-authenticator-libpam, oath-toolkit,
 * pam-u2f, duo_unix. A module that is not here may return anything.
 */

import { access, listfile, localuser, succeedIf, usertype, wheel } from './conditions.ts';
import { moduleName, results } from './handler.ts';
import { krb5, otherPassword, sss, unix } from './knowledge.ts';
import {
  always,
  anything,
  type Behaviour,
  bypass,
  type Call,
  can,
  hasOption,
  optionValue,
  ownErrors,
  perhaps,
} from './outcome.ts';
import { duo, fingerprint, googleAuthenticator, oath, u2f, yubico } from './possession.ts';

type Entry = (call: Call) => Behaviour;

const entries: Readonly<Record<string, Entry>> = {
  unix,
  unix2: unix,
  unix_auth: unix,
  sss,
  krb5,
  winbind: otherPassword,
  ldap: otherPassword,
  lwidentity: otherPassword,
  userdb: otherPassword,
  mysql: otherPassword,
  pgsql: otherPassword,
  pwdfile: otherPassword,
  tacplus: delegated,
  systemd_home: otherPassword,

  google_authenticator: googleAuthenticator,
  oath,
  u2f,
  yubico,
  duo,
  pkcs11: smartCard,
  p11: smartCard,
  poldi: smartCard,
  radius_auth: delegated,
  radius: delegated,
  okta: delegated,
  okta_mfa: delegated,
  oktaasa: delegated,
  securid: delegated,
  rsa: delegated,
  privacyidea: delegated,
  multiotp: delegated,
  aad: delegated,
  himmelblau: delegated,
  ussh: delegated,
  fprintd: fingerprint,
  howdy: fingerprint,
  biometrics: fingerprint,
  ssh_agent_auth: () => perhaps1('the caller’s ssh agent is taken for it'),
  sshauth: () => perhaps1('the caller’s ssh agent is taken for it'),

  permit: () => always(...can('success')),
  deny: () => always(...can('auth_err')),
  rootok,
  rhosts: () => always(...can('auth_err'), ...bypass('a host in .rhosts or hosts.equiv', 'success')),
  timestamp: () => always(...can('auth_err'), ...bypass('a recent login of the same session', 'success')),
  ftp: () => always(...can('auth_err')),

  succeed_if: succeedIf,
  access,
  listfile,
  wheel,
  localuser,
  usertype,
  time: ({ type }) => (type === 'account' ? byCase('at the hours of time.conf', 'success', 'perm_denied') : missing()),
  sepermit: () =>
    byCase('as SELinux and sepermit.conf say', 'success', 'auth_err').concat([
      { when: 'not listed in sepermit.conf', outcomes: can('ignore') },
    ]),
  securetty: () => always(...can('success'), ...bypass('a terminal that is not listed', 'auth_err')),
  shells: () => byCase('the account’s shell is listed', 'success', 'auth_err'),
  nologin: (call) =>
    always(...can(hasOption(call, 'successok') ? 'success' : 'ignore'), ...bypass('/etc/nologin exists', 'auth_err')),
  faillock,
  tally: () => always(...can('success', 'auth_err')),
  tally2: () => always(...can('success', 'auth_err')),
  abl: () => always(...can('success', 'auth_err')),

  env: ignored,
  group: ignored,
  keyinit: ignored,
  warn: ignored,
  faildelay: ignored,
  lastlog: ignored,
  debug: debugModule,
  mount: () => always(...can('success', 'ignore')),
  cap: () => always(...can('success', 'ignore')),
  issue: () => always(...can('ignore', 'service_err')),
  echo: () => always(...can('success', 'ignore')),
  motd: ignored,
  gnome_keyring: () => always(...can('success', 'ignore', 'auth_err', 'service_err')),
  kwallet: () => always(...can('success', 'ignore', 'auth_err')),
  kwallet5: () => always(...can('success', 'ignore', 'auth_err')),
  ecryptfs: () => always(...can('success', 'ignore')),
  reauthorize: () => always(...can('success', 'ignore', 'authinfo_unavail')),
  oddjob_mkhomedir: () => missing(),
  pwquality: () => missing(),
  cracklib: () => missing(),
  pwhistory: () => missing(),
  passwdqc: () => missing(),
  limits: () => missing(),
  loginuid: () => missing(),
  systemd: () => missing(),
  umask: () => missing(),
  mkhomedir: () => missing(),
  selinux: () => always(...can('auth_err')),
};

/** What stands for every module where account management is asked: most let pass whom they know. */
const accountPasses = new Set(
  `unix unix2 sss krb5 winbind ldap lwidentity permit faillock tally tally2 systemd_home userdb rootok localuser
  google_authenticator oath u2f duo yubico pwdfile mysql pgsql cap env warn`.split(/\s+/),
);

/** Modules whose answer depends on what the one who tries has. */
const factorModules = new Set(
  `unix unix2 unix_auth sss krb5 winbind ldap lwidentity userdb mysql pgsql pwdfile tacplus systemd_home
  google_authenticator oath u2f yubico duo pkcs11 p11 poldi radius_auth radius okta okta_mfa oktaasa securid rsa
  privacyidea multiotp aad himmelblau ussh fprintd howdy biometrics`.split(/\s+/),
);

/** Whether the module of this name answers differently to holders of different factors. */
export function asksForFactor(name: string): boolean {
  return factorModules.has(name);
}

/** A module that is missing is unknown to libpam, with or without `-` before the type. */
export function behaviour(call: Call): Behaviour {
  const name = moduleName(call.module);
  const listed = call.index.present?.get(call.module);
  if (listed === false) return missing();
  const found = known(name, call);
  // Where nobody looked, a module may be missing.
  return listed === undefined
    ? found.map((each) => ({
        ...each,
        outcomes: [...each.outcomes, ...perhaps('the module may be missing', 'module_unknown')],
      }))
    : found;
}

function known(name: string, call: Call): Behaviour {
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (call.type === 'account' && accountPasses.has(name)) return always(...can('success', 'ignore'));
  if (entry !== undefined) return entry(call);
  return anything(
    name,
    `${name} is not known here`,
    'success',
    'ignore',
    'auth_err',
    'user_unknown',
    'authinfo_unavail',
    'perm_denied',
    'service_err',
    'system_err',
    'maxtries',
    'abort',
  );
}

function missing(): Behaviour {
  return always(...can('module_unknown'));
}

function ignored(): Behaviour {
  return always(...can('ignore'));
}

function perhaps1(because: string): Behaviour {
  return always(...can('auth_err'), ...perhaps(because, 'success'));
}

function byCase(when: string, yes: 'success', no: 'auth_err' | 'perm_denied'): Behaviour {
  return [
    { when, outcomes: can(yes) },
    { when: `not ${when}`, outcomes: can(no) },
  ];
}

/** A card with its PIN: possession and knowledge in one (pam_pkcs11(8)). */
function smartCard({ holds }: Call): Behaviour {
  const both = holds.has('possession') && holds.has('knowledge');
  return always(
    ...(both ? can('success') : []),
    ...can('auth_err', 'ignore', 'user_unknown', 'authinfo_unavail', 'cred_insufficient'),
    ...ownErrors,
  );
}

/** Another server decides, and what it asks for is not seen from here. */
function delegated({ holds }: Call): Behaviour {
  return always(
    ...(holds.has('possession')
      ? can('success')
      : perhaps('what that server asks for is not seen from here', 'success')),
    ...can('auth_err'),
    ...perhaps('that server decides', 'user_unknown', 'ignore'),
    ...ownErrors,
  );
}

/** Programs that run it as root for everybody; the others run it as whoever calls them (pam_rootok(8): the real user id). */
const asRoot = new Set([
  'sshd',
  'login',
  'remote',
  'cockpit',
  'gdm-password',
  'gdm-fingerprint',
  'lightdm',
  'sddm',
  'xrdp-sesman',
  'vsftpd',
  'dovecot',
  'cron',
  'crond',
]);
const asCaller = new Set([
  'su',
  'su-l',
  'runuser',
  'runuser-l',
  'chsh',
  'chfn',
  'chage',
  'passwd',
  'useradd',
  'newusers',
]);

function rootok({ subject }: Call): Behaviour {
  if (asCaller.has(subject.service)) return always(...can('auth_err'));
  if (asRoot.has(subject.service)) return always(...can('success'));
  return always(...can('auth_err'), ...perhaps('not known as whom this program runs', 'success'));
}

/** pam_debug(8) returns what its options say. */
function debugModule(call: Call): Behaviour {
  const said = optionValue(call, call.type === 'account' ? 'acct' : 'auth') ?? 'success';
  return always(...can(results.find((name) => name === said) ?? 'success'));
}

/** Locks after failures: whoever fails on purpose can have it say no, never yes (pam_faillock(8)). */
function faillock(call: Call): Behaviour {
  return always(...can(hasOption(call, 'authfail') ? 'ignore' : 'success', 'auth_err'));
}
