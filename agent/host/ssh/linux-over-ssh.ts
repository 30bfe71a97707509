/** A Linux server behind one SSH connection. Nothing is copied to it and nothing is left on it. */
import type { Duplex } from 'node:stream';
import { decodeBytes } from '../../../collectors/text.ts';
import type { Identity } from '../host.ts';
import { type LinuxPrivilege, linuxPrivilege } from '../linux-privilege.ts';
import type { Invocation, Limits, Machine, Raw, RawMiss, RawRun } from '../machine.ts';
import { trustedProgram } from '../trusted-program.ts';
import type { SudoWay } from './command-line.ts';
import type { Connection } from './connection.ts';
import { type AsWhom, runProven, startProven } from './exec-channel.ts';
import { failed, type Reached } from './failure.ts';
import { type Greeting, greet, sftpServers } from './greeting.ts';
import { programFiles } from './remote-programs.ts';
import { openSftp, type SftpClient, SftpEnded } from './sftp-client.ts';
import { type RemoteFiles, sftpFiles } from './sftp-files.ts';
import { sftpSessions } from './sftp-sessions.ts';

export type Sudo = { readonly way: SudoWay; readonly password?: string };

const small: Limits = { maxBytes: 1024 * 1024, deadlineMs: 15_000 };
/** sshd's MaxSessions is 10 unless told otherwise; one is taken by SFTP, and a jump takes none. */
const channelsAtOnce = 6;
/** The root that a login of root is. */
const rootUid = 0;

/** Opens the machine: who logs in is proved, the files' door is open, and what it may do is known. */
export async function linuxOverSsh(
  connection: Connection,
  sudo: Sudo,
): Promise<Reached<Machine & { readonly bySudo: boolean }>> {
  const open = channelsOf(connection);
  const greeting = await greet(open);
  if (!greeting.ok) return greeting;
  // Who is root needs nobody's leave.
  const way: Sudo = greeting.value.uid === rootUid ? { way: 'none' } : sudo;
  const whom: AsWhom = {
    sudo: way.way,
    uid: way.way === 'none' ? greeting.value.uid : rootUid,
    bounded: greeting.value.bounded,
    proof: greeting.value.proof,
    ...(way.password !== undefined && { password: way.password }),
  };
  if (way.way !== 'none' && greeting.value.sudo !== 'trusted')
    return failed(
      'unsupported',
      'no-sudo',
      `there is no /usr/bin/sudo that only root can change (${greeting.value.sudo})`,
      'install sudo, or log in as root, or leave sudo out of the hosts file and see what a plain user sees',
    );
  const start = (): Promise<SftpClient> => startSftp(connection, greeting.value, whom);
  let first: SftpClient;
  try {
    first = await start();
  } catch (error) {
    return sftpFailure(error, greeting.value);
  }
  const files = sftpFiles(sftpSessions(first, start));
  const privilege = await readPrivilege(files);
  if (privilege === undefined)
    return failed(
      'failed',
      'no-proc',
      'the status of its own process cannot be read (/proc/self/status)',
      'mount /proc; without it nothing can be said of what the login may do',
    );
  if (privilege.uid !== whom.uid)
    return failed(
      'denied',
      'other-user',
      `the SFTP server runs as user ${privilege.uid}, not ${whom.uid}`,
      'look at the sudo rules (affiant sudoers) and at sshd_config (ForceCommand)',
    );
  return {
    ok: true,
    value: machineOver({
      connection,
      open,
      files,
      privilege,
      whom,
      greeting: greeting.value,
      close: () => first.close('closed'),
    }),
  };
}

type Parts = {
  readonly connection: Connection;
  readonly open: Connection['exec'];
  readonly files: RemoteFiles;
  readonly privilege: LinuxPrivilege;
  readonly whom: AsWhom;
  readonly greeting: Greeting;
  readonly close: () => void;
};

const notOnLinux: RawMiss = { outcome: 'unsupported', reason: 'not-on-linux' };

function machineOver({
  connection,
  open,
  files,
  privilege,
  whom,
  greeting,
  close,
}: Parts): Machine & { bySudo: boolean } {
  const programs = programFiles(files, small);
  return {
    os: 'linux',
    bySudo: whom.sudo !== 'none',
    accessesAtOnce: 32,
    privilege: (access) => privilege.held(access),
    async identity() {
      return await identityOf(files, privilege, greeting);
    },
    readFile: files.readFile,
    list: files.list,
    stat: files.stat,
    readLink: files.readLink,
    async run(invocation, limits) {
      const ran = await run(invocation, limits);
      return connection.lost() === undefined || ran.outcome === 'ok'
        ? ran
        : { outcome: 'failed', reason: 'connection-lost' };
    },
    registry: () => Promise.resolve(notOnLinux),
    query: () => Promise.resolve(notOnLinux),
    // Its package runs here, not there.
    system: () => Promise.resolve({ outcome: 'unsupported', reason: 'not-over-ssh' }),
    close,
  };

  async function run(
    { programs: candidates, args, privilege: needed }: Invocation,
    limits: Limits,
  ): Promise<Raw<RawRun>> {
    const began = performance.now();
    const program = await trustedProgram(candidates, programs);
    if (program.outcome !== 'ok') return program;
    const deadlineMs = Math.max(1, limits.deadlineMs - (performance.now() - began));
    // Root's rights only where the list says that the answer needs them.
    const asUser = whom.sudo !== 'none' && needed !== 'root';
    const as: AsWhom = asUser
      ? { sudo: 'none', uid: greeting.uid, bounded: greeting.bounded, proof: greeting.proof }
      : whom;
    const ran = await runProven(open, [program.value, ...args], as, { ...limits, deadlineMs });
    if (ran.outcome !== 'ok') return ran;
    return { outcome: 'ok', value: { ...ran.value, program: program.value, ...(asUser && { privilege: 'user' }) } };
  }
}

/** As many channels as sshd allows by default; the others wait. */
function channelsOf(connection: Connection): Connection['exec'] {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (line) => {
    if (running >= channelsAtOnce) await new Promise<void>((go) => queue.push(go));
    running += 1;
    const done = (): void => {
      running -= 1;
      queue.shift()?.();
    };
    const opened = await connection.exec(line);
    if (opened.outcome !== 'ok') done();
    else opened.value.once('close', done);
    return opened;
  };
}

/**
 * OpenSSH's own server, started like any other program: read-only (`-R`), with the rights that are proved, and in
 * the same view of the machine as the commands. Where there is none, the subsystem of sshd, for a login alone.
 */
async function startSftp(connection: Connection, { sftpServer }: Greeting, whom: AsWhom): Promise<SftpClient> {
  if (sftpServer !== undefined) {
    // Not among the channels that are counted: it stays open for the whole run.
    const started = await startProven(connection.exec, [sftpServer, '-R'], whom, small.deadlineMs);
    if (started.outcome !== 'ok') throw new SftpEnded(started.reason);
    const { channel, rest } = started.value;
    channel.stderr.resume();
    const client = openSftp(channel, rest);
    channel.resume();
    return await unlessSilent(client, channel);
  }
  if (whom.sudo !== 'none') throw new SftpEnded('no-sftp-server');
  const channel = await connection.sftp();
  if (channel.outcome !== 'ok') throw new SftpEnded('no-sftp-server');
  return await unlessSilent(openSftp(channel.value, Buffer.alloc(0)), channel.value);
}

async function unlessSilent(client: Promise<SftpClient>, channel: Duplex): Promise<SftpClient> {
  const timer = setTimeout(() => channel.destroy(new SftpEnded('deadline')), small.deadlineMs);
  try {
    return await client;
  } finally {
    clearTimeout(timer);
  }
}

function sftpFailure(error: unknown, { sftpServer }: Greeting): Reached<never> {
  const reason = error instanceof SftpEnded ? error.reason : 'sftp-failed';
  switch (reason) {
    case 'sudo-refused':
      return failed(
        'denied',
        reason,
        `sudo does not let the login run ${sftpServer ?? 'sftp-server'} -R as root`,
        'install the rules that affiant sudoers prints, and check them on the server: sudo -l',
      );
    case 'sudo-password-refused':
      return failed(
        'denied',
        reason,
        "sudo does not take the login's password",
        'correct the file that sudoPasswordFile names; it was tried once',
      );
    case 'other-user':
      return failed(
        'denied',
        reason,
        'sudo ran as another user than root',
        'look at the sudo rules (affiant sudoers): they name root',
      );
    case 'no-sftp-server':
      return failed(
        'unsupported',
        reason,
        `there is no SFTP server (${sftpServers.join(', ')}) and no subsystem sftp`,
        'install openssh-sftp-server: files are read through it, and it writes none (-R)',
      );
    case 'deadline':
      return failed(
        'timed-out',
        'sftp-deadline',
        'the SFTP server does not answer',
        'look at the load of that server and at its storage',
      );
    default:
      return failed(
        'failed',
        reason,
        'the SFTP server cannot be used',
        'look at sshd_config (ForceCommand, Subsystem) and at the shell of the login',
      );
  }
}

async function readPrivilege(files: RemoteFiles): Promise<LinuxPrivilege | undefined> {
  const [status, last] = await Promise.all([
    files.readFile('/proc/self/status', small),
    files.readFile('/proc/sys/kernel/cap_last_cap', small),
  ]);
  if (status.outcome !== 'ok') return undefined;
  const text = decodeBytes(status.value.bytes);
  const uid = /^Uid:\t\d+\t(\d+)\t/m.exec(text)?.[1];
  if (uid === undefined) return undefined;
  const lastCapability = last.outcome === 'ok' ? Number(decodeBytes(last.value.bytes)) : Number.NaN;
  return linuxPrivilege(text, lastCapability, Number(uid));
}

/** As Node says them of the machine that it runs on (process.arch). */
const architectures: Readonly<Record<string, string>> = {
  x86_64: 'x64',
  aarch64: 'arm64',
  i686: 'ia32',
  armv7l: 'arm',
};

async function identityOf(
  files: RemoteFiles,
  { uid, elevated, capabilities }: LinuxPrivilege,
  { machine }: Greeting,
): Promise<Raw<Identity>> {
  const line = async (path: string): Promise<string | undefined> => {
    const file = await files.readFile(path, small);
    return file.outcome === 'ok' ? decodeBytes(file.value.bytes).replace(/\n$/, '') : undefined;
  };
  const [hostname, kernelRelease, kernelVersion, passwd] = await Promise.all([
    line('/proc/sys/kernel/hostname'),
    line('/proc/sys/kernel/osrelease'),
    line('/proc/sys/kernel/version'),
    line('/etc/passwd'),
  ]);
  const name = new RegExp(`^([^:\\n]+):[^:\\n]*:${uid}:`, 'm').exec(passwd ?? '')?.[1];
  return {
    outcome: 'ok',
    value: {
      ...(hostname !== undefined && { hostname }),
      ...(kernelRelease !== undefined && { kernelRelease }),
      ...(kernelVersion !== undefined && { kernelVersion }),
      architecture: architectures[machine] ?? machine,
      user: name ?? `#${uid}`,
      uid,
      elevated,
      capabilities,
    },
  };
}
