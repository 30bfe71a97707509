/** How many columns of a terminal a text takes. */
import { exactWidth } from './exact-width.ts';

/** Printable ASCII, the letters of Latin-1 and its Extended-A, dashes, quotation marks and the ellipsis. */
const oneColumnEach = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u017f\u2013\u2014\u2018-\u201d\u2026]*$/;

/**
 * Nearly all that servers say, and all that we say, is one column a character. The rest asks string-width, whose
 * tables of emoji cost more at start than all else that prints: it is loaded with the first text that needs it.
 */
export function textWidth(text: string): number {
  if (oneColumnEach.test(text)) return text.length;
  return exactWidth(text);
}
