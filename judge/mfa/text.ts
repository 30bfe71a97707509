/** Names in a document, for comparison and for people. */
import type { Text } from '../../schemas/generated/types.ts';

export function equalText(a: Text, b: Text): boolean {
  return typeof a === 'string' ? a === b : typeof b !== 'string' && a.bytes === b.bytes;
}

export function shownText(text: Text): string {
  return typeof text === 'string' ? text : `(not UTF-8: ${text.bytes})`;
}
