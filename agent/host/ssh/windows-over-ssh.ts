/** A Windows server behind one SSH connection, by one PowerShell on it. Nothing is copied to it and nothing is left on it. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path/win32';
import { decodeBytes } from '../../../collectors/text.ts';
import type { Machine, Raw, RawMiss } from '../machine.ts';
import { remoteText } from '../powershell/script.ts';
import { createSession, type PowerShellSession } from '../powershell/session.ts';
import { queries } from '../queries.ts';
import { startOf } from '../windows/batch-file.ts';
import { filesByQuery, looksByQuery } from '../windows/files-by-query.ts';
import { programByQuery, windowsArguments } from '../windows/program-by-query.ts';
import { identityKeys, readRemoteIdentity } from '../windows/remote-identity.ts';
import { askOf, windowsMachine } from '../windows/windows-machine.ts';
import { remotePowerShell } from './channel-process.ts';
import type { Connection } from './connection.ts';
import { failed, type Reached } from './failure.ts';
import { probeLine, readProbe, type WindowsShell } from './windows-shell.ts';

export type WindowsBehindSsh = Machine & {
  /** Resolves when nothing that was started there is left, as far as that can be told. */
  readonly settled: () => Promise<void>;
};

const probeMs = 20_000;
const maxProbeBytes = 64 * 1024;
const small = { maxBytes: 1024 * 1024, deadlineMs: 15_000 };

/** Opens the machine: its shell is known, its PowerShell answers, and who it runs as is proved by its own token. */
export async function windowsOverSsh(connection: Connection): Promise<Reached<WindowsBehindSsh>> {
  const shell = await probe(connection);
  if ('outcome' in shell) return noShell(shell);
  const remote = remotePowerShell(connection, shell);
  const session = createSession({ start: remote.start, setup: remoteText() });
  const greeting = await askOf(session)('session');
  if (greeting.outcome !== 'ok') return await given(noPowerShell(greeting));
  const told = await askOf(session)('registry-keys', { keys: identityKeys });
  if (told.outcome !== 'ok') return await given(noPowerShell(told));
  const { identity, systemRoot } = readRemoteIdentity(told.value, remote.started()?.architecture ?? '');
  // The login's own environment can name any folder (HKCU\Environment); the registry names the one that runs.
  if (systemRoot !== undefined && systemRoot.toLowerCase() !== shell.windows.toLowerCase())
    return await given(
      failed(
        'denied',
        'other-system-folder',
        `the login's SystemRoot is ${shell.windows}, that of Windows is ${systemRoot}`,
        "take SystemRoot out of the account's own environment variables",
      ),
    );
  const machine = over(session, shell, greeting, identity);
  return { ok: true, value: { ...machine, settled: remote.settled } };

  async function given(reached: Reached<never>): Promise<Reached<never>> {
    session.close();
    await remote.settled();
    return reached;
  }
}

function over(
  session: PowerShellSession,
  { windows }: WindowsShell,
  greeting: Raw<unknown>,
  identity: ReturnType<typeof readRemoteIdentity>['identity'],
): Machine {
  const folders = { windows, system32: join(windows, 'System32') };
  const files = filesByQuery((name, parameters, limits) =>
    // After a query that hung a new process has to start within the deadline.
    session.query(queries[name], parameters, { ...limits, deadlineMs: Math.max(limits.deadlineMs, small.deadlineMs) }),
  );
  return windowsMachine({
    session,
    greeting,
    folders,
    files,
    looks: looksByQuery(files, small),
    runProgram: async (program, args, limits) => {
      const start = startOf(program, args, folders);
      if (start === undefined) return { outcome: 'failed', reason: 'unsafe-arguments' };
      return await programByQuery(
        (parameters, within) => session.query(queries['program-output'], parameters, within),
        start.file,
        start.verbatim ? start.args.join(' ') : windowsArguments(start.args),
        limits,
      );
    },
    own: () => Promise.resolve(identity),
  });
}

/** Asks the login's shell what it is and where Windows lies; that runs no program and writes nothing. */
async function probe(connection: Connection): Promise<WindowsShell | RawMiss> {
  const mark = `affiant-${randomBytes(12).toString('hex')}`;
  const opened = await connection.exec(probeLine(mark));
  if (opened.outcome !== 'ok') return opened;
  const channel = opened.value;
  const { promise, resolve } = Promise.withResolvers<string | RawMiss>();
  let output = '';
  const timer = setTimeout(() => resolve({ outcome: 'timed-out', reason: 'no-command' }), probeMs);
  channel.on('error', () => undefined);
  channel.on('data', (chunk: Buffer) => {
    output = (output + decodeBytes(chunk).replaceAll('\0', '')).slice(-maxProbeBytes);
  });
  channel.on('close', () => resolve(output));
  channel.stderr.resume();
  channel.end();
  const said = await promise;
  clearTimeout(timer);
  channel.destroy();
  if (typeof said !== 'string') return said;
  if (connection.lost() !== undefined) return { outcome: 'failed', reason: 'connection-lost' };
  return (
    readProbe(said, mark) ?? { outcome: 'unsupported', reason: said.includes(mark) ? 'unknown-shell' : 'no-command' }
  );
}

function noShell({ outcome, reason }: RawMiss): Reached<never> {
  if (outcome === 'timed-out')
    return failed(
      outcome,
      'no-command',
      'the login works, but a command does not come back',
      "look at the PowerShell profile of the account and at the server's load",
    );
  if (reason === 'connection-lost')
    return failed('failed', reason, 'the connection broke at the first command', 'look at the log of its sshd');
  if (reason === 'unknown-shell')
    return failed(
      'unsupported',
      reason,
      'the shell of the login is none of cmd.exe, PowerShell or a bash of Windows, or it is no Windows',
      String.raw`look at DefaultShell under HKLM\SOFTWARE\OpenSSH; for a Linux server set os: linux in the hosts file`,
    );
  return failed(
    'denied',
    'no-command',
    `the login may run no command of ours (${reason})`,
    'take away ForceCommand and command= in authorized_keys for this account',
  );
}

function noPowerShell({ outcome, reason, detail }: RawMiss): Reached<never> {
  const words = detail === undefined ? '' : `: ${detail}`;
  switch (reason) {
    case 'powershell-does-not-start':
      return failed(
        'unsupported',
        reason,
        `Windows PowerShell does not start for this login${words}`,
        'look whether a policy (AppLocker, App Control) forbids it to this account, or whether it was removed',
      );
    case 'powershell-of-32-bits':
      return failed(
        'unsupported',
        reason,
        'its sshd is a program of 32 bits: PowerShell would see another registry than that of the machine',
        'install the OpenSSH of 64 bits',
      );
    case 'powershell-silent':
    case 'deadline':
      return failed(
        'timed-out',
        'powershell-silent',
        'Windows PowerShell was started and does not answer',
        "look at the server's load, and whether a scanner holds up powershell.exe",
      );
    default:
      return failed(
        outcome,
        reason,
        `Windows PowerShell does not answer as it should${words}`,
        'run affiant doctor --deep on that server',
      );
  }
}
