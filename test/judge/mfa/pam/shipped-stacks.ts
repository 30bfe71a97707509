/** PAM configurations as distributions ship them, and with a one-time code put in, rightly or not. */
import { observed } from '../../../../collectors/fact.ts';
import { both, debianAuth, enrol, google, type NamedStack } from './named-stack.ts';

const ubuntuSss = `auth	[success=2 default=ignore]	pam_unix.so nullok
auth	[success=1 default=ignore]	pam_sss.so use_first_pass
auth	requisite	pam_deny.so
auth	required	pam_permit.so
auth	optional	pam_cap.so
`;
const authselect = `auth        required                                     pam_env.so
auth        required                                     pam_faildelay.so delay=2000000
auth        [default=1 ignore=ignore success=ok]         pam_usertype.so isregular
auth        [default=1 ignore=ignore success=ok]         pam_localuser.so
auth        sufficient                                   pam_unix.so nullok
auth        [default=1 ignore=ignore success=ok]         pam_usertype.so isregular
auth        sufficient                                   pam_sss.so forward_pass
auth        required                                     pam_deny.so
`;
const el7 = `auth        required      pam_env.so
auth        sufficient    pam_unix.so nullok try_first_pass
auth        requisite     pam_succeed_if.so uid >= 1000 quiet_success
auth        sufficient    pam_sss.so use_first_pass
auth        required      pam_deny.so
`;
const suse = `auth	required	pam_env.so
auth	required	pam_unix.so	try_first_pass
`;

export const shippedStacks: readonly NamedStack[] = [
  {
    name: 'Debian as shipped',
    files: { svc: '@include FOLDER/common-auth\n', 'common-auth': debianAuth },
    requires: 'notRequired',
    debian: true,
  },
  {
    name: 'Debian, one-time code after the password',
    files: { svc: `@include FOLDER/common-auth\n${google}\n`, 'common-auth': debianAuth },
    requires: 'required',
    debian: true,
  },
  { name: 'Debian, one-time code before the password', files: both(google), requires: 'required', debian: true },
  { name: 'Debian, code with nullok, enrolled', files: both(`${google} nullok`), requires: 'required', debian: true },
  {
    name: 'Debian, code with nullok, not enrolled',
    files: both(`${google} nullok`),
    account: 'bob',
    requires: 'notRequired',
    debian: true,
  },
  {
    name: 'Debian, code without nullok, not enrolled',
    files: both(google),
    account: 'bob',
    requires: 'pathDisabled',
    debian: true,
  },
  {
    name: 'Debian, code with nullok, the enrolment is the account’s own',
    files: both(`${google} nullok`),
    facts: { enrolments: observed(enrol(true), 'stat:/x') },
    requires: 'requiredWithBypass',
    debian: true,
  },
  {
    name: 'Debian, empty password and nullok',
    files: { svc: '@include FOLDER/common-auth\n', 'common-auth': debianAuth },
    account: 'carol',
    requires: 'notRequired',
    debian: true,
  },
  {
    name: 'Ubuntu with sss as shipped',
    files: { svc: '@include FOLDER/common-auth\n', 'common-auth': ubuntuSss },
    requires: 'notRequired',
    debian: true,
  },
  {
    name: 'Ubuntu with sss and a code',
    files: { svc: `@include FOLDER/common-auth\n${google}\n`, 'common-auth': ubuntuSss },
    requires: 'required',
    debian: true,
  },
  {
    name: 'RHEL 9 (authselect sssd) as shipped',
    files: {
      svc: 'auth substack FOLDER/password-auth\nauth include FOLDER/postlogin\n',
      'password-auth': authselect,
      postlogin: 'session optional pam_umask.so silent\n',
    },
    requires: 'notRequired',
  },
  {
    name: 'RHEL 9, code after the substack',
    files: { svc: `auth substack FOLDER/password-auth\n${google}\n`, 'password-auth': authselect },
    requires: 'required',
  },
  {
    name: 'RHEL 9, code after an include: sufficient in it ends everything',
    files: { svc: `auth include FOLDER/password-auth\n${google}\n`, 'password-auth': authselect },
    requires: 'optional',
  },
  {
    name: 'RHEL 9, code before the include',
    files: { svc: `${google}\nauth include FOLDER/password-auth\n`, 'password-auth': authselect },
    requires: 'required',
  },
  {
    name: 'RHEL 9 with faillock',
    files: {
      svc: 'auth required pam_faillock.so preauth silent\nauth sufficient pam_unix.so\nauth [default=die] pam_faillock.so authfail\nauth required pam_deny.so\n',
    },
    requires: 'notRequired',
  },
  {
    name: 'RHEL 7 as shipped',
    files: { svc: 'auth substack FOLDER/password-auth\n', 'password-auth': el7 },
    requires: 'notRequired',
  },
  {
    name: 'SUSE as shipped',
    files: { svc: 'auth requisite pam_nologin.so\nauth include FOLDER/common-auth\n', 'common-auth': suse },
    requires: 'notRequired',
  },
  {
    name: 'SUSE, code after the include',
    files: { svc: `auth include FOLDER/common-auth\n${google}\n`, 'common-auth': suse },
    requires: 'required',
  },
];
