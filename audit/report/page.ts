/**
 * The frame of a report: one file that needs nothing else. Its policy forbids every request and every
 * script, and allows this one style sheet by its digest.
 */
import { createHash } from 'node:crypto';
import { patterns } from './charts/patterns.ts';
import { html, type Markup, type Piece, trusted } from './html.ts';
import { style } from './style.ts';

const styleDigest = createHash('sha256').update(style, 'utf8').digest('base64');
const policy = `default-src 'none'; style-src 'sha256-${styleDigest}'; base-uri 'none'; form-action 'none'`;

export type PageParts = {
  readonly title: string;
  readonly lede: Piece;
  /** Words that must not be missed: a replayed machine, refused packs. */
  readonly notices: readonly string[];
  readonly body: Piece;
  readonly foot: Piece;
};

export function page({ title, lede, notices, body, foot }: PageParts): string {
  const made = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}: Affiant report</title>
<style>${trusted(style)}</style>
</head>
<body>
${patterns()}
<header>
<h1>${title}</h1>
<p class="lede">${lede}</p>
${notices.map((notice) => html`<p class="notice"><strong>!</strong> ${notice}</p>`)}
</header>
<main>
${body}
</main>
<footer>${foot}</footer>
</body>
</html>
`;
  return made.toString();
}

/** A part of the page with its heading. */
export function section(id: string, title: string, ...body: readonly Piece[]): Markup {
  return html`<section><h2 id="${id}">${title}</h2>${body}</section>`;
}

/** A table that scrolls by itself where the screen is narrow, also with the keyboard. */
export function table(
  caption: string,
  head: readonly Piece[],
  rows: readonly (readonly Piece[])[],
  dense = false,
): Markup {
  return html`<div class="scroll${rows.length > 15 ? ' long' : ''}${dense ? ' dense' : ''}" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${head.map(
    (cell) => html`<th scope="col">${cell}</th>`,
  )}</tr></thead><tbody>${rows.map(
    ([first, ...cells]) => html`<tr><th scope="row">${first}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

/** A name as a server gave it: its own direction of reading, and it may break anywhere. */
export function name(text: string): Markup {
  return html`<bdi class="name">${text}</bdi>`;
}
