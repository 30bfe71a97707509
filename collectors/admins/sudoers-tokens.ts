/** Reads sudoers(5) token by token; which pattern holds where stands in sudoers-patterns.ts. */
import { type Pattern, type PatternName, patterns, type State } from './sudoers-patterns.ts';
import { commandPath, unescapeWord } from './sudoers-text.ts';

export type TokenKind =
  | 'newline'
  | 'include'
  | 'defaults'
  | 'alias-keyword'
  | 'tag'
  | 'option'
  | 'all'
  | 'alias'
  | 'word'
  | 'group'
  | 'netgroup'
  | 'address'
  | 'command'
  | 'digest-type'
  | 'digest'
  | 'setting-name'
  | 'mark'
  | 'end'
  | 'error';

/** `text` is clean of escapes; of an error it says what is wrong; of `defaults` it is the scope's mark or empty. */
export type Token = {
  readonly kind: TokenKind;
  readonly text: string;
  readonly line: number;
  readonly args?: string;
};

type Reader = {
  readonly text: string;
  at: number;
  line: number;
  state: State;
  /** Where the reader goes on after a string or a path. */
  after: State;
  continued: boolean;
  sawBlank: boolean;
  string: string;
  command: string;
  args: string | undefined;
  digestBytes: number;
};

/** A scanner over one file; after the last token it gives `end` for ever. Bytes after a NUL in a line do not count. */
export function tokensOf(file: string): () => Token {
  const clean = file.replace(/\0[^\n]*/g, '');
  const reader: Reader = {
    text: clean === '' || clean.endsWith('\n') ? clean : `${clean}\n`,
    at: 0,
    line: 1,
    state: 'initial',
    after: 'initial',
    continued: false,
    sawBlank: false,
    string: '',
    command: '',
    args: undefined,
    digestBytes: 0,
  };
  return () => next(reader);
}

function next(reader: Reader): Token {
  while (reader.at < reader.text.length) {
    const line = reader.line;
    const [rule, matched] = longest(reader);
    reader.at += matched.length;
    const token = actions[rule.name](reader, matched);
    if (token !== undefined) return { line, ...token };
  }
  return { kind: 'end', text: '', line: reader.line };
}

function longest(reader: Reader): [Pattern, string] {
  const lineStart = reader.at === 0 || reader.text[reader.at - 1] === '\n';
  let best: Pattern | undefined;
  let end = reader.at;
  for (const rule of patterns[reader.state]) {
    if (rule.atLineStart === true && !lineStart) continue;
    rule.pattern.lastIndex = reader.at;
    if (!rule.pattern.test(reader.text) || rule.pattern.lastIndex <= end) continue;
    best = rule;
    end = rule.pattern.lastIndex;
  }
  if (best === undefined) throw new Error('the pattern for any character did not match');
  return [best, reader.text.slice(reader.at, end)];
}

type Made = Omit<Token, 'line'> | undefined;

function token(kind: TokenKind, text: string): Made {
  return { kind, text };
}

function to(reader: Reader, state: State): undefined {
  reader.state = state;
}

/** Gives back what was matched, from `keep` characters on. */
function giveBack(reader: Reader, matched: string, keep = 0): void {
  reader.at -= matched.length - keep;
}

function openString(reader: Reader): undefined {
  reader.string = '';
  if (reader.state !== 'expect-path') reader.after = reader.state === 'got-include' ? 'initial' : reader.state;
  reader.state = 'in-string';
}

function closeString(reader: Reader): Made {
  const text = reader.string;
  const state = reader.after;
  reader.state = state;
  if (text === '') return token('error', 'empty string');
  if (state === 'initial' || state === 'got-defaults') {
    if (text === '%' || text === '%:' || text === '+') return token('error', 'empty group');
    if (text.startsWith('%')) return token('group', text);
    if (text.startsWith('+')) return token('netgroup', text);
  }
  return token('word', text);
}

function argument(reader: Reader, text: string): undefined {
  reader.args = reader.args === undefined ? text : `${reader.args}${reader.sawBlank ? ' ' : ''}${text}`;
  reader.sawBlank = false;
}

function openCommand(reader: Reader, text: string): Made {
  reader.command = commandPath(text);
  reader.args = undefined;
  reader.state = 'got-command';
  return undefined;
}

function closeCommand(reader: Reader): Made {
  reader.state = 'initial';
  const command = { kind: 'command' as const, text: reader.command };
  return reader.args === undefined ? command : { ...command, args: reader.args };
}

function digest(reader: Reader, text: string, lengths: readonly number[]): Made {
  reader.state = 'initial';
  return lengths.includes(text.length) ? token('digest', text) : token('error', 'a digest of the wrong length');
}

function notContinued(reader: Reader, kind: TokenKind, text: string): Made {
  return reader.continued ? token('error', 'a line continuation into a keyword') : token(kind, text);
}

function endLine(reader: Reader): Made {
  reader.state = 'initial';
  reader.line += 1;
  reader.continued = false;
  return token('newline', '');
}

const aliasTypes: Readonly<Record<string, string>> = { H: 'host', C: 'command', U: 'user', R: 'run-as' };

const actions: Readonly<Record<PatternName, (reader: Reader, matched: string) => Made>> = {
  'setting-comma': () => token('mark', ','),
  'setting-blank': (reader) => to(reader, 'start-setting'),
  'setting-name': (reader, matched) => {
    reader.state = 'in-setting';
    return token('setting-name', matched);
  },
  'setting-operator': (reader, matched) => {
    if (matched === ',') reader.state = 'start-setting';
    return token('mark', matched);
  },
  quote: openString,
  'setting-word': (_reader, matched) => token('word', unescapeWord(matched)),
  'string-continued': (reader) => {
    reader.line += 1;
    reader.continued = true;
    return undefined;
  },
  'string-end': closeString,
  'string-backslash': (reader) => {
    reader.string += '\\';
    return undefined;
  },
  'string-body': (reader, matched) => {
    reader.string += matched.replaceAll('\\"', '"');
    return undefined;
  },
  'argument-glob': argument,
  'argument-escape': (reader, matched) => argument(reader, matched.slice(1)),
  'argument-end': (reader, matched) => {
    giveBack(reader, matched);
    return closeCommand(reader);
  },
  argument: (reader, matched) => {
    if (reader.args !== undefined || !matched.startsWith('^')) return argument(reader, matched);
    giveBack(reader, matched);
    return to(reader, 'got-regex');
  },
  'regex-escape': (reader, matched) => regexPart(reader, matched),
  'regex-broken': (reader, matched) => {
    giveBack(reader, matched);
    reader.state = 'initial';
    return token('error', 'a regular expression without its $');
  },
  'regex-end': (reader) => {
    regexPart(reader, '$');
    reader.continued = false;
    return closeCommand(reader);
  },
  'regex-body': (reader, matched) => {
    const text = reader.continued ? matched.replace(/^[ \t]+/, '') : matched;
    reader.continued = false;
    return text === '' ? undefined : regexPart(reader, text);
  },
  'digest-hex': (reader, matched) => digest(reader, matched, [2 * reader.digestBytes]),
  'digest-base64': (reader, matched) => {
    const padded = 4 * Math.ceil(reader.digestBytes / 3);
    return digest(reader, matched, [matched.endsWith('=') ? padded : Math.ceil((4 * reader.digestBytes) / 3)]);
  },
  include: (reader, matched) => {
    reader.state = 'got-include';
    return notContinued(reader, 'include', matched.slice(1));
  },
  'old-include': (reader, matched) => {
    const keyword = matched.startsWith('#includedir') ? 'includedir' : 'include';
    giveBack(reader, matched, keyword.length + 1);
    reader.state = 'got-include';
    return notContinued(reader, 'include', keyword);
  },
  defaults: (reader, matched) => {
    const [keyword = ''] = /^[ \t]*Defaults(?:[:@>!][ \t]*)?/.exec(matched) ?? [];
    giveBack(reader, matched, keyword.length);
    reader.state = 'got-defaults';
    return notContinued(reader, 'defaults', keyword.trim().slice('Defaults'.length));
  },
  'alias-keyword': (reader, matched) =>
    notContinued(reader, 'alias-keyword', aliasTypes[matched.trim().charAt(0)] ?? ''),
  tag: (_reader, matched) => token('tag', matched.replace(/[ \t]*:$/, '')),
  'empty-group': () => token('error', 'empty group'),
  netgroup: (_reader, matched) => token('netgroup', unescapeWord(matched)),
  group: (_reader, matched) => token('group', unescapeWord(matched)),
  address: (_reader, matched) => token('address', matched),
  all: () => token('all', 'ALL'),
  option: (reader, matched) => {
    if (matched === 'CWD' || matched === 'CHROOT') {
      reader.after = reader.state;
      reader.state = 'expect-path';
    }
    return token('option', matched);
  },
  alias: (_reader, matched) => token('alias', matched),
  'defaults-command': (_reader, matched) => token('command', commandPath(matched)),
  'digest-type': (reader, matched) => {
    reader.digestBytes = Number(matched.slice(3)) / 8;
    reader.state = 'want-digest';
    return token('digest-type', matched);
  },
  sudoedit: openCommand,
  'expected-path': (reader, matched) => {
    reader.state = reader.after;
    return token('word', unescapeWord(matched));
  },
  path: (reader, matched) =>
    matched.endsWith('/') ? token('command', commandPath(matched)) : openCommand(reader, matched),
  regex: openCommand,
  word: (_reader, matched) => token('word', unescapeWord(matched)),
  'include-path': (reader, matched) => {
    reader.state = 'initial';
    return token('word', unescapeWord(matched));
  },
  punctuation: (_reader, matched) => token('mark', matched),
  negation: (_reader, matched) => (matched.length % 2 === 1 ? token('mark', '!') : undefined),
  newline: (reader) => {
    if (reader.state !== 'in-string') return endLine(reader);
    return token('error', 'a line break in a string');
  },
  blank: (reader) => {
    reader.sawBlank = true;
    return undefined;
  },
  continuation: (reader) => {
    reader.sawBlank = true;
    reader.line += 1;
    reader.continued = true;
    return undefined;
  },
  comment: (reader, matched) => (matched.endsWith('\n') ? endLine(reader) : token('error', 'a comment without an end')),
  anything: (_reader, matched) => token('error', `unexpected ${JSON.stringify(matched)}`),
};

function regexPart(reader: Reader, text: string): undefined {
  reader.args = (reader.args ?? '') + text;
}
