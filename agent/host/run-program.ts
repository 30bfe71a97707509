/** Runs one program to its end, or ends it: bounded in time and output, and never left behind. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { childEnvironment } from './environment.ts';
import { codeOf } from './errno.ts';
import type { Limits, Raw, RawMiss, RawRun } from './machine.ts';

/** Past the cap output is thrown away so that the program can end by itself; past this many times the cap it is ended. */
const patience = 8;
/** How often to look whether more comes from a pipe whose program has ended. */
const idleCheckMs = 50;

/** How a program is started on this system, and how it is ended with everything that it started. */
export type ProgramStart = {
  readonly options: SpawnOptions;
  readonly end: (child: ChildProcess) => void;
  /** How long a pipe may stay open and silent after its program has ended; 50 ms where nothing is said. */
  readonly idleMs?: number;
};

const onLinux: ProgramStart = {
  options: {
    cwd: '/',
    env: childEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    windowsHide: true,
  },
  end: killGroup,
};

type Kept = { readonly chunks: Uint8Array[]; kept: number; total: number };

/**
 * Starts `file` with exactly `args`: no shell, no standard input, its own session and process group,
 * our scrubbed environment, the working folder `/`. At the deadline, or when its output passes the
 * cap by far, the whole group is killed with SIGKILL. A descendant that moved to another session and
 * keeps the pipe open cannot hold us up: then the end of the output was not seen, and `truncated` says so.
 */
export function runProgram(
  file: string,
  args: readonly string[],
  limits: Limits,
  how: ProgramStart = onLinux,
): Promise<Raw<RawRun>> {
  const { promise, resolve } = Promise.withResolvers<Raw<RawRun>>();
  const child = start(file, args, how);
  if ('outcome' in child) return Promise.resolve(child);
  const stdout: Kept = { chunks: [], kept: 0, total: 0 };
  const stderr: Kept = { chunks: [], kept: 0, total: 0 };
  let ended: { exitCode: number | undefined; signal: string | undefined } | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  let settled = false;

  const settle = (result: Raw<RawRun>): void => {
    // Once only: later the group's number may belong to others.
    if (settled) return;
    settled = true;
    clearTimeout(deadline);
    clearTimeout(idleTimer);
    how.end(child);
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.unref();
    resolve(result);
  };
  const finish = (whole: boolean): void => {
    const truncated = !whole || stdout.total > stdout.kept;
    settle({ outcome: 'ok', value: { stdout: joined(stdout), stderr: joined(stderr), ...end(), truncated } });
  };
  const end = () => ended ?? { exitCode: undefined, signal: undefined };
  const deadline = setTimeout(() => {
    if (ended === undefined) settle({ outcome: 'timed-out', reason: 'deadline' });
    else finish(false);
  }, limits.deadlineMs);
  const collect = (stream: Readable | null, into: Kept): void => {
    stream?.on('error', () => undefined);
    stream?.on('data', (chunk: Buffer) => {
      keep(into, chunk, limits.maxBytes);
      if (into.total > limits.maxBytes * patience) settle({ outcome: 'failed', reason: 'output-too-large' });
    });
  };
  /** Done when nothing came since the last look; the look itself follows the event loop's reading. */
  const awaitIdle = (seen: number): void => {
    idleTimer = setTimeout(() => {
      setImmediate(() => {
        const now = stdout.total + stderr.total;
        if (now === seen) finish(false);
        else if (!settled) awaitIdle(now);
      });
    }, how.idleMs ?? idleCheckMs);
  };

  collect(child.stdout, stdout);
  collect(child.stderr, stderr);
  child.once('error', (error) => settle(missOfStart(error)));
  child.once('exit', (exitCode, signal) => {
    ended = { exitCode: exitCode ?? undefined, signal: signal ?? undefined };
    if (!settled) awaitIdle(-1);
  });
  child.once('close', () => finish(true));
  return promise;
}

function start(file: string, args: readonly string[], { options }: ProgramStart): ChildProcess | RawMiss {
  try {
    return spawn(file, args, options);
  } catch (error) {
    return missOfStart(error);
  }
}

/** The file was there a moment ago, so ENOENT here speaks of an interpreter or a loader, never of absence. */
function missOfStart(error: unknown): RawMiss {
  const code = codeOf(error);
  if (code === 'eacces' || code === 'eperm') return { outcome: 'denied', reason: 'permission-denied' };
  return { outcome: 'failed', reason: code === 'enoent' ? 'no-interpreter' : code };
}

function keep(into: Kept, chunk: Uint8Array, maxBytes: number): void {
  into.total += chunk.length;
  const part = chunk.subarray(0, maxBytes - into.kept);
  if (part.length === 0) return;
  into.chunks.push(part);
  into.kept += part.length;
}

function joined({ chunks }: Kept): Uint8Array {
  return Buffer.concat(chunks);
}

/** Everything in the child's process group, the child's own children included. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // ESRCH: the group is empty, which is what we want. EPERM: a set-uid program that we may not end.
  }
}
