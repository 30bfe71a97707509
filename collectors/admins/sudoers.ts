/**
 * sudoers(5), one file: the grammar of sudo 1.9.17 (plugins/sudoers/gram.y). It takes what the newest
 * sudo takes; a rule that an older one would refuse is rather listed than missed.
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';
import type { Entry, ListKind, Setting } from './sudoers-entries.ts';
import { type Cursor, cursorOf, fail, isAt, isMark, members, SyntaxFault, take, takeMark } from './sudoers-lists.ts';
import { commandList, privilege } from './sudoers-privileges.ts';

/** All entries in order, or `syntax-error` with the line and what is wrong. */
export function parseSudoers(text: string): Parsed<Entry[]> {
  const cursor = cursorOf(text);
  const entries: Entry[] = [];
  try {
    while (!isAt(cursor, 'end')) {
      if (isAt(cursor, 'newline')) take(cursor);
      else entries.push(...entry(cursor));
    }
  } catch (error) {
    if (error instanceof SyntaxFault) return unparsed('syntax-error', error.message);
    throw error;
  }
  return parsed(entries);
}

function entry(cursor: Cursor): Entry[] {
  const { line, kind } = cursor.token;
  const entries =
    kind === 'include'
      ? include(cursor)
      : kind === 'defaults'
        ? defaults(cursor)
        : kind === 'alias-keyword'
          ? aliases(cursor)
          : rule(cursor);
  if (!isAt(cursor, 'newline')) throw fail(cursor, 'something is left on the line');
  take(cursor);
  return entries.map((made) => ({ ...made, line }));
}

function include(cursor: Cursor): Entry[] {
  const { text, line } = take(cursor);
  if (!isAt(cursor, 'word')) throw fail(cursor, 'a path is missing');
  return [{ kind: 'include', path: take(cursor).text, folder: text === 'includedir', line }];
}

function aliases(cursor: Cursor): Entry[] {
  const { text, line } = take(cursor);
  const list = text as ListKind;
  const entries: Entry[] = [];
  do {
    if (!isAt(cursor, 'alias')) throw fail(cursor, 'a name for the alias is missing');
    const name = take(cursor).text;
    takeMark(cursor, '=');
    entries.push({ kind: 'alias', list, name, members: membersOf(cursor, list), line });
  } while (skipMark(cursor, ':'));
  return entries;
}

const scopes: Readonly<Record<string, ListKind>> = { ':': 'user', '>': 'run-as', '@': 'host', '!': 'command' };

function defaults(cursor: Cursor): Entry[] {
  const { text, line } = take(cursor);
  const list = scopes[text];
  const scope = list === undefined ? undefined : { list, members: membersOf(cursor, list) };
  const settings: Setting[] = [];
  do settings.push(setting(cursor));
  while (skipMark(cursor, ','));
  return [scope === undefined ? { kind: 'defaults', settings, line } : { kind: 'defaults', scope, settings, line }];
}

const operations: Readonly<Record<string, Setting['operation']>> = { '=': 'set', '+=': 'add', '-=': 'remove' };

function setting(cursor: Cursor): Setting {
  const negated = skipMark(cursor, '!');
  if (!isAt(cursor, 'setting-name')) throw fail(cursor, 'the name of a setting is missing');
  const name = take(cursor).text;
  const operation = isAt(cursor, 'mark') ? operations[cursor.token.text] : undefined;
  if (negated || operation === undefined) return { setting: name, operation: negated ? 'off' : 'on' };
  take(cursor);
  if (!isAt(cursor, 'word')) throw fail(cursor, 'the value of a setting is missing');
  return { setting: name, operation, value: take(cursor).text };
}

function rule(cursor: Cursor): Entry[] {
  const { line } = cursor.token;
  const users = members(cursor, 'user');
  const privileges = [privilege(cursor)];
  while (skipMark(cursor, ':')) privileges.push(privilege(cursor));
  return [{ kind: 'rule', users, privileges, line }];
}

function membersOf(cursor: Cursor, list: ListKind): ReturnType<typeof members> | ReturnType<typeof commandList> {
  return list === 'command' ? commandList(cursor) : members(cursor, list);
}

function skipMark(cursor: Cursor, text: string): boolean {
  if (!isMark(cursor, text)) return false;
  take(cursor);
  return true;
}
