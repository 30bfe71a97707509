/**
 * The settings in force for a connection, in the words of `sshd -T` (OpenSSH servconf.c, 9.2): first
 * the lines outside of Match blocks, then those of blocks that match, which win; within each the first
 * line counts, and lists of accounts grow.
 */

import { assembleAlgorithms, defaultAlgorithms } from './sshd-algorithms.ts';
import type { Directive } from './sshd-files.ts';
import { allHold, type Connection, type Criterion } from './sshd-match.ts';

export type Settings = ReadonlyMap<string, readonly string[]>;

type Kind =
  /** yes or no. */
  | 'flag'
  /** Words of the first line. */
  | 'words'
  /** The first word of the first line. */
  | 'word'
  /** What the first line says after the keyword; only whether it is none is kept. */
  | 'line'
  /** The words of all lines. */
  | 'list'
  | 'root'
  | 'key-options'
  | 'algorithms';

type Keyword = { readonly kind: Kind; readonly initial: readonly string[]; readonly global?: true };

/** The keywords that decide about logins, with upstream's defaults. Distributions set theirs in the files. */
export const keywords: Readonly<Record<string, Keyword>> = {
  usepam: { kind: 'flag', initial: ['no'], global: true },
  usedns: { kind: 'flag', initial: ['no'], global: true },
  strictmodes: { kind: 'flag', initial: ['yes'], global: true },
  pamservicename: { kind: 'word', initial: ['sshd'], global: true },
  pubkeyauthentication: { kind: 'flag', initial: ['yes'] },
  passwordauthentication: { kind: 'flag', initial: ['yes'] },
  kbdinteractiveauthentication: { kind: 'flag', initial: ['yes'] },
  hostbasedauthentication: { kind: 'flag', initial: ['no'] },
  gssapiauthentication: { kind: 'flag', initial: ['no'] },
  kerberosauthentication: { kind: 'flag', initial: ['no'] },
  permitemptypasswords: { kind: 'flag', initial: ['no'] },
  permitrootlogin: { kind: 'root', initial: ['without-password'] },
  authenticationmethods: { kind: 'words', initial: ['any'] },
  authorizedkeysfile: { kind: 'words', initial: ['.ssh/authorized_keys', '.ssh/authorized_keys2'] },
  pubkeyauthoptions: { kind: 'key-options', initial: ['none'] },
  pubkeyacceptedalgorithms: { kind: 'algorithms', initial: defaultAlgorithms },
  allowusers: { kind: 'list', initial: [] },
  denyusers: { kind: 'list', initial: [] },
  allowgroups: { kind: 'list', initial: [] },
  denygroups: { kind: 'list', initial: [] },
  trustedusercakeys: { kind: 'word', initial: ['none'] },
  authorizedprincipalsfile: { kind: 'word', initial: ['none'] },
  authorizedkeyscommand: { kind: 'line', initial: ['none'] },
  authorizedprincipalscommand: { kind: 'line', initial: ['none'] },
  forcecommand: { kind: 'line', initial: ['none'] },
  chrootdirectory: { kind: 'word', initial: ['none'] },
  refuseconnection: { kind: 'flag', initial: ['no'] },
};

const aliases: Readonly<Record<string, string>> = {
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  skeyauthentication: 'kbdinteractiveauthentication',
  pubkeyacceptedkeytypes: 'pubkeyacceptedalgorithms',
};

/** Only in newer releases: without a line for them `sshd -T` of older ones does not print them. */
const recent: ReadonlySet<string> = new Set(['pamservicename', 'refuseconnection']);
const printedAsNone: ReadonlySet<string> = new Set([
  'trustedusercakeys',
  'authorizedprincipalsfile',
  'chrootdirectory',
]);

/**
 * Undefined where sshd would refuse the file, or where a block depends on what is not known.
 */
export function effectiveSettings(directives: readonly Directive[], connection: Connection): Settings | undefined {
  const blocks = new Map<readonly Criterion[], boolean | undefined>();
  const inBlock = (match: readonly Criterion[]): boolean | undefined => {
    if (!blocks.has(match)) blocks.set(match, allHold(match, connection));
    return blocks.get(match);
  };
  const outside = new Map<string, Directive[]>();
  const inside = new Map<string, Directive[]>();
  for (const directive of directives) {
    const name = aliases[directive.keyword] ?? directive.keyword;
    const keyword = keywords[name];
    if (keyword === undefined) continue;
    const { match } = directive;
    // OpenSSH reads what follows `Match all` both times.
    const always = match === undefined || match.every((criterion) => criterion.keyword === 'all');
    if (always) add(outside, name, directive);
    else if (keyword.global === true) return undefined;
    if (match === undefined || keyword.global === true) continue;
    const held = inBlock(match);
    if (held === undefined) return undefined;
    if (held) add(inside, name, directive);
  }
  const settings = new Map<string, readonly string[]>();
  for (const [name, keyword] of Object.entries(keywords)) {
    const written = inside.get(name) ?? outside.get(name);
    if (written === undefined && recent.has(name)) continue;
    const value = written === undefined ? keyword.initial : valueOf(written, keyword.kind);
    if (value === undefined) return undefined;
    settings.set(name, printedAsNone.has(name) && value[0]?.toLowerCase() === 'none' ? ['none'] : value);
  }
  return settings;
}

function add(into: Map<string, Directive[]>, name: string, directive: Directive): void {
  const held = into.get(name);
  if (held === undefined) into.set(name, [directive]);
  else held.push(directive);
}

const rootWords: Readonly<Record<string, string>> = {
  yes: 'yes',
  no: 'no',
  'without-password': 'without-password',
  'prohibit-password': 'without-password',
  'forced-commands-only': 'forced-commands-only',
};

/** Undefined where sshd refuses the value. */
function valueOf(written: readonly Directive[], kind: Kind): readonly string[] | undefined {
  const [first] = written;
  if (first === undefined) return undefined;
  const [word = ''] = first.args;
  switch (kind) {
    case 'flag':
      return /^(?:yes|no)$/i.test(word) ? [word.toLowerCase()] : undefined;
    case 'root': {
      const known = rootWords[word.toLowerCase()];
      return known === undefined ? undefined : [known];
    }
    case 'words':
      return first.args;
    case 'word':
      return word === '' ? undefined : [word];
    case 'line':
      return [/^none$/i.test(first.rest.trim()) ? 'none' : commandOf(first)];
    case 'list':
      return written.flatMap(({ args }) => args);
    case 'key-options':
      return keyOptions(first.args);
    case 'algorithms':
      return assembleAlgorithms(word);
  }
}

/** A forced command is anything a person may write, a token too: that there is one is enough. */
function commandOf({ keyword, args }: Directive): string {
  return keyword === 'forcecommand' ? 'set' : (args[0] ?? '');
}

function keyOptions(args: readonly string[]): readonly string[] | undefined {
  const words = args.map((arg) => arg.toLowerCase()).filter((arg) => arg !== 'none');
  if (words.some((word) => word !== 'touch-required' && word !== 'verify-required')) return undefined;
  const kept = ['touch-required', 'verify-required'].filter((word) => words.includes(word));
  return kept.length === 0 ? ['none'] : kept;
}

/** What `sshd -T` prints, of the same keywords. */
export function printedSettings(text: string): Settings {
  const settings = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [name = '', ...words] = line.trim().split(' ');
    const keyword = keywords[name];
    const legacy = name === 'challengeresponseauthentication';
    if (keyword === undefined && !legacy) continue;
    settings.set(name, [...(settings.get(name) ?? []), ...printedValue(name, keyword?.kind ?? 'flag', words)]);
  }
  for (const [name, { kind }] of Object.entries(keywords))
    if (kind === 'list' && !settings.has(name)) settings.set(name, []);
  return settings;
}

function printedValue(name: string, kind: Kind, words: readonly string[]): readonly string[] {
  if (kind === 'algorithms') return (words[0] ?? '').split(',');
  if (kind !== 'line') return words;
  return words[0] === 'none' && words.length === 1 ? ['none'] : [name === 'forcecommand' ? 'set' : (words[0] ?? '')];
}
