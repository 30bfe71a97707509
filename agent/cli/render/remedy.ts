/** For a fact that was not seen: why, and how to see it, in words for the person at the keyboard. */
import type { Unseen } from '../../../schemas/generated/types.ts';

const reasons: Readonly<Record<string, readonly [why: string, how: string]>> = {
  'not-recorded': ['the recording does not have it', 'record the machine anew with `affiant record DIR`'],
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
  'placeholder-uuid': ['the firmware has a placeholder, not a UUID', 'nothing to do on this machine'],
};

/** What is only true of being root or not. */
function privilegeRemedy(root: boolean): string {
  return root
    ? 'something beyond file permissions denies it (a sandbox, a security module): look in its log'
    : 'run as root (sudo), or give the service CAP_DAC_READ_SEARCH';
}

/** `[why, how]`; the text can hold what the server said, so it is escaped by the table. */
export function explain(fact: Unseen, root: boolean): readonly [why: string, how: string] {
  const known = reasons[fact.reason];
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
          `look at ${fact.sources[0] ?? 'the source'}; report it with \`affiant record DIR\``,
        ]
      );
    case 'absent':
    case 'not-applicable':
      return known ?? [`not there: ${fact.reason}${detail}`, ''];
  }
}
