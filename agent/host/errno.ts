import type { RawMiss } from './machine.ts';

const absent: Readonly<Record<string, string>> = {
  ENOENT: 'no-such-file',
  ENOTDIR: 'no-such-file',
  ESRCH: 'no-such-process',
};

/** The code of a system error in the form `eio`; `unknown-error` where it bears none. */
export function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const word = typeof code === 'string' ? code.toLowerCase().replace(/[^a-z0-9]+/g, '-') : '';
  return /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(word) ? word.slice(0, 64) : 'unknown-error';
}

/**
 * What a failed system call says (errno(3)): ENOENT and ENOTDIR are absence, EACCES and EPERM are
 * denial and never absence, everything else is a failure under its own code.
 */
export function missOfErrno(error: unknown): RawMiss {
  const code = codeOf(error);
  const gone = absent[code.toUpperCase()];
  if (gone !== undefined) return { outcome: 'absent', reason: gone };
  if (code === 'eacces' || code === 'eperm') return { outcome: 'denied', reason: 'permission-denied' };
  return { outcome: 'failed', reason: code };
}
