/**
 * One escaping function for each sink. A server's names can hold terminal sequences, marks that turn
 * the reading direction, spreadsheet formulas: each sink shows them, none obeys them.
 */

// C0, DEL, C1, soft hyphen, Arabic letter mark, zero-width and direction marks, line separators,
// direction embeddings and isolates, invisible operators, variation tags, byte-order mark, tags, lone surrogates.
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Default_Ignorable_Code_Point}|\p{Surrogate}/gu;

function visible(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code >= 0xdc80 && code <= 0xdcff
    ? `\\x${(code - 0xdc00).toString(16)}`
    : `\\u{${code.toString(16).padStart(2, '0')}}`;
}

/** Text for a terminal or a log line: one line, no control, nothing invisible. */
export function forTerminal(text: string): string {
  return text.replace(unsafe, visible);
}

/** JSON for a terminal or a pipe: the same value, in characters that a terminal does not obey. */
export function forJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replace(unsafe, (char) => {
    if (char === '\n') return char;
    let escaped = '';
    for (let at = 0; at < char.length; at += 1) escaped += `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`;
    return escaped;
  });
}
