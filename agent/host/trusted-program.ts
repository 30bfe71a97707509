/**
 * Which programs may be run as root: those that nobody but root can change or replace. Every folder
 * and link on the way counts, since whoever can write to one of them decides what we run.
 */
import { constants } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';
import { codeOf, missOfErrno } from './errno.ts';
import { printable } from './locator.ts';
import type { Raw, RawMiss } from './machine.ts';

/** The looks that this takes; each throws system errors. Those of the machine that we run on unless told otherwise. */
export type ProgramFiles = {
  /** lstat(2). */
  readonly look: (path: string) => Promise<{ type: 'file' | 'link' | 'other'; uid: number; mode: number }>;
  readonly target: (path: string) => Promise<string>;
  /** The first 256 bytes, as Latin-1. */
  readonly head: (path: string) => Promise<string>;
};

const here: ProgramFiles = {
  async look(path) {
    const about = await lstat(path);
    const type = about.isSymbolicLink() ? 'link' : about.isFile() ? 'file' : 'other';
    return { type, uid: about.uid, mode: about.mode };
  },
  target: (path) => readlink(path),
  async head(path) {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await file.close();
    }
  },
};

/** path_resolution(7). */
const maxLinks = 40;
/** execve(2): interpreters of interpreters. */
const maxInterpreters = 4;
const othersMayWrite = 0o022;

/**
 * The first candidate that exists and that only root can change. `absent` only where none of them
 * exists; `denied` with the reason `untrusted-program` and the path at fault where one is there but
 * cannot be trusted.
 */
export async function trustedProgram(candidates: readonly string[], files: ProgramFiles = here): Promise<Raw<string>> {
  let worst: RawMiss = { outcome: 'absent', reason: 'no-such-program' };
  for (const candidate of candidates) {
    const miss = await distrust(candidate, 0, files).catch(missOfErrno);
    if (miss === undefined) return { outcome: 'ok', value: candidate };
    if (miss.outcome !== 'absent' && worst.outcome === 'absent') worst = miss;
  }
  return worst;
}

/** Why a program is not to be run; undefined where nothing speaks against it. Throws system errors. */
async function distrust(program: string, interpreters: number, files: ProgramFiles): Promise<RawMiss | undefined> {
  const fault = await faultOnTheWay(program, files);
  if (fault !== undefined) return untrusted(fault);
  const interpreter = await interpreterOf(program, files);
  if (interpreter === undefined) return undefined;
  if (interpreters >= maxInterpreters || !interpreter.startsWith('/')) return untrusted(interpreter);
  const miss = await distrust(interpreter, interpreters + 1, files).catch(missOfErrno);
  return miss?.outcome === 'absent' ? { outcome: 'failed', reason: 'no-interpreter' } : miss;
}

function untrusted(path: string): RawMiss {
  const detail = `${printable(path)} can be changed by others than root`.slice(0, 400);
  return { outcome: 'denied', reason: 'untrusted-program', detail };
}

/**
 * Walks from / to the file as the kernel does, and returns the first folder, link or file that others
 * than root own or may write to. It goes on to the end, so that a program that is not there throws ENOENT.
 */
async function faultOnTheWay(program: string, files: ProgramFiles): Promise<string | undefined> {
  const faultOf = async (path: string): Promise<string | undefined> => {
    const { type, uid, mode } = await files.look(path);
    // The mode of a link means nothing; who may replace it is decided by its folder.
    return uid !== 0 || (type !== 'link' && (mode & othersMayWrite) !== 0) ? path : undefined;
  };
  let fault = await faultOf('/');
  let folder = '';
  let links = 0;
  const steps = program.split('/');
  for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
    if (step === '' || step === '.') continue;
    if (step === '..') {
      folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
      continue;
    }
    const path = `${folder}/${step}`;
    fault ??= await faultOf(path);
    const { type } = await files.look(path);
    if (type === 'link') {
      links += 1;
      if (links > maxLinks) throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
      const target = await files.target(path);
      if (target.startsWith('/')) folder = '';
      steps.unshift(...target.split('/'));
    } else {
      folder = path;
      if (steps.length === 0 && type !== 'file') throw Object.assign(new Error('no file'), { code: 'ENOEXEC' });
    }
  }
  return fault;
}

/** The interpreter that a script names in its first line (execve(2)); undefined for a binary. */
async function interpreterOf(program: string, files: ProgramFiles): Promise<string | undefined> {
  try {
    return /^#![ \t]*([^ \t\r\n]+)/.exec(await files.head(program))?.[1];
  } catch (error) {
    // A program may be executable and not readable; a script like that could not run either.
    if (codeOf(error) === 'eacces') return undefined;
    throw error;
  }
}
