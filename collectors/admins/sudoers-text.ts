/** Escapes in sudoers(5), as sudo's scanner takes them out (plugins/sudoers/toke_util.c). */
import { decodeBytes, encodeText } from '../text.ts';

/** A name or value: a backslash goes, `\xHH` is a byte, and bytes together may be UTF-8. */
export function unescapeWord(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes: number[] = [];
  const parts = text.match(/\\x[0-9A-Fa-f]{2}|\\?[^]/gu) ?? [];
  for (const part of parts) {
    if (part.length === 4 && part.startsWith('\\x')) bytes.push(Number.parseInt(part.slice(2), 16));
    else bytes.push(...encodeText(part.length > 1 && part.startsWith('\\') ? part.slice(1) : part));
  }
  return decodeBytes(Uint8Array.from(bytes));
}

/**
 * A command's path: only what is special to sudoers loses its backslash, wildcards keep theirs, a
 * regular expression keeps all. `sudoedit` with a path is sudoedit.
 */
export function commandPath(text: string): string {
  if (text.startsWith('^')) return text;
  const path = text.replace(/\\([,:= \t#])/g, '$1');
  return path.endsWith('/sudoedit') ? 'sudoedit' : path;
}
