/** doas.conf(5), as OpenDoas and OpenBSD take it (parse.y). doas refuses a file with an error as a whole; so do we. */
import type { DoasRule } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { toText } from '../text.ts';

type Word = { readonly text: string; readonly plain: boolean };
type Line = { readonly number: number; readonly words: readonly Word[] };

const maxRules = 10_000;
const maxWord = 65_536;
const options: ReadonlySet<string> = new Set(['nopass', 'persist', 'nolog', 'keepenv', 'setenv']);
const keywords: ReadonlySet<string> = new Set([...options, 'permit', 'deny', 'as', 'cmd', 'args', '{', '}']);

/** Rules in order, or `syntax-error` with the line. Words of `setenv { … }` are left out: they can carry anything. */
export function parseDoas(text: string, file: string): Parsed<DoasRule[]> {
  const lines = linesOf(text);
  if (typeof lines === 'number') return unparsed('syntax-error', `line ${lines}: a quote does not end`);
  const rules: DoasRule[] = [];
  for (const line of lines) {
    const rule = ruleOf(line, file);
    if (rule === undefined) return unparsed('syntax-error', `line ${line.number}: not a rule`);
    rules.push(rule);
  }
  return rules.length > maxRules ? unparsed('too-many-entries') : parsed(rules);
}

function ruleOf({ number, words }: Line, file: string): DoasRule | undefined {
  let at = 0;
  const keyword = (): string | undefined => (words[at]?.plain === true ? words[at]?.text : undefined);
  const action = keyword();
  if (action !== 'permit' && action !== 'deny') return undefined;
  at += 1;
  const found: DoasRule['options'] = [];
  for (let name = keyword(); name !== undefined && options.has(name); name = keyword()) {
    found.push(name as DoasRule['options'][number]);
    at += 1;
    if (name !== 'setenv') continue;
    if (keyword() !== '{') return undefined;
    const end = words.findIndex(({ text, plain }, index) => index > at && plain && text === '}');
    if (end < 0) return undefined;
    at = end + 1;
  }
  // Both together are refused (doas.conf(5)).
  if (found.includes('nopass') && found.includes('persist')) return undefined;
  const identity = words[at];
  if (identity === undefined || isKeyword(identity)) return undefined;
  at += 1;
  const rule: DoasRule = {
    definedIn: toText(file),
    line: number,
    action,
    options: [...new Set(found)],
    identity: toText(identity.text),
  };
  for (const name of ['as', 'cmd'] as const) {
    if (keyword() !== name) continue;
    const target = words[at + 1];
    if (target === undefined || isKeyword(target)) return undefined;
    if (name === 'as') rule.asUser = toText(target.text);
    else rule.command = toText(target.text);
    at += 2;
  }
  if (rule.command !== undefined && keyword() === 'args') {
    const given = words.slice(at + 1);
    if (given.some(isKeyword)) return undefined;
    rule.arguments = given.map((word) => toText(word.text));
    at = words.length;
  }
  return at === words.length && words.every((word) => word.text.length <= maxWord) ? rule : undefined;
}

/** A keyword in the place of a name; in quotes it is one. */
function isKeyword({ text, plain }: Word): boolean {
  return plain && keywords.has(text);
}

/** The number of the line at fault where a quote does not end. Its author's yylex: an escape keeps a word from being a keyword. */
function linesOf(text: string): Line[] | number {
  const lines: Line[] = [];
  let words: Word[] = [];
  let number = 1;
  let began = 1;
  let word: string | undefined;
  let plain = true;
  let quoted = false;
  const endWord = (): void => {
    if (word === undefined) return;
    words.push({ text: word, plain });
    word = undefined;
    plain = true;
  };
  for (let at = 0; at <= text.length; at += 1) {
    const char = text[at];
    if (char === undefined || char === '\n') {
      if (quoted) return began;
      endWord();
      if (words.length > 0) lines.push({ number: began, words });
      words = [];
      plain = true;
      number += 1;
      began = number;
    } else if (char === '\\') {
      const next = text[at + 1];
      at += 1;
      plain = false;
      if (next === '\n') number += 1;
      else if (next !== undefined) word = (word ?? '') + next;
    } else if (char === '"') {
      quoted = !quoted;
      plain = false;
      word ??= '';
    } else if (quoted) word = (word ?? '') + char;
    else if (char === ' ' || char === '\t') endWord();
    else if (char === '#') {
      endWord();
      while (at + 1 < text.length && text[at + 1] !== '\n') at += 1;
    } else if (char === '{' || char === '}') {
      endWord();
      words.push({ text: char, plain: true });
    } else word = (word ?? '') + char;
  }
  return lines;
}
