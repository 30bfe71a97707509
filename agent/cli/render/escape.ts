/**
 * One escaping function for each sink. A server's names can hold terminal sequences, marks that turn
 * the reading direction, spreadsheet formulas: each sink shows them, none obeys them.
 */
import { replaceUnsafe, visibleText } from '../../../evidence/visible-text.ts';

/** Text for a terminal or a log line: one line, no control, nothing invisible. */
export function forTerminal(text: string): string {
  return visibleText(text);
}

/** JSON for a terminal or a pipe: the same value, in characters that a terminal does not obey. */
export function forJson(value: unknown, indent = 2): string {
  return replaceUnsafe(JSON.stringify(value, null, indent), (char) => {
    let escaped = '';
    for (let at = 0; at < char.length; at += 1) escaped += `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`;
    return escaped;
  });
}
