/** A PowerShell behind an exec channel, as the session of powershell/session.ts knows a process. */
import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { ClientChannel } from 'ssh2';
import { decodeBytes } from '../../../collectors/text.ts';
import type { RawMiss } from '../machine.ts';
import { firstWordOf } from '../powershell/answer.ts';
import type { SessionChild, StartedProcess } from '../powershell/session.ts';
import type { Connection } from './connection.ts';
import { powershellLine, taskkillLine, type WindowsShell } from './windows-shell.ts';

/** A busy server takes seconds for its first PowerShell. */
const startMs = 45_000;
const endMs = 10_000;
/** At the end of its input an idle one ends by itself. */
const finishMs = 2000;
const maxNoiseBytes = 64 * 1024;

/**
 * What a process has of ours and not of whoever started it, as child-environment.ts gives it to one that we start: modules
 * of the system alone, and no cache of them written into the login's profile (about_PSModulePath).
 */
const environmentLines = [
  "$env:PSModuleAnalysisCachePath = 'nul'",
  "$env:POWERSHELL_TELEMETRY_OPTOUT = '1'",
  '$env:PSModulePath = "$env:SystemRoot\\System32\\WindowsPowerShell\\v1.0\\Modules"',
  '$env:Path = "$env:SystemRoot\\System32;$env:SystemRoot;$env:SystemRoot\\System32\\Wbem"',
  "$env:PATHEXT = '.COM;.EXE'",
];

/** What a process says of itself before anything is asked of it. */
export type Started = {
  readonly pid: number;
  /** PROCESSOR_ARCHITECTURE: `AMD64`, `ARM64`, `x86`. */
  readonly architecture: string;
  /** A process of 32 bits on a Windows of 64 sees other keys and folders under the same names (WOW64). */
  readonly isRedirected: boolean;
};

export type RemotePowerShell = {
  /** Starts one. */
  readonly start: () => Promise<StartedProcess | RawMiss>;
  /** Resolves when what was ended is gone, or cannot be told to go. */
  readonly settled: () => Promise<void>;
  /** Undefined before the first one started. */
  readonly started: () => Started | undefined;
};

export function remotePowerShell(connection: Connection, shell: WindowsShell): RemotePowerShell {
  const ending = new Set<Promise<void>>();
  let last: Started | undefined;
  const waitFor = (end: Promise<void>): void => {
    ending.add(end);
    void end.then(() => ending.delete(end));
  };
  return {
    started: () => last,
    async start() {
      const opened = await connection.exec(powershellLine(shell));
      if (opened.outcome !== 'ok') return opened;
      const channel = opened.value;
      const child = channelChild(channel);
      const said = await firstWords(channel, child);
      if ('outcome' in said) {
        channel.destroy();
        return said;
      }
      last = said;
      const { pid } = said;
      if (said.isRedirected) {
        channel.end();
        return { outcome: 'unsupported', reason: 'powershell-of-32-bits' };
      }
      return {
        child,
        kill: () => {
          waitFor(endTree(connection, shell, pid));
          channel.destroy();
        },
        finish: () => {
          waitFor(ended(channel, finishMs));
          channel.end();
        },
      };
    },
    settled: async () => {
      await Promise.all(ending);
    },
  };
}

/** The streams of a channel, and its end: with an exit code, by a signal, or because the channel was closed. */
function channelChild(channel: ClientChannel): SessionChild {
  const told = new EventEmitter();
  const end: { exitCode: number | null; signalCode: string | null } = { exitCode: null, signalCode: null };
  const tell = (event: 'exit' | 'close'): void => void told.emit(event, end.exitCode, end.signalCode);
  channel.on('error', () => undefined);
  channel.on('exit', (code: number | null, signal?: string) => {
    end.exitCode = code;
    end.signalCode = signal ?? null;
    tell('exit');
  });
  channel.on('close', () => {
    if (end.exitCode === null && end.signalCode === null) {
      end.signalCode = 'the end of its channel';
      tell('exit');
    }
    tell('close');
  });
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    get exitCode() {
      return end.exitCode;
    },
    get signalCode() {
      return end.signalCode;
    },
    once: (event, listener) => told.once(event, listener),
    off: (event, listener) => told.off(event, listener),
    // The connection is ended with the machine, not left to itself.
    unref: () => undefined,
  };
}

/** Among them the process's number, by which it can be ended; what is printed before (a banner, a profile) is passed over. */
function firstWords(channel: ClientChannel, child: SessionChild): Promise<Started | RawMiss> {
  const mark = `affiant-${randomBytes(12).toString('hex')}`;
  const { promise, resolve } = Promise.withResolvers<Started | RawMiss>();
  let printed = '';
  let errors = '';
  const settle = (result: Started | RawMiss): void => {
    clearTimeout(timer);
    channel.off('data', onData);
    child.off('close', onClose);
    channel.stderr.off('data', onError);
    resolve(result);
  };
  const onData = (chunk: Buffer): void => {
    // A host that writes UTF-16 is read too.
    printed = (printed + chunk.toString('latin1').replaceAll('\0', '')).slice(-maxNoiseBytes);
    const [, pid, architecture = '', other = ''] =
      new RegExp(`${mark} ([0-9]{1,10}) ([A-Za-z0-9]{0,16})/([A-Za-z0-9]{0,16})[\\r\\n]`).exec(printed) ?? [];
    if (pid !== undefined) settle({ pid: Number(pid), architecture, isRedirected: other !== '' });
  };
  const onError = (chunk: Buffer): void => {
    errors = (errors + decodeBytes(chunk)).slice(0, 4096);
  };
  const onClose = (code: number | null): void => {
    const detail = firstWordOf(errors)?.slice(0, 200).toWellFormed() ?? `exit code ${code ?? 'unknown'}`;
    settle({ outcome: 'unsupported', reason: 'powershell-does-not-start', detail });
  };
  const timer = setTimeout(() => settle({ outcome: 'timed-out', reason: 'powershell-silent' }), startMs);
  channel.on('data', onData);
  channel.stderr.on('data', onError);
  child.once('close', onClose);
  channel.write(
    `${[...environmentLines, `"${mark} $PID $env:PROCESSOR_ARCHITECTURE/$env:PROCESSOR_ARCHITEW6432"`].join('\n')}\n`,
  );
  return promise;
}

/** sshd closes a channel and leaves the process as it is; so another channel ends it, with its children. */
async function endTree(connection: Connection, shell: WindowsShell, pid: number): Promise<void> {
  const opened = await connection.exec(taskkillLine(shell, pid));
  if (opened.outcome !== 'ok') return;
  const channel = opened.value;
  const end = ended(channel, endMs);
  channel.on('error', () => undefined);
  channel.resume();
  channel.stderr.resume();
  channel.end();
  await end;
  channel.destroy();
}

async function ended(channel: ClientChannel, milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  channel.once('close', () => resolve());
  await promise;
  clearTimeout(timer);
}
