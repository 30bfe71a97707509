/** Lists of users, hosts and groups in sudoers(5), and the cursor over tokens that all its parsers share. */
import type { Member } from './sudoers-entries.ts';
import { type Token, type TokenKind, tokensOf } from './sudoers-tokens.ts';

export type Cursor = { readonly next: () => Token; token: Token };

/** Where and why a file is not sudoers(5); never leaves the parser. The message holds nothing of the file but single characters. */
export class SyntaxFault extends Error {}

export function cursorOf(text: string): Cursor {
  const next = tokensOf(text);
  return { next, token: next() };
}

/** The token here; the cursor moves on. */
export function take(cursor: Cursor): Token {
  const { token } = cursor;
  cursor.token = cursor.next();
  return token;
}

export function fail(cursor: Cursor, what: string): SyntaxFault {
  const { kind, text, line } = cursor.token;
  const reason = kind === 'error' ? text : kind === 'end' ? 'the file ends in the middle of an entry' : what;
  return new SyntaxFault(`line ${line}: ${reason}`);
}

export function isAt(cursor: Cursor, kind: TokenKind): boolean {
  return cursor.token.kind === kind;
}

export function isMark(cursor: Cursor, text: string): boolean {
  return cursor.token.kind === 'mark' && cursor.token.text === text;
}

export function takeMark(cursor: Cursor, text: string): void {
  if (!isMark(cursor, text)) throw fail(cursor, `${text} is missing`);
  take(cursor);
}

const allowed: Readonly<Record<'user' | 'run-as' | 'host' | 'group', ReadonlySet<TokenKind>>> = {
  user: new Set(['alias', 'all', 'netgroup', 'group', 'word']),
  'run-as': new Set(['alias', 'all', 'netgroup', 'group', 'word']),
  host: new Set(['alias', 'all', 'netgroup', 'address', 'word']),
  group: new Set(['alias', 'all', 'word']),
};

/** One or more members between commas. */
export function members(cursor: Cursor, list: keyof typeof allowed): Member[] {
  const found = [member(cursor, list)];
  while (isMark(cursor, ',')) {
    take(cursor);
    found.push(member(cursor, list));
  }
  return found;
}

function member(cursor: Cursor, list: keyof typeof allowed): Member {
  const negated = isMark(cursor, '!');
  if (negated) take(cursor);
  if (!allowed[list].has(cursor.token.kind)) throw fail(cursor, `a member of the list of ${list}s is missing`);
  const { kind, text } = take(cursor);
  if (kind === 'all' || kind === 'alias') return { kind, name: text, negated };
  return { kind: 'name', name: kind === 'word' ? literal(text) : text, negated };
}

/** A plain name that would read as something else gets a backslash in front. */
function literal(name: string): string {
  return name === 'ALL' || /^[!%+\\]/.test(name) ? `\\${name}` : name;
}
