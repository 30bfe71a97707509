/**
 * passwd(5), read the way glibc reads it (nss/nss_files/files-parse.c): blank lines and lines that
 * begin with `#` do not count, the fields after the group id may be missing, ids are strtoul(3)
 * numbers cut to 32 bits. Any other line makes the whole file unusable here: it could hide an account.
 */
import type { LocalAccount, NisEntry } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { toText } from '../text.ts';
import { passwordState } from './crypt.ts';

export type AccountFile = { readonly accounts: LocalAccount[]; readonly nisEntries: NisEntry[] };

const maxAccounts = 100_000;
const maxLineLength = 65_536;

/** GECOS is left out (personal, not needed); a password hash is looked at and dropped at once. */
export function parsePasswd(text: string, file: string): Parsed<AccountFile> {
  const accounts: LocalAccount[] = [];
  const nisEntries: NisEntry[] = [];
  for (const { line, number } of linesOf(text)) {
    const fields = line.split(':');
    const [name = '', password, uidField, gidField, _gecos, home, ...rest] = fields;
    if (/^[+-]/.test(name)) {
      nisEntries.push({ definedIn: file, line: number, entry: toText(name) });
      continue;
    }
    const uid = idOf(uidField);
    const gid = idOf(gidField);
    if (password === undefined || uid === undefined || gid === undefined || line.length > maxLineLength)
      return unparsed('malformed-line', `${file} line ${number}`);
    accounts.push({
      name: toText(name),
      uid,
      gid,
      ...(home === undefined ? {} : { home: toText(home) }),
      shell: toText(rest.join(':')),
      ...(password === 'x' ? {} : { password: passwordState(password).state }),
    });
  }
  if (accounts.length === 0) return unparsed('no-entries', file);
  if (accounts.length > maxAccounts) return unparsed('too-many-entries', file);
  return parsed({ accounts, nisEntries });
}

/** Lines that count, with their numbers from 1. Shared by the account files, which treat blanks and comments alike. */
export function linesOf(text: string): { line: string; number: number }[] {
  return text
    .split('\n')
    .map((line, at) => ({ line: line.replace(/^[ \t\v\f\r]+/, ''), number: at + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'));
}

/** A user or group id as strtoul(3) takes it, cut to 32 bits like glibc's strtou32. */
export function idOf(field: string | undefined): number | undefined {
  const match = /^\s*([+-]?)(\d+)$/.exec(field ?? '');
  if (match === null) return undefined;
  const value = Math.min(Number(match[2]), 0xffffffff);
  return match[1] === '-' && value !== 0 ? 0xffffffff : value;
}
