/** PAM configurations that people write, the well-known wrong ones among them. */
import { observed } from '../../../../collectors/fact.ts';
import type { PamFacts } from '../../../../judge/mfa/pam/outcome.ts';
import { both, debianAuth, google, type NamedStack } from './named-stack.ts';

function duoConf(failmode: string): Partial<PamFacts> {
  const settings = { module: 'pam_duo', file: '/etc/duo/pam_duo.conf', section: 'duo', settings: { failmode } };
  return { pamModuleSettings: observed([settings], 'file:/etc/duo/pam_duo.conf') };
}

export const craftedStacks: readonly NamedStack[] = [
  {
    name: 'sufficient before the second factor',
    files: { svc: `auth sufficient pam_unix.so\n${google}\n` },
    requires: 'optional',
  },
  {
    name: 'code sufficient at the top',
    files: both(google.replace('required', 'sufficient')),
    requires: 'optional',
    debian: true,
  },
  {
    name: 'two sufficient and deny',
    files: {
      svc: `auth sufficient pam_unix.so\n${google.replace('required', 'sufficient')}\nauth required pam_deny.so\n`,
    },
    requires: 'optional',
  },
  {
    name: 'code optional',
    files: { svc: `auth required pam_unix.so\n${google.replace('required', 'optional')}\n` },
    requires: 'optional',
  },
  { name: 'password optional', files: { svc: `auth optional pam_unix.so\n${google}\n` }, requires: 'optional' },
  {
    name: 'both requisite',
    files: { svc: `auth requisite pam_unix.so\n${google.replace('required', 'requisite')}\n` },
    requires: 'required',
  },
  { name: 'both required', files: { svc: `auth required pam_unix.so\n${google}\n` }, requires: 'required' },
  {
    name: 'a jump right',
    files: { svc: `auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\n${google}\n` },
    requires: 'required',
  },
  {
    name: 'a jump too far',
    files: {
      svc: `auth [success=2 default=ignore] pam_unix.so\nauth requisite pam_deny.so\n${google}\nauth required pam_permit.so\n`,
    },
    requires: 'optional',
  },
  {
    name: 'a jump too short',
    files: {
      svc: `auth [success=1 default=ignore] pam_unix.so\nauth required pam_permit.so\nauth requisite pam_deny.so\n${google}\n`,
    },
    requires: 'pathDisabled',
  },
  {
    name: 'a jump past the end',
    files: { svc: `${google}\nauth [success=5 default=ignore] pam_unix.so\nauth requisite pam_deny.so\n` },
    requires: 'pathDisabled',
  },
  {
    name: 'a jump over a substack counts as one',
    files: {
      svc: `auth [success=1 default=ignore] pam_unix.so\nauth substack FOLDER/inner\n${google}\n`,
      inner: 'auth required pam_deny.so\nauth required pam_deny.so\n',
    },
    requires: 'required',
  },
  {
    name: 'a jump over an include counts each line',
    files: {
      svc: `auth [success=1 default=ignore] pam_unix.so\nauth include FOLDER/inner\n${google}\n`,
      inner: 'auth required pam_deny.so\nauth required pam_deny.so\n',
    },
    requires: 'pathDisabled',
  },
  {
    name: 'done in a substack ends only that',
    files: {
      svc: `auth substack FOLDER/inner\n${google}\n`,
      inner: 'auth [success=done default=ignore] pam_unix.so\nauth requisite pam_deny.so\n',
    },
    requires: 'required',
  },
  {
    name: 'a missing @include',
    files: { svc: `auth required pam_unix.so\n@include FOLDER/common-second-factor\n` },
    requires: 'pathDisabled',
    debian: true,
  },
  {
    name: 'a missing include',
    files: { svc: `auth required pam_unix.so\nauth include FOLDER/second-factor\n` },
    requires: 'pathDisabled',
  },
  {
    name: 'the @include of the second factor left out',
    files: { svc: '@include FOLDER/common-auth\n#@include FOLDER/second\n', 'common-auth': debianAuth, second: google },
    requires: 'notRequired',
    debian: true,
  },
  {
    name: 'code in the account lines only',
    files: { svc: `auth required pam_unix.so\naccount required pam_google_authenticator.so\n` },
    requires: 'notRequired',
  },
  {
    name: 'permit sufficient at the top',
    files: { svc: `auth sufficient pam_permit.so\nauth required pam_unix.so\n${google}\n` },
    requires: 'optional',
  },
  { name: 'deny alone', files: { svc: 'auth required pam_deny.so\n' }, requires: 'pathDisabled' },
  {
    name: 'only account lines: other decides',
    files: { svc: 'account required pam_permit.so\n' },
    requires: 'pathDisabled',
  },
  {
    name: 'a group that needs no code, outside it',
    files: {
      svc: `auth [success=1 default=ignore] pam_succeed_if.so quiet user ingroup robots\n${google}\nauth required pam_unix.so\n`,
    },
    requires: 'required',
  },
  {
    name: 'a group that needs no code, inside it',
    files: {
      svc: `auth [success=1 default=ignore] pam_succeed_if.so quiet user ingroup robots\n${google}\nauth required pam_unix.so\n`,
    },
    account: 'bob',
    requires: 'notRequired',
  },
  {
    name: 'code for one group only, inside it',
    files: {
      svc: `auth [default=1 success=ignore] pam_succeed_if.so quiet user ingroup staff\n${google}\nauth required pam_unix.so\n`,
    },
    requires: 'required',
  },
  {
    name: 'code for one group only, outside it',
    files: {
      svc: `auth [default=1 success=ignore] pam_succeed_if.so quiet user ingroup staff\n${google}\nauth required pam_unix.so\n`,
    },
    account: 'bob',
    requires: 'notRequired',
  },
  {
    name: 'code only above an account number',
    files: {
      svc: `auth [success=1 default=ignore] pam_succeed_if.so uid >= 1501\n${google}\nauth required pam_unix.so\n`,
    },
    requires: 'required',
  },
  {
    name: 'oath and password',
    files: {
      svc: 'auth required pam_unix.so\nauth required pam_oath.so usersfile=FOLDER/users.oath window=30 digits=6\n',
    },
    requires: 'required',
  },
  {
    name: 'oath sufficient',
    files: {
      svc: 'auth sufficient pam_oath.so usersfile=FOLDER/users.oath window=30 digits=6\nauth required pam_unix.so\n',
    },
    requires: 'optional',
  },
  {
    name: 'oath passes over whom it does not know',
    files: {
      svc: 'auth [success=ok user_unknown=ignore default=die] pam_oath.so usersfile=FOLDER/users.oath\nauth required pam_unix.so\n',
    },
    account: 'bob',
    requires: 'notRequired',
  },
  {
    name: 'u2f nouserok, not enrolled',
    files: { svc: 'auth required pam_u2f.so nouserok authfile=FOLDER/u2f_keys\nauth required pam_unix.so\n' },
    account: 'bob',
    requires: 'notRequired',
  },
  {
    name: 'u2f, not enrolled',
    files: { svc: 'auth required pam_u2f.so authfile=FOLDER/u2f_keys\nauth required pam_unix.so\n' },
    account: 'bob',
    requires: 'pathDisabled',
  },
  {
    name: 'u2f and password',
    files: { svc: 'auth required pam_unix.so\nauth required pam_u2f.so cue\n' },
    requires: 'required',
  },
  { name: 'u2f with PIN alone', files: { svc: 'auth required pam_u2f.so pinverification=1\n' }, requires: 'required' },
  {
    name: 'u2f with PIN or password',
    files: { svc: 'auth sufficient pam_u2f.so pinverification=1\nauth required pam_unix.so\n' },
    requires: 'optional',
  },
  {
    name: 'Duo, failmode=safe',
    files: { svc: 'auth requisite pam_unix.so\nauth required pam_duo.so\n' },
    facts: duoConf('safe'),
    requires: 'requiredWithBypass',
  },
  {
    name: 'Duo, failmode=secure',
    files: { svc: 'auth requisite pam_unix.so\nauth required pam_duo.so\n' },
    facts: duoConf('secure'),
    requires: 'required',
  },
  {
    name: 'fingerprint sufficient',
    files: { svc: 'auth sufficient pam_fprintd.so\nauth required pam_unix.so\n' },
    requires: 'optional',
  },
  {
    name: 'rootok in a program that runs as root',
    files: { svc: 'auth sufficient pam_rootok.so\nauth required pam_unix.so\n' },
    service: 'login',
    requires: 'notRequired',
  },
  {
    name: 'a module that is missing, required',
    files: { svc: 'auth required pam_unix.so\n-auth required pam_nowhere.so\n' },
    requires: 'pathDisabled',
  },
  {
    name: 'a module that is missing, sufficient',
    files: { svc: `-auth sufficient pam_nowhere.so\nauth required pam_unix.so\n${google}\n` },
    requires: 'required',
  },
  {
    name: 'capitals, tabs, a continued line, brackets round a word',
    files: { svc: `AUTH\tRequired\tpam_unix.so\nauth [required] \\\n   ${google.slice('auth required '.length)}\n` },
    requires: 'required',
  },
  {
    name: 'line ends of Windows',
    files: { svc: 'auth required pam_unix.so\r\nauth required pam_permit.so\r\n' },
    requires: 'pathDisabled',
  },
  {
    name: 'a misspelt type beside a sufficient control',
    files: { svc: `auht sufficient pam_unix.so\nauth required pam_unix.so\n${google}\n` },
    requires: 'required',
  },
  {
    name: 'a control that cannot be read',
    files: { svc: `auth [success=okay default=ignore] pam_permit.so\nauth required pam_unix.so\n` },
    requires: 'pathDisabled',
  },
  {
    name: 'an unfinished file',
    files: { svc: 'auth required pam_permit.so\nauth required pam_unix.so \\\n' },
    requires: 'pathDisabled',
  },
  {
    name: 'nothing but jumps gives no success',
    files: { svc: 'auth [success=1 default=die] pam_permit.so\nauth required pam_deny.so\n' },
    requires: 'pathDisabled',
  },
];
