/** The first command on a server: who logged in, on what, and which of its own programs we can count on. */
import { decodeBytes } from '../../../collectors/text.ts';
import type { RawMiss } from '../machine.ts';
import { type Proof, remoteTools } from './command-line.ts';
import { type OpenChannel, runProven } from './exec-channel.ts';
import { failed, type Reached } from './failure.ts';

/** Debian, Fedora and its kin, Tumbleweed, SUSE, Alpine and Arch. */
export const sftpServers = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/libexec/ssh/sftp-server',
  '/usr/lib/ssh/sftp-server',
] as const;

export type Greeting = {
  /** The effective user id of the login. */
  readonly uid: number;
  /** As uname -m says it. */
  readonly machine: string;
  /** The first SFTP server that only root can change. */
  readonly sftpServer: string | undefined;
  readonly sudo: 'trusted' | 'untrusted' | 'absent';
  /** Whether timeout(1) is there to end what we started, should the connection break. */
  readonly bounded: boolean;
  /** Whether the shell of the login can say as whom it runs. */
  readonly proof: Proof;
};

const deadlineMs = 20_000;
const looked = [...sftpServers, remoteTools.sudo, remoteTools.timeout, remoteTools.env, remoteTools.id];

/** Refuses where the login may run no command of ours: a forced command, a restricted shell, no shell at all. */
export async function greet(open: OpenChannel): Promise<Reached<Greeting>> {
  const limits = { maxBytes: 256 * 1024, deadlineMs };
  const anyone = { sudo: 'none', uid: undefined, bounded: false } as const;
  const paths = [...new Set(looked.flatMap(wayTo))];
  const list = [remoteTools.ls, '-ldnL', '--', ...paths];
  const [kind, listedByShell] = await Promise.all([
    runProven(open, [remoteTools.uname, '-m'], anyone, limits),
    runProven(open, list, { ...anyone, proof: 'shell' }, limits),
  ]);
  // A shell that is none of POSIX, or no /proc: id(1) is asked each time.
  const knowsItself =
    kind.outcome === 'ok' && listedByShell.outcome === 'ok' && listedByShell.value.uid === kind.value.uid;
  const listing = knowsItself ? listedByShell : await runProven(open, list, anyone, limits);
  if (kind.outcome !== 'ok') return silent(kind);
  if (listing.outcome !== 'ok') return silent(listing);
  const modes = parseListing(decodeBytes(listing.value.stdout));
  const trusted = (path: string): boolean => wayTo(path).every((part) => modes.get(part) === 'root');
  return {
    ok: true,
    value: {
      uid: kind.value.uid,
      machine: decodeBytes(kind.value.stdout).trim(),
      sftpServer: sftpServers.find(trusted),
      sudo: trusted(remoteTools.sudo) ? 'trusted' : modes.has(remoteTools.sudo) ? 'untrusted' : 'absent',
      bounded: modes.has(remoteTools.timeout),
      proof: knowsItself ? 'shell' : 'id',
    },
  };
}

function silent({ outcome, reason }: RawMiss): Reached<never> {
  if (outcome === 'timed-out')
    return failed(
      outcome,
      'no-command',
      'the login works, but a command does not come back',
      'look at the start files of the account and at its home folder (a dead network share?)',
    );
  if (reason === 'connection-lost')
    return failed('failed', reason, 'the connection broke at the first command', 'look at the log of its sshd');
  return failed(
    'denied',
    'no-command',
    `the login may run no command of ours (${reason})`,
    'take away ForceCommand, command= in authorized_keys and restricted shells for this account, and give it /bin/sh',
  );
}

/** `/usr/bin/sudo` with every folder on the way to it. */
function wayTo(path: string): string[] {
  const parts = path.split('/').slice(1);
  return ['/', ...parts.map((_part, index) => `/${parts.slice(0, index + 1).join('/')}`)];
}

/**
 * What `ls -ldn` says of paths without blanks (XCU ls, long format). `root` where nobody but root can change it:
 *
 *     drwxr-xr-x 14 0 0 4096 Jan  2 03:04 /usr
 */
export function parseListing(text: string): ReadonlyMap<string, 'root' | 'others'> {
  const modes = new Map<string, 'root' | 'others'>();
  for (const line of text.split('\n')) {
    const [, mode, uid, path] = /^([a-z-][-rwxsStTl]{9})[.+@]? +\d+ +(\d+) +\d+ .* (\/\S*)$/.exec(line) ?? [];
    if (mode === undefined || path === undefined) continue;
    const mayOthers = mode[5] === 'w' || mode[8] === 'w';
    modes.set(path, uid === '0' && !mayOthers ? 'root' : 'others');
  }
  return modes;
}
