/** What can go wrong with the state folder, told so that a person knows what to do. */
import type { Refusal, Result } from '../../evidence/result.ts';
import { ok } from '../../evidence/result.ts';

/** Thrown inside the spool, turned into a refusal at its edge by `guarded`. */
export class StateFault extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, cause?: unknown) {
    super(refusal.message, { cause });
    this.refusal = refusal;
  }
}

/** Leaves the present operation with a refusal. */
export function fail(code: string, message: string, remedy?: string): never {
  throw new StateFault({ code, message, ...(remedy === undefined ? {} : { remedy }) });
}

/** The errno name of an error of the file system, such as ENOSPC. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

/** An error of the file system as a fault that names the path and the remedy; any other error as it is. */
export function faultAt(error: unknown, path: string): unknown {
  const errno = errnoOf(error);
  return errno === undefined ? error : new StateFault(refusalFor(errno, path), error);
}

/** Does the work, and gives the refusal where it failed for a reason that a person can act on. Errors of the program pass through. */
export function attempt<T>(folder: string, work: () => T): Result<T> {
  try {
    return ok(work());
  } catch (error) {
    const path = error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : folder;
    const fault = faultAt(error, path);
    if (fault instanceof StateFault) return { ok: false, refusal: fault.refusal };
    throw error;
  }
}

/** Does the work under the lock of the state folder, as `attempt` does. */
export function guarded<T>(
  state: { readonly folder: string; readonly lock: <R>(work: () => R) => R },
  work: () => T,
): Result<T> {
  return attempt(state.folder, () => state.lock(work));
}

const kept = 'what was spooled before is untouched';
const elsewhere = 'or use another folder: --state DIR';

function refusalFor(errno: string, path: string): Refusal {
  switch (errno) {
    case 'ENOSPC':
    case 'EDQUOT':
      return {
        code: 'disk-full',
        message: `no space left for ${path} (${errno}); ${kept}`,
        remedy: `free space on its file system, ${elsewhere}`,
      };
    case 'EROFS':
      return {
        code: 'read-only',
        message: `${path} is on a read-only file system (EROFS)`,
        remedy: `remount it writable, ${elsewhere}`,
      };
    case 'EACCES':
    case 'EPERM':
      return {
        code: 'not-permitted',
        message: `${path} may not be read or written by this user (${errno})`,
        remedy: `run as the user who owns it, ${elsewhere}`,
      };
    case 'EIO':
      return {
        code: 'disk-error',
        message: `the disk failed at ${path} (EIO); ${kept}`,
        remedy: `look at the kernel log and replace the disk, ${elsewhere}`,
      };
    default:
      return {
        code: 'state-unusable',
        message: `${path} cannot be used (${errno}); ${kept}`,
        remedy: `check the folder, ${elsewhere}`,
      };
  }
}
