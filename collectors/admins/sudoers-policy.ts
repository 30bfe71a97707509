/** Rules and settings out of the entries of all files together: aliases resolved, equal conditions joined. */
import type { SudoCommand, SudoDefault, SudoRule, Text } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { toText } from '../text.ts';
import type { CommandMember, CommandSpec, Entry, ListKind, Member } from './sudoers-entries.ts';

export type FiledEntry = { readonly file: string; readonly entry: Entry };
export type Policy = { readonly rules: SudoRule[]; readonly defaults: SudoDefault[] };

/** What the schema of the document takes at most. */
const maxMembers = 10_000;
const maxRules = 20_000;
const maxDefaults = 10_000;
const maxTextLength = 65_536;

type Aliases = ReadonlyMap<string, readonly (Member | CommandMember)[]>;

/** Why the policy cannot be given; never leaves this file. */
class Unusable extends Error {
  readonly reason: string;
  constructor(reason: string, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/** Fails with `duplicate-alias`, `alias-cycle` or `too-many-entries`; sudo refuses the first two as well. */
export function policyOf(entries: readonly FiledEntry[]): Parsed<Policy> {
  try {
    const aliases = aliasesOf(entries);
    const rules = entries.flatMap((filed) => rulesOf(filed, aliases));
    const defaults = entries.flatMap((filed) => defaultsOf(filed, aliases));
    if (rules.length > maxRules || defaults.length > maxDefaults)
      throw new Unusable('too-many-entries', 'too many rules or settings');
    return parsed({ rules, defaults });
  } catch (error) {
    if (error instanceof Unusable) return unparsed(error.reason, error.message);
    throw error;
  }
}

function aliasesOf(entries: readonly FiledEntry[]): Aliases {
  const aliases = new Map<string, readonly (Member | CommandMember)[]>();
  for (const { entry } of entries) {
    if (entry.kind !== 'alias') continue;
    const key = `${entry.list} ${entry.name}`;
    if (aliases.has(key))
      throw new Unusable('duplicate-alias', `the ${entry.list} alias ${entry.name} is defined twice`);
    aliases.set(key, entry.members);
  }
  return aliases;
}

/** The members with every alias replaced by its own, the sense turned around where `!` stands before it. */
function resolved<M extends Member | CommandMember>(
  members: readonly M[],
  list: ListKind,
  aliases: Aliases,
  within: readonly string[] = [],
): M[] {
  const found: M[] = [];
  for (const member of members) {
    const inner = member.kind === 'alias' ? aliases.get(`${list} ${member.name}`) : undefined;
    if (inner === undefined) found.push(member);
    else if (within.includes(member.name))
      throw new Unusable('alias-cycle', `the ${list} alias ${member.name} contains itself`);
    else {
      // An alias of a list's kind holds members of that kind: both come from the same grammar rule.
      const own = resolved(inner as readonly M[], list, aliases, [...within, member.name]);
      found.push(...own.map((each) => ({ ...each, negated: each.negated !== member.negated })));
    }
    if (found.length > maxMembers) throw new Unusable('too-many-entries', `a list of ${list}s is too long`);
  }
  return found;
}

function rulesOf({ file, entry }: FiledEntry, aliases: Aliases): SudoRule[] {
  if (entry.kind !== 'rule') return [];
  const who = { definedIn: bounded(file), line: entry.line, users: names(entry.users, 'user', aliases) };
  return entry.privileges.flatMap(({ hosts, specs }) => {
    const where = { ...who, hosts: names(hosts, 'host', aliases) };
    return runsOf(specs).map((run) => ({ ...where, ...conditions(run[0], aliases), commands: commands(run, aliases) }));
  });
}

/** Neighbours under the same conditions; order matters between runs, so only neighbours join. */
function runsOf(specs: readonly CommandSpec[]): [CommandSpec, ...CommandSpec[]][] {
  const runs: [CommandSpec, ...CommandSpec[]][] = [];
  let key: string | undefined;
  for (const spec of specs) {
    const { command: _command, ...conditions } = spec;
    const own = JSON.stringify(conditions);
    const run = runs.at(-1);
    if (run !== undefined && own === key) run.push(spec);
    else runs.push([spec]);
    key = own;
  }
  return runs;
}

function conditions(
  spec: CommandSpec,
  aliases: Aliases,
): Pick<SudoRule, 'runAsUsers' | 'runAsGroups' | 'tags' | 'options'> {
  const options = Object.entries(spec.options).map(([name, value]) => [name, bounded(value)] as const);
  return {
    ...(spec.runAsUsers === undefined ? {} : { runAsUsers: names(spec.runAsUsers, 'run-as', aliases) }),
    ...(spec.runAsGroups === undefined ? {} : { runAsGroups: names(spec.runAsGroups, 'run-as', aliases) }),
    tags: [...spec.tags],
    ...(options.length === 0 ? {} : { options: Object.fromEntries(options) }),
  };
}

function commands(specs: readonly CommandSpec[], aliases: Aliases): SudoCommand[] {
  const members = specs.map(({ command }) => command);
  return resolved(members, 'command', aliases).map(({ name, args, digests, negated }) => ({
    command: bounded(name),
    ...(args === undefined ? {} : { arguments: bounded(args) }),
    ...(negated ? { negated } : {}),
    ...(digests.length === 0 ? {} : { digests: digests.map(bounded) }),
  }));
}

function names(members: readonly Member[], list: ListKind, aliases: Aliases): Text[] {
  return resolved(members, list, aliases).map(({ name, negated }) => bounded(negated ? `!${name}` : name));
}

function defaultsOf({ file, entry }: FiledEntry, aliases: Aliases): SudoDefault[] {
  if (entry.kind !== 'defaults') return [];
  const { scope } = entry;
  const limited =
    scope === undefined
      ? {}
      : { scope: { kind: scope.list, members: resolved(scope.members, scope.list, aliases).map(scopeMember) } };
  return entry.settings.map(({ setting, operation, value }) => ({
    definedIn: bounded(file),
    line: entry.line,
    ...limited,
    setting,
    operation,
    ...(value === undefined ? {} : { value: bounded(value) }),
  }));
}

function scopeMember(member: Member | CommandMember): Text {
  const text = 'args' in member && member.args !== undefined ? `${member.name} ${member.args}` : member.name;
  return bounded(member.negated ? `!${text}` : text);
}

function bounded(text: string): Text {
  if (text.length > maxTextLength) throw new Unusable('too-many-entries', 'a text is too long');
  return toText(text);
}
