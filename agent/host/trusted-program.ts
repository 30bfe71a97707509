/**
 * Which programs may be run as root: those that nobody but root can change or replace. Every folder
 * and link on the way counts, since whoever can write to one of them decides what we run.
 */
import { constants } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';
import { codeOf, missOfErrno } from './errno.ts';
import { printable } from './locator.ts';
import type { Raw, RawMiss } from './machine.ts';

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
export async function trustedProgram(candidates: readonly string[]): Promise<Raw<string>> {
  let worst: RawMiss = { outcome: 'absent', reason: 'no-such-program' };
  for (const candidate of candidates) {
    const miss = await distrust(candidate, 0).catch(missOfErrno);
    if (miss === undefined) return { outcome: 'ok', value: candidate };
    if (miss.outcome !== 'absent' && worst.outcome === 'absent') worst = miss;
  }
  return worst;
}

/** Why a program is not to be run; undefined where nothing speaks against it. Throws system errors. */
async function distrust(program: string, interpreters: number): Promise<RawMiss | undefined> {
  const fault = await faultOnTheWay(program);
  if (fault !== undefined) return untrusted(fault);
  const interpreter = await interpreterOf(program);
  if (interpreter === undefined) return undefined;
  if (interpreters >= maxInterpreters || !interpreter.startsWith('/')) return untrusted(interpreter);
  const miss = await distrust(interpreter, interpreters + 1).catch(missOfErrno);
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
async function faultOnTheWay(program: string): Promise<string | undefined> {
  let fault = await faultOf('/');
  let here = '';
  let links = 0;
  const steps = program.split('/');
  for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
    if (step === '' || step === '.') continue;
    if (step === '..') {
      here = here.slice(0, Math.max(0, here.lastIndexOf('/')));
      continue;
    }
    const path = `${here}/${step}`;
    fault ??= await faultOf(path);
    const about = await lstat(path);
    if (about.isSymbolicLink()) {
      links += 1;
      if (links > maxLinks) throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
      const target = await readlink(path);
      if (target.startsWith('/')) here = '';
      steps.unshift(...target.split('/'));
    } else {
      here = path;
      if (steps.length === 0 && !about.isFile()) throw Object.assign(new Error('no file'), { code: 'ENOEXEC' });
    }
  }
  return fault;
}

async function faultOf(path: string): Promise<string | undefined> {
  const about = await lstat(path);
  // The mode of a link means nothing; who may replace it is decided by its folder.
  const writable = !about.isSymbolicLink() && (about.mode & othersMayWrite) !== 0;
  return about.uid !== 0 || writable ? path : undefined;
}

/** The interpreter that a script names in its first line (execve(2)); undefined for a binary. */
async function interpreterOf(program: string): Promise<string | undefined> {
  try {
    const file = await open(program, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
      return /^#![ \t]*([^ \t\r\n]+)/.exec(buffer.toString('latin1', 0, bytesRead))?.[1];
    } finally {
      await file.close();
    }
  } catch (error) {
    // A program may be executable and not readable; a script like that could not run either.
    if (codeOf(error) === 'eacces') return undefined;
    throw error;
  }
}
