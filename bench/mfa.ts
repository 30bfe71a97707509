/** CPU of the judge of second factors: all ways of 200 administrators on a server with second factors in PAM. Goal: under 1 s. */
import type { Draft } from '../collectors/collector.ts';
import { parsePamFile } from '../collectors/mfa/pam-file.ts';
import { judgeMfa } from '../judge/mfa/matrix.ts';
import type { Fact, PamStack, SshConnectionClass } from '../schemas/generated/types.ts';
import { admins as baseAdmins, classOf, plainKey, seen, ssh } from '../test/judge/mfa/facts.ts';
import { median } from './measure.ts';

const administrators = 200;
const rounds = 9;
const names = Array.from({ length: administrators }, (_unused, at) => `admin${at}`);

const files: Readonly<Record<string, string>> = {
  sshd: 'auth required pam_google_authenticator.so nullok\n@include common-auth\naccount required pam_nologin.so\n@include common-account\n',
  login:
    'auth optional pam_faildelay.so delay=3000000\nauth [success=1 default=ignore] pam_succeed_if.so user ingroup ops\nauth required pam_oath.so usersfile=/etc/users.oath\n@include common-auth\n@include common-account\n',
  su: 'auth sufficient pam_rootok.so\n@include common-auth\n@include common-account\n',
  sudo: '@include common-auth\n@include common-account\n',
  'polkit-1': '@include common-auth\n@include common-account\n',
  cockpit: 'auth required pam_u2f.so nouserok\n@include common-auth\n@include common-account\n',
  'common-auth':
    'auth [success=2 default=ignore] pam_unix.so nullok\nauth [success=1 default=ignore] pam_sss.so use_first_pass\nauth requisite pam_deny.so\nauth required pam_permit.so\nauth optional pam_cap.so\n',
  'common-account':
    'account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\naccount requisite pam_deny.so\naccount required pam_permit.so\n',
  other: 'auth required pam_deny.so\naccount required pam_deny.so\n',
};

function stackOf(service: string, text: string): PamStack {
  const content = parsePamFile(text);
  if (!content.ok) throw new Error(content.reason);
  return { service, file: `/etc/pam.d/${service}`, content: seen(content.value) };
}

function documentOf(): Draft<'mfa'> {
  const addresses = ['203.0.113.7', '10.0.0.7', '127.0.0.1'];
  const classes: SshConnectionClass[] = addresses.flatMap((address) =>
    Array.from({ length: 10 }, (_unused, at) =>
      classOf(
        { authenticationmethods: ['publickey,keyboard-interactive', 'publickey,password'] },
        [address],
        names.slice(at * 20, at * 20 + 20),
      ),
    ),
  );
  const modules = [...new Set(Object.values(files).flatMap((text) => text.match(/pam_\w+\.so/g) ?? []))];
  const keys: Fact<(typeof plainKey)[]> = seen(Array.from({ length: 10 }, () => plainKey));
  return ssh(classes, [], {
    authorizedKeys: seen(names.map((account) => ({ account, keys }))),
    pamLookup: seen({
      configuration: 'folders',
      folders: [{ path: '/etc/pam.d', listed: seen(Object.keys(files).length) }],
      atIncludes: seen(true),
    }),
    pamStacks: seen(Object.entries(files).map(([service, text]) => stackOf(service, text))),
    pamModules: seen(modules.map((module) => ({ module, present: true }))),
    conditionGroups: seen([{ group: 'ops', members: names.filter((_name, at) => at % 2 === 0) }]),
    enrolments: seen(
      names.map((account, at) => ({
        account,
        method: 'google-authenticator' as const,
        location: `/home/${account}/.google_authenticator`,
        enrolled: seen(at % 3 !== 0),
        changeableByAccount: seen(true),
      })),
    ),
    consoles: seen([{ kind: 'terminal', name: 'tty1', service: 'login', enabled: true }]),
    loginServices: seen([{ service: 'vsftpd', unit: 'vsftpd.service', running: true, enabledAtBoot: true }]),
    webConsoles: seen([
      {
        kind: 'cockpit',
        running: seen(true),
        enabledAtBoot: seen(true),
        settings: seen({}),
        secondFactors: { status: 'not-applicable', reason: 'uses-pam', sources: ['file:/bench'] },
      },
    ]),
    escalationPrograms: seen([{ kind: 'su', path: '/usr/bin/su', setUserId: true, openToAll: true }]),
  });
}

const people: Draft<'admins'> = {
  ...baseAdmins,
  accounts: seen(
    names.map((name, at) => ({ name, uid: 1000 + at, gid: 1000 + at, home: `/home/${name}`, shell: '/bin/bash' })),
  ),
  passwordStates: seen(names.map((name) => ({ name, state: 'set' as const }))),
  groups: seen([{ name: 'sudo', gid: 27, members: names }]),
};

const document = documentOf();
const times: number[] = [];
let ways = 0;
for (let round = 0; round < rounds; round += 1) {
  const before = process.cpuUsage();
  const verdict = judgeMfa(document, people);
  const { user, system } = process.cpuUsage(before);
  times.push((user + system) / 1000);
  ways = verdict.administrators.reduce((sum, person) => sum + person.ways.length, 0);
}
const [first = Number.NaN] = times;
process.stdout.write(
  `mfa judge: ${administrators} administrators, ${ways} ways: first ${first.toFixed(0)} ms CPU, median of ${rounds} ${median(times).toFixed(0)} ms (goal: under 1000 ms)\n`,
);
if (!(first < 1000)) process.exitCode = 1;
