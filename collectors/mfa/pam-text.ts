/**
 * Lines and words of PAM files, as libpam itself takes them apart (Linux-PAM 1.5.2 `_pam_assemble_line`,
 * 1.6 and later `_pam_line_assemble`, `_pam_tokenize`). Where those two disagree the line is `unclear`.
 */
import { encodeText } from '../text.ts';

export type PamText = {
  /** Logical lines: comments gone, continued lines joined. `line` is the number of the first, from 1. */
  readonly lines: readonly { readonly line: number; readonly text: string; readonly unclear?: string }[];
  /** The file ends inside a continued line: libpam takes it for broken. */
  readonly unfinishedAt?: number;
};

/** libpam before 1.6 reads into 1024 bytes and takes what is longer for two lines. */
const oldBuffer = 1023;

export function splitPamText(text: string): PamText {
  const physical = text.split('\n');
  // What follows the last line feed is a line only where there is something.
  if (physical.at(-1) === '') physical.pop();
  const lines: { line: number; text: string; unclear?: string }[] = [];
  let held = '';
  let since = 0;
  for (const [at, raw] of physical.entries()) {
    const line = since === 0 ? at + 1 : since;
    const body = raw.replace(/^[ \t]+/, '');
    const hash = body.indexOf('#');
    const idle = body === '' || hash === 0;
    const unclear = raw.includes('\0')
      ? 'nul-byte'
      : encodeText(held + raw).length >= oldBuffer
        ? 'long-line'
        : since !== 0 && idle
          ? 'continued-over-nothing'
          : undefined;
    if (unclear !== undefined) lines.push({ line, text: '', unclear });
    if (unclear !== undefined || (idle && since === 0)) {
      held = '';
      since = 0;
      continue;
    }
    const bare = body.replace(/[ \t]+$/, '');
    if (hash < 0 && bare.endsWith('\\')) {
      held += `${bare.slice(0, -1)} `;
      since = line;
      continue;
    }
    lines.push({ line, text: held + (hash < 0 ? body : body.slice(0, hash)) });
    held = '';
    since = 0;
  }
  return since === 0 ? { lines } : { lines, unfinishedAt: since };
}

/**
 * Words of a line, at blanks and tabs. A word that begins with `[` ends at the first `]`, and its brackets
 * go; `\]` in it stands for `]`. No other character is special, a carriage return neither.
 */
export function pamWords(text: string): string[] {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && ' \t\n'.includes(text.charAt(at))) at += 1;
    if (at >= text.length) return words;
    let word = '';
    if (text.charAt(at) === '[') {
      for (at += 1; at < text.length && text.charAt(at) !== ']'; at += 1) {
        if (text.charAt(at) === '\\' && text.charAt(at + 1) === ']') at += 1;
        word += text.charAt(at);
      }
    } else {
      for (; at < text.length && !' \t\n'.includes(text.charAt(at)); at += 1) word += text.charAt(at);
    }
    words.push(word);
    at += 1;
  }
}
