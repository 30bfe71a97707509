/**
 * What a token of sudoers(5) looks like, in each state of the reader. The states and the order follow
 * sudo's own scanner (plugins/sudoers/toke.l, sudo 1.9.17): of all patterns that match here, the
 * longest wins, and of equally long ones the first. All match at `lastIndex` only (sticky).
 */

export type State =
  | 'initial'
  | 'got-defaults'
  | 'got-command'
  | 'got-regex'
  | 'start-setting'
  | 'in-setting'
  | 'in-string'
  | 'want-digest'
  | 'got-include'
  | 'expect-path';

export type PatternName =
  | 'setting-comma'
  | 'setting-blank'
  | 'setting-name'
  | 'setting-operator'
  | 'quote'
  | 'setting-word'
  | 'string-continued'
  | 'string-end'
  | 'string-backslash'
  | 'string-body'
  | 'argument-glob'
  | 'argument-escape'
  | 'argument-end'
  | 'argument'
  | 'regex-escape'
  | 'regex-broken'
  | 'regex-end'
  | 'regex-body'
  | 'digest-hex'
  | 'digest-base64'
  | 'include'
  | 'old-include'
  | 'defaults'
  | 'alias-keyword'
  | 'tag'
  | 'empty-group'
  | 'netgroup'
  | 'group'
  | 'address'
  | 'all'
  | 'option'
  | 'alias'
  | 'defaults-command'
  | 'digest-type'
  | 'sudoedit'
  | 'expected-path'
  | 'path'
  | 'regex'
  | 'word'
  | 'include-path'
  | 'punctuation'
  | 'negation'
  | 'newline'
  | 'blank'
  | 'continuation'
  | 'comment'
  | 'anything';

export type Pattern = {
  readonly name: PatternName;
  readonly states: ReadonlySet<State>;
  readonly pattern: RegExp;
  readonly atLineStart?: true;
};

const word = String.raw`(?:[^#>!=:,() \t\r\n\\"]|\\[^\t\n])+`;
const id = '#-?[0-9]+';
const path = String.raw`/(?:\\[,:= \t#]|[^,:=\\ \t\r\n#])+`;
const regex = String.raw`\^(?:\\[#$]|[^#\r\n$])*\$`;
const octet = '(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})';
const ipv4 = String.raw`${octet}(?:\.${octet}){3}`;
const ipv6 = `(?:(?:[0-9A-Fa-f]{0,4}:){2,6}:?${ipv4}|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4})`;
const address = String.raw`(?:${ipv4}(?:/${ipv4}|/(?:3[0-2]|[12]?[0-9]))?|${ipv6}(?:/${ipv6}|/(?:12[0-8]|1[01][0-9]|[1-9]?[0-9]))?)`;
const tags =
  'NOPASSWD|PASSWD|NOEXEC|EXEC|NOINTERCEPT|INTERCEPT|NOSETENV|SETENV|NOLOG_OUTPUT|LOG_OUTPUT|NOLOG_INPUT|LOG_INPUT|NOMAIL|MAIL|NOFOLLOW|FOLLOW';
const options = 'TIMEOUT|NOTBEFORE|NOTAFTER|CWD|CHROOT|ROLE|TYPE|APPARMOR_PROFILE|PRIVS|LIMITPRIVS';

/** States in which the patterns of an ordinary line hold too. */
const plain: readonly State[] = ['initial', 'got-defaults', 'want-digest', 'expect-path'];
const every: readonly State[] = [
  ...plain,
  'got-command',
  'got-regex',
  'start-setting',
  'in-setting',
  'in-string',
  'got-include',
];

function rule(name: PatternName, states: readonly State[], source: string, atLineStart?: true): Pattern {
  const pattern = { name, states: new Set(states), pattern: new RegExp(source, 'y') };
  return atLineStart === undefined ? pattern : { ...pattern, atLineStart };
}

const rules: readonly Pattern[] = [
  rule('setting-comma', ['got-defaults'], String.raw`[ \t]*,[ \t]*`),
  rule('setting-blank', ['got-defaults'], String.raw`[ \t]+`),
  rule('setting-name', ['start-setting'], '[a-z_]+'),
  rule('setting-operator', ['in-setting'], String.raw`,|[-+]?=`),
  rule('quote', ['in-setting', 'got-include'], '"'),
  rule('setting-word', ['in-setting'], String.raw`(?:[^#!=, \t\r\n\\"]|\\[^\r\n])(?:[^#=, \t\r\n\\"]|\\[^\r\n])*`),
  rule('string-continued', ['in-string'], String.raw`\\[ \t]*\r?\n[ \t]*`),
  rule('string-end', ['in-string'], '"'),
  rule('string-backslash', ['in-string'], String.raw`\\`),
  rule('string-body', ['in-string'], String.raw`(?:[^"\r\n\\]|\\")+`),
  rule('argument-glob', ['got-command'], String.raw`\\[*?[\]!^]`),
  rule('argument-escape', ['got-command'], String.raw`\\[:\\,= \t#]`),
  rule('argument-end', ['got-command'], String.raw`[#:,=\r\n]`),
  rule('argument', ['got-command'], String.raw`[^#\\:, \t\r\n]+`),
  rule('regex-escape', ['got-regex'], String.raw`\\[^\r\n]`),
  rule('regex-broken', ['got-regex'], String.raw`[#\r\n]`),
  rule('regex-end', ['got-regex'], String.raw`\$`),
  rule('regex-body', ['got-regex'], String.raw`[^#\\\r\n$]+`),
  rule('digest-hex', ['want-digest'], '[0-9A-Fa-f]+'),
  rule('digest-base64', ['want-digest'], '[A-Za-z0-9+/=]+'),
  rule('include', ['initial'], '@include(?:dir)?'),
  rule('old-include', ['initial'], String.raw`#include(?:dir)?[ \t]+[^\n]*\n?`, true),
  rule('defaults', ['initial'], String.raw`[ \t]*Defaults(?:[:@>!][ \t]*!*"?(?:${id}|${word}))?`, true),
  rule('alias-keyword', ['initial'], String.raw`[ \t]*(?:Host|Cmnd|Cmd|User|Runas)_Alias`, true),
  rule('tag', plain, String.raw`(?:${tags})[ \t]*:`),
  rule('empty-group', ['initial', 'got-defaults'], String.raw`%:?|\+`),
  rule('netgroup', plain, String.raw`\+${word}`),
  rule('group', plain, `%:?(?:${word}|${id})`),
  rule('address', plain, address),
  rule('all', plain, 'ALL'),
  rule('option', ['initial'], options),
  rule('alias', plain, '[A-Z][A-Z0-9_]*'),
  rule('defaults-command', ['got-defaults'], `${path}|${regex}|sudoedit`),
  rule('digest-type', plain, 'sha(?:224|256|384|512)'),
  rule('sudoedit', plain, 'sudoedit'),
  rule('expected-path', ['expect-path'], `${path}|${word}`),
  rule('path', plain, path),
  rule('regex', plain, regex),
  rule('quote', ['initial', 'expect-path', 'got-defaults'], '"'),
  rule('word', ['initial', 'got-defaults'], `${id}|${word}`),
  rule('include-path', ['got-include'], String.raw`[^" \t\n\v\f\r](?:\\[ \t]|[^ \t\n\v\f\r])*`),
  rule('punctuation', plain, '[(),=:]'),
  rule('negation', every, '!+'),
  rule('newline', every, String.raw`\r?\n`),
  rule('blank', every, String.raw`[ \t]+`),
  rule('continuation', every, String.raw`\\[ \t]*\r?\n`),
  rule(
    'comment',
    ['initial', 'start-setting', 'in-setting'],
    String.raw`#(?:-[^\r\n0-9][^\n]*|[^\r\n0-9-][^\n]*)?(?:\r?\n)?`,
  ),
  rule('anything', every, '[^]'),
];

/** The patterns that hold in each state, in order. */
export const patterns = Object.fromEntries(
  every.map((state) => [state, rules.filter(({ states }) => states.has(state))]),
) as unknown as Readonly<Record<State, readonly Pattern[]>>;
