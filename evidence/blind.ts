import { createHmac } from 'node:crypto';
import { canonicalBytes } from './canonical-json.ts';

/**
 * The blind of a document: base64url of HMAC-SHA-256 over the canonical `{content, name}`. The same
 * content under the same key keeps its blind, and so its digest; without the key nobody can guess a
 * document from a digest that outlives it.
 */
export function blindFor(key: Uint8Array, name: string, contentWithoutBlind: object): string {
  return createHmac('sha256', key)
    .update(canonicalBytes({ name, content: contentWithoutBlind }))
    .digest('base64url');
}
