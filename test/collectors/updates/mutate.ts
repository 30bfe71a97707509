/** Small harms to a text, for tests of parsers. */

const pieces = [
  '\n',
  '\t',
  ' ',
  '|',
  '<',
  '>',
  '[',
  ']',
  '"',
  '{',
  '\0',
  '\ud800',
  'é',
  ':',
  '=',
  '-',
  '~',
  '9'.repeat(40),
  ' (deleted)',
  '<!--',
  '&#x110000;',
  'x'.repeat(3000),
  '\n\n',
];

/** A text with one to four cuts, swaps and insertions; `next` gives numbers from 0 up to, not with, its argument. */
export function mutated(text: string, next: (below: number) => number): string {
  let result = text;
  for (let steps = 1 + next(4); steps > 0; steps -= 1) {
    const at = next(result.length + 1);
    const to = Math.min(result.length, at + next(40));
    switch (next(5)) {
      case 0:
        result = result.slice(0, at) + result.slice(to);
        break;
      case 1:
        result = result.slice(0, at) + (pieces[next(pieces.length)] ?? '') + result.slice(at);
        break;
      case 2:
        result = result.slice(0, at);
        break;
      case 3:
        result = result.slice(0, to) + result.slice(at);
        break;
      default:
        result = result.slice(0, at) + String.fromCharCode(next(256)) + result.slice(at + 1);
    }
  }
  return result;
}
