/** For a fact that was not seen: why, and how to see it, in words for the person at the keyboard. */
import type { Unseen } from '../../../schemas/generated/types.ts';

const reasons: Readonly<Record<string, readonly [why: string, how: string]>> = {
  'not-recorded': ['the recording does not have it', 'record the machine anew with `affiant record DIR`'],
  'not-collected-by-this-version': [
    'the agent that collected did not know of it yet',
    'bring the agent up to date on that server; earlier evidence stays as it is',
  ],
  'container-scope': [
    'it belongs to the machine outside this container',
    'run Affiant on the machine that hosts the container',
  ],
  'no-metadata': [
    'there is no package metadata on this machine',
    'let the package manager refresh it (apt-get update), then collect again',
  ],
  'apt-could-not-read': [
    'apt could not read all of its files, so that its list may lack updates',
    'run as root (sudo), or make /etc/apt and /var/lib/apt/lists readable',
  ],
  'platform-not-covered': ['this operating system is not covered yet', 'nothing to do on this machine'],
  'no-such-program': [
    'the program that would tell is not on this machine',
    'install it, or nothing where it is not meant to be',
  ],
  'scope-undecided': [
    'it could not be told whether this is a machine or a container',
    'run as root (sudo) on the machine itself',
  ],
  'family-not-covered': ['this package family is not covered yet', 'nothing to do on this machine'],
  'no-notifier-installed': [
    'nothing on this machine writes a restart marker',
    'install unattended-upgrades or reboot-notifier, which write it',
  ],
  'no-time-keeper-seen': ['no time keeper answered', 'run systemd-timesyncd or chrony'],
  'untrusted-program': [
    'the program, or a folder above it, can be written by others',
    'make it and its folders owned by root, mode go-w',
  ],
  'output-truncated': ['the answer was longer than the cap', 'report it: the cap is wrong for this machine'],
  'budget-spent': ['the time of this collector was used up', 'raise collect.budgetSeconds for it in affiant.yaml'],
  'disabled-by-configuration': ['the configuration switches it off', 'take it out of collect.disable in affiant.yaml'],
  'time-zone-unknown': [
    "the machine's time zone is not known, so its local times cannot be placed",
    'set /etc/localtime to a zone',
  ],
  'token-refused': [
    'the identity provider does not take our credentials',
    'correct client id, secret or key in affiant.yaml; look whether the secret has run out',
  ],
  'http-403': [
    'the application has no permission to read this',
    'grant what `affiant directory requests` names, with the consent of an administrator',
  ],
  'licence-missing': ['the tenant has not bought it (Entra ID P1 or P2)', 'nothing to do without the licence'],
  throttled: ['the identity provider asked to wait for too long', 'run it again later'],
  'next-link-foreign': ['an answer led to another host', 'report it: somebody answers who should not'],
  'another-tenant': ['the answers come from another tenant than the one configured', 'correct directory.entra.tenant'],
  'not-asked-of-okta': ['this is not asked of Okta yet', 'nothing to do'],
  'policies-not-seen': ['it depends on the policies, which were not seen', 'see to those first'],
  'roles-not-seen': ['it depends on the roles, which were not seen', 'see to those first'],
  'others-hidden': [
    'processes of others are hidden here (/proc mounted with hidepid)',
    'run as root, or in the group that hidepid lets see them',
  ],
  'journal-partly-hidden': [
    'only part of the journal can be read',
    'run as root, or add the user to the group systemd-journal',
  ],
  'family-without-advisories': [
    "this package family's own metadata names no advisories",
    'nothing to do on this machine',
  ],
  'not-covered': ['it is not looked at yet', 'nothing to do on this machine'],
  'no-systemd': ['there is no systemd that could be asked which services run', 'nothing to do on this machine'],
  'services-not-listed': [
    'neither units nor processes could be listed',
    'install procps, or run Affiant where systemd runs',
  ],
  'settings-not-known': ['its settings could neither be asked for nor worked out', 'look at what `sshd -T` says'],
  'keytab-elsewhere': [
    'krb5.conf may name another file with the keys of this machine',
    'nothing to do on this machine',
  ],
  'parts-denied': ['some of its folders may not be looked at', 'run as root (sudo)'],
  'parts-failed': ['the program complained of something that we do not know', 'report it with `affiant record DIR`'],
  'no-stamp': ['no automatic run has left its mark here yet', 'nothing to do: it shows after the first run'],
  'not-exposed': ['it does not show on this server', 'ask the console or the receiver of its logs'],
  'no-log-found': ['there is no such log', 'nothing to do on this machine'],
  'updates-kept-back': [
    'apt names updates without telling their versions',
    'see what `apt-get -s dist-upgrade` keeps back, and why',
  ],
  'sources-passed-over': [
    'the package manager passed over a repository, so that its list may lack updates',
    'run as root (sudo), and let the package manager refresh its metadata',
  ],
  'exit-code-disagrees': [
    "the package manager's exit code and its list contradict each other",
    'collect again; report it with `affiant record DIR`',
  ],
  'no-advisories-in-metadata': ['no repository in use tells of advisories', 'nothing to do on this machine'],
  'no-pro-client': ['there is no client of Ubuntu Pro', 'install ubuntu-pro-client'],
  'not-root': ['sudo answers for other accounts only to root', 'run as root (sudo)'],
  'placeholder-uuid': ['the firmware has a placeholder, not a UUID', 'nothing to do on this machine'],
};

// What systemd's own tools say where another init runs (systemd, src/basic/util.c, sd_booted(3)).
const noSystemd = /has not been booted with systemd/;
const withoutSystemd = [
  'systemd does not run this machine, and only it would tell',
  'nothing to do on this machine',
] as const;

/** A command line with its first words: the whole one stands in the source records. */
function short(locator: string): string {
  return locator.length > 72 ? `${locator.slice(0, 71)}…` : locator;
}

/** What is only true of being root or not. */
function privilegeRemedy(root: boolean): string {
  return root
    ? 'something beyond file permissions denies it (a sandbox, a security module): look in its log'
    : 'run as root (sudo), or give the service CAP_DAC_READ_SEARCH';
}

/** `[why, how]`; the text can hold what the server said, so it is escaped by the table. */
export function explain(fact: Unseen, root: boolean): readonly [why: string, how: string] {
  const known = noSystemd.test(fact.detail ?? '') ? withoutSystemd : reasons[fact.reason];
  const detail = fact.detail === undefined ? '' : ` (${fact.detail})`;
  switch (fact.status) {
    case 'denied':
      return (
        known ?? [
          fact.reason === 'permission-denied'
            ? `this user may not read it${detail}`
            : `denied: ${fact.reason}${detail}`,
          privilegeRemedy(root),
        ]
      );
    case 'timed-out':
      return known ?? [`no answer in time${detail}`, 'look why the machine is slow; collect again'];
    case 'unsupported':
      return known ?? [`cannot be answered here: ${fact.reason}${detail}`, 'nothing to do on this machine'];
    case 'failed':
      return (
        known ?? [
          `the answer could not be used: ${fact.reason}${detail}`,
          `look at ${short(fact.sources[0] ?? 'the source')}; report it with \`affiant record DIR\``,
        ]
      );
    case 'absent':
    case 'not-applicable':
      return known ?? [`not there: ${fact.reason}${detail}`, ''];
  }
}
