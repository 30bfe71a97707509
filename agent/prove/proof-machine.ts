/**
 * What a proof may do to this machine: make one folder with two small files, remove exactly these, look at
 * a log's end, run four programs. An interface of its own, since the door to the machine only reads.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Raw, RawRun } from '../host/machine.ts';
import { runProgram } from '../host/run-program.ts';
import { trustedProgram } from '../host/trusted-program.ts';
import { windowsStart } from '../host/windows/start-powershell.ts';
import { ownSystemFolders } from '../host/windows/system-folders.ts';
import { errnoOf } from '../spool/fault.ts';
import { invocationOf, type ProofCommand } from './programs.ts';

/** How an access to one of our own files ended. blocked: the kernel or a scanner said no. */
export type Touch = { readonly state: 'whole' | 'changed' | 'gone' | 'blocked' | 'failed'; readonly reason?: string };

export type FolderLook = { readonly uid: number; readonly mode: number; readonly directory: boolean };

export interface ProofMachine {
  /** The real path, links resolved; undefined where there is none. */
  realPath(path: string): string | undefined;
  look(path: string): FolderLook | undefined;
  makeFolder(path: string): void;
  /** Never over a file that is there. */
  write(path: string, bytes: Uint8Array): Touch;
  /** Reads it back and compares. */
  touch(path: string, expected: Uint8Array): Touch;
  /** True where nothing is left. Removes a plain file or an empty folder, nothing else, and follows no link. */
  remove(path: string): boolean;
  sizeOf(path: string): number | undefined;
  /** Text of a file from an offset on, bounded; empty where it cannot be read. */
  readFrom(path: string, offset: number): string;
  run(command: ProofCommand): Promise<Raw<RawRun>>;
  wait(milliseconds: number): Promise<void>;
  now(): Date;
  monotonicMs(): number;
  readonly uid: number;
}

const maxLogBytes = 1024 * 1024;
const maxOutputBytes = 4 * 1024 * 1024;

/** This machine, with the rights of this process. */
export function proofMachine(): ProofMachine {
  return {
    realPath: (path) => orUndefined(() => realpathSync(path)),
    look: (path) =>
      orUndefined(() => {
        const about = lstatSync(path);
        return { uid: uidOf(about.uid), mode: about.mode & 0o7777, directory: about.isDirectory() };
      }),
    // Scanners run as users of their own and must be able to look in.
    makeFolder: (path) => {
      mkdirSync(path, { mode: 0o755 });
    },
    write,
    touch,
    remove,
    sizeOf: (path) => orUndefined(() => statSync(path).size),
    readFrom,
    run,
    wait: async (milliseconds) => {
      await delay(milliseconds);
    },
    now: () => new Date(),
    monotonicMs: () => performance.now(),
    uid: process.geteuid?.() ?? noUid,
  };
}

/** Windows has no uids, and Node says 0 of every file: there all are of one owner, and rules are asked for elsewhere. */
const noUid = -1;

function uidOf(uid: number): number {
  return process.platform === 'win32' ? noUid : uid;
}

function write(path: string, bytes: Uint8Array): Touch {
  try {
    const handle = openSync(
      path,
      constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW,
      0o644,
    );
    try {
      writeSync(handle, bytes);
    } finally {
      closeSync(handle);
    }
    return { state: 'whole' };
  } catch (error) {
    return touchOf(error);
  }
}

function touch(path: string, expected: Uint8Array): Touch {
  try {
    const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (!fstatSync(handle).isFile()) return { state: 'changed' };
      const found = Buffer.alloc(expected.length + 1);
      const length = readSync(handle, found, 0, found.length, 0);
      return { state: Buffer.compare(found.subarray(0, length), expected) === 0 ? 'whole' : 'changed' };
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    return touchOf(error);
  }
}

function touchOf(error: unknown): Touch {
  const errno = errnoOf(error);
  if (errno === 'ENOENT') return { state: 'gone' };
  if (errno === 'EPERM' || errno === 'EACCES') return { state: 'blocked', reason: errno.toLowerCase() };
  if (errno === undefined) throw error;
  return { state: 'failed', reason: errno.toLowerCase() };
}

function remove(path: string): boolean {
  const about = orUndefined(() => lstatSync(path));
  try {
    if (about?.isDirectory() === true) rmdirSync(path);
    else if (about !== undefined) unlinkSync(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
  return orUndefined(() => lstatSync(path)) === undefined;
}

function readFrom(path: string, offset: number): string {
  return (
    orUndefined(() => {
      const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        const buffer = Buffer.alloc(maxLogBytes);
        return buffer.toString('latin1', 0, readSync(handle, buffer, 0, buffer.length, offset));
      } finally {
        closeSync(handle);
      }
    }) ?? ''
  );
}

async function run(command: ProofCommand): Promise<Raw<RawRun>> {
  const { programs, args, timeoutMs } = invocationOf(command);
  if (process.platform === 'win32') return await runOnWindows(programs, args, timeoutMs);
  const program = await trustedProgram(programs);
  if (program.outcome !== 'ok') return program;
  return await runProgram(program.value, args, { maxBytes: maxOutputBytes, deadlineMs: timeoutMs });
}

/** Programs of Windows itself alone: nobody but TrustedInstaller can write to its system folder. */
async function runOnWindows(
  programs: readonly string[],
  args: readonly string[],
  deadlineMs: number,
): Promise<Raw<RawRun>> {
  const folders = ownSystemFolders();
  const [own] = programs.filter((program) => program.startsWith('%System32%'));
  if (own === undefined) return { outcome: 'absent', reason: 'no-such-program' };
  const program = own.replace('%System32%', folders.system32);
  return await runProgram(program, args, { maxBytes: maxOutputBytes, deadlineMs }, windowsStart(folders));
}

/** Undefined for an error of the system; errors of the program pass. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
