/** Lines of sshd_config(5) as OpenSSH takes them apart (servconf.c, misc.c `strdelim`, `argv_split`; read at 9.2 and 10.5). */
import { type Parsed, parsed, unparsed } from '../fact.ts';

export type SshdLine = { readonly line: number; readonly keyword: string; readonly rest: string };

const maxLines = 200_000;

/** Lines that count: keyword in lower case, what follows it as written. A keyword without argument makes sshd refuse the file. */
export function sshdLines(text: string): Parsed<SshdLine[]> {
  const lines: SshdLine[] = [];
  const physical = text.split('\n');
  if (physical.length > maxLines) return unparsed('too-many-entries');
  for (const [at, raw] of physical.entries()) {
    // sshd ends a line's text at a NUL byte.
    const line = (raw.split('\0', 1)[0] ?? '').replace(/^[ \t\r]+/, '').replace(/[ \t\r\n\f]+$/, '');
    if (line === '' || line.startsWith('#')) continue;
    const split = splitKeyword(line);
    if (split === undefined || split.rest === '') return unparsed('malformed-line', `line ${at + 1}: no argument`);
    lines.push({ line: at + 1, keyword: split.keyword.toLowerCase(), rest: split.rest });
  }
  return parsed(lines);
}

/** Blanks, one `=` and double quotes part the keyword from the rest. Undefined where a quote does not end. */
export function splitKeyword(text: string): { keyword: string; rest: string } | undefined {
  const at = text.search(/[ \t\r\n"=]/);
  if (at < 0) return { keyword: text, rest: '' };
  if (text[at] === '"') {
    const end = text.indexOf('"', at + 1);
    if (end < 0) return undefined;
    return {
      keyword: text.slice(0, at) + text.slice(at + 1, end),
      rest: text.slice(end + 1).replace(/^[ \t\r\n]+/, ''),
    };
  }
  const keyword = text.slice(0, at);
  const rest = text.slice(at + 1).replace(/^[ \t\r\n]+/, '');
  if (text[at] !== '=' && rest.startsWith('=')) return { keyword, rest: rest.slice(1).replace(/^[ \t\r\n]+/, '') };
  return { keyword, rest };
}

/** Arguments: blanks part them, both quotes hold them together, a backslash escapes quotes, itself and a blank, `#` ends the line. */
export function sshdArguments(text: string): Parsed<string[]> {
  const found: string[] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (isBlank(text[at])) continue;
    if (text[at] === '#') break;
    let word = '';
    let quote = '';
    for (; at < text.length; at += 1) {
      const char = text.charAt(at);
      const next = text[at + 1];
      if (char === '\\' && (next === "'" || next === '"' || next === '\\' || (quote === '' && next === ' '))) {
        word += next;
        at += 1;
      } else if (quote === '' && isBlank(char)) break;
      else if (quote === '' && (char === '"' || char === "'")) quote = char;
      else if (char === quote) quote = '';
      else word += char;
    }
    if (quote !== '') return unparsed('malformed-line', 'a quote does not end');
    found.push(word);
  }
  return parsed(found);
}

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t';
}
