/**
 * Markup that cannot be injected: what stands in the source of this program is markup, whatever is put
 * into it is text. A template's values are escaped for text and for attributes in double quotes alike;
 * characters that nobody sees, or that turn the reading direction, are shown by their number.
 */
import { visibleText } from '../../evidence/visible-text.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A piece of markup. Only `html` and `trusted` make one. */
export class Markup {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

export type Piece = Markup | string | number | undefined | false | readonly Piece[];

export function escapeText(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (char) => entities[char] ?? '');
}

function written(piece: Piece): string {
  if (piece instanceof Markup) return piece.toString();
  if (piece === undefined || piece === false) return '';
  return typeof piece === 'object' ? piece.map(written).join('') : escapeText(String(piece));
}

/** `html`<b>${name}</b>``: the name is text, whatever it holds. Lists are joined, `undefined` and `false` are nothing. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return new Markup(parts.reduce((text, part, at) => text + written(pieces[at - 1]) + part));
}

/** Text of this program that is markup already: style sheets, drawn paths. Never what a server said. */
export function trusted(text: string): Markup {
  return new Markup(text);
}
