/**
 * Text of a server as a person may be shown it. Names can hold terminal sequences, marks that turn the
 * reading direction and characters that nobody sees: each is shown by its number, none is obeyed.
 */

// C0, DEL, C1, soft hyphen, Arabic letter mark, zero-width and direction marks, line separators,
// direction embeddings and isolates, invisible operators, variation tags, byte-order mark, tags, lone surrogates.
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Default_Ignorable_Code_Point}|\p{Surrogate}/gu;

/** The same but for line feeds. */
const unsafeInLines = new RegExp(unsafe.source.replace('\\u0000-\\u001f', '\\u0000-\\u0009\\u000b-\\u001f'), 'gu');

/** Nearly every text that is printed has nothing of it, and to see that takes half the time of looking for what is unsafe. */
const beyondPlain = /[^\n\u0020-\u007e]/;

function visible(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code >= 0xdc80 && code <= 0xdcff
    ? `\\x${(code - 0xdc00).toString(16)}`
    : `\\u{${code.toString(16).padStart(2, '0')}}`;
}

/** The text in one line, without controls and without anything invisible. */
export function visibleText(text: string): string {
  return text.replace(unsafe, visible);
}

/** The same with another way of showing what is unsafe; lines stay lines. */
export function replaceUnsafe(text: string, shown: (char: string) => string): string {
  return beyondPlain.test(text) ? text.replace(unsafeInLines, shown) : text;
}
