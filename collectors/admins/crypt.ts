/** Password fields: what can be said of one without keeping the hash (crypt(5), shadow(5)). */
import type { PasswordState } from '../../schemas/generated/types.ts';

export type FieldState = Pick<PasswordState, 'state' | 'scheme'>;

/** Prefixes of crypt(5), longest first where one begins another. */
const schemes: readonly (readonly [string, string])[] = [
  ['$y$', 'yescrypt'],
  ['$gy$', 'gost-yescrypt'],
  ['$sm3y$', 'sm3-yescrypt'],
  ['$7$', 'scrypt'],
  ['$6$', 'sha512crypt'],
  ['$5$', 'sha256crypt'],
  ['$2a$', 'bcrypt'],
  ['$2b$', 'bcrypt'],
  ['$2x$', 'bcrypt'],
  ['$2y$', 'bcrypt'],
  ['$1$', 'md5crypt'],
  ['$3$', 'nt'],
  ['$sha1', 'sha1crypt'],
  ['$md5', 'sunmd5'],
];

/**
 * `empty`: any login succeeds without a password. `locked`: a hash behind `!` or `*`. `none`: nothing
 * can match. Whatever begins with `$` counts as a hash, since a scheme that we do not know may match.
 */
export function passwordState(field: string): FieldState {
  if (field === '') return { state: 'empty' };
  const hash = field.replace(/^[!*]+/, '');
  const kind = hashKind(hash);
  if (kind === undefined) return { state: 'none' };
  return { state: hash === field ? 'set' : 'locked', ...(kind === '' ? {} : { scheme: kind }) };
}

/** The scheme; empty where it is a hash of a scheme that we do not know; undefined where it is no hash. */
function hashKind(hash: string): string | undefined {
  if (/^[./0-9A-Za-z]{13}$/.test(hash)) return 'descrypt';
  if (/^_[./0-9A-Za-z]{19}$/.test(hash)) return 'bsdicrypt';
  if (!hash.startsWith('$')) return undefined;
  return schemes.find(([prefix]) => hash.startsWith(prefix))?.[1] ?? '';
}
