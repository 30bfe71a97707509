/** The right-hand side of a sudoers(5) rule: as whom, under what conditions, which commands. */
import type { CommandMember, CommandSpec, Member, OptionName, Tag } from './sudoers-entries.ts';
import { type Cursor, fail, isAt, isMark, members, take, takeMark } from './sudoers-lists.ts';

type Written = Omit<CommandSpec, 'command'>;

/** `hosts = command, command …` */
export function privilege(cursor: Cursor): { hosts: Member[]; specs: CommandSpec[] } {
  const hosts = members(cursor, 'host');
  takeMark(cursor, '=');
  const specs = [commandSpec(cursor, undefined)];
  while (isMark(cursor, ',')) {
    take(cursor);
    specs.push(commandSpec(cursor, specs.at(-1)));
  }
  return { hosts, specs };
}

function commandSpec(cursor: Cursor, before: CommandSpec | undefined): CommandSpec {
  const written: Written = { ...runAs(cursor), options: options(cursor), tags: tags(cursor) };
  const command = digestedCommand(cursor);
  return { ...(before === undefined ? written : inherited(written, before)), command };
}

/** A list that is written but empty, or has groups only, means: as oneself. */
function runAs(cursor: Cursor): Pick<Written, 'runAsUsers' | 'runAsGroups'> {
  if (!isMark(cursor, '(')) return { runAsUsers: undefined, runAsGroups: undefined };
  take(cursor);
  const users = isMark(cursor, ':') || isMark(cursor, ')') ? [] : members(cursor, 'run-as');
  let groups: Member[] | undefined;
  if (isMark(cursor, ':')) {
    take(cursor);
    // `(:)` is complete; sudo's grammar wants a group after `user:`.
    if (users.length > 0 || !isMark(cursor, ')')) groups = members(cursor, 'group');
  }
  takeMark(cursor, ')');
  return { runAsUsers: users, runAsGroups: groups };
}

const generalisedTime = /^\d{10}(?:\d\d){0,2}(?:[.,]\d)?(?:Z|[+-]\d\d(?:\d\d)?)?$/;
const shapes: Readonly<Partial<Record<string, RegExp>>> = {
  NOTBEFORE: generalisedTime,
  NOTAFTER: generalisedTime,
  TIMEOUT: /^(?=\d)(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s?)?$/i,
  CWD: /^(?:[/~]|\*$)/,
  CHROOT: /^(?:[/~]|\*$)/,
};

function options(cursor: Cursor): Written['options'] {
  const found: Partial<Record<OptionName, string>> = {};
  while (isAt(cursor, 'option')) {
    const name = take(cursor).text;
    takeMark(cursor, '=');
    // What looks like an alias is one to the scanner, and no value.
    if (!isAt(cursor, 'word')) throw fail(cursor, `the value of ${name} is missing`);
    const shape = shapes[name];
    if (shape !== undefined && !shape.test(cursor.token.text)) throw fail(cursor, `the value of ${name} is not valid`);
    found[name as OptionName] = take(cursor).text;
  }
  return found;
}

function tags(cursor: Cursor): Tag[] {
  let found: Tag[] = [];
  while (isAt(cursor, 'tag')) {
    const tag = take(cursor).text as Tag;
    found = [...found.filter((other) => subject(other) !== subject(tag)), tag];
  }
  return found;
}

/** What a tag speaks of, whether it says yes or no. */
function subject(tag: Tag): string {
  return tag.replace(/^NO/, '').replace(/^PASSWD$/, 'AUTHENTICATE');
}

/** sudo's propagate_cmndspec: each thing that is not said is as for the command before; pairs go together. */
function inherited(written: Written, before: CommandSpec): Written {
  const { ROLE, TYPE, PRIVS, LIMITPRIVS, ...others } = before.options;
  const said = written.options;
  const selinux = said.ROLE === undefined && said.TYPE === undefined ? pick({ ROLE, TYPE }) : {};
  const solaris = said.PRIVS === undefined && said.LIMITPRIVS === undefined ? pick({ PRIVS, LIMITPRIVS }) : {};
  const subjects = new Set(written.tags.map(subject));
  const same = written.runAsUsers === undefined ? before : written;
  return {
    runAsUsers: same.runAsUsers,
    runAsGroups: same.runAsGroups,
    options: { ...others, ...selinux, ...solaris, ...said },
    tags: [...before.tags.filter((tag) => !subjects.has(subject(tag))), ...written.tags],
  };
}

function pick(values: { readonly [Name in OptionName]?: string | undefined }): Written['options'] {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** One or more commands between commas. */
export function commandList(cursor: Cursor): CommandMember[] {
  const found = [digestedCommand(cursor)];
  while (isMark(cursor, ',')) {
    take(cursor);
    found.push(digestedCommand(cursor));
  }
  return found;
}

function digestedCommand(cursor: Cursor): CommandMember {
  const digests: string[] = [];
  while (isAt(cursor, 'digest-type')) {
    const type = take(cursor).text;
    takeMark(cursor, ':');
    if (!isAt(cursor, 'digest')) throw fail(cursor, 'a digest is missing');
    digests.push(`${type}:${take(cursor).text}`);
    if (!isMark(cursor, ',')) break;
    take(cursor);
    if (!isAt(cursor, 'digest-type')) throw fail(cursor, 'a digest is missing');
  }
  const negated = isMark(cursor, '!');
  if (negated) take(cursor);
  return { ...command(cursor, digests.length > 0), digests, negated };
}

function command(cursor: Cursor, digested: boolean): Pick<CommandMember, 'kind' | 'name' | 'args'> {
  const { kind, text, args } = cursor.token;
  const list = kind === 'word' && text === 'list';
  if (digested && (kind === 'alias' || list)) throw fail(cursor, 'a digest wants a path after it');
  if (kind !== 'all' && kind !== 'alias' && kind !== 'command' && !list) throw fail(cursor, 'a path from / is missing');
  take(cursor);
  if (kind === 'all' || kind === 'alias') return { kind, name: text };
  return args === undefined ? { kind: 'command', name: text } : { kind: 'command', name: text, args };
}
