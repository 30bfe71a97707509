/** SHA-256 in hexadecimal of a text that nobody can guess, such as a tenant's random id. */
import type { Digests } from '../collector.ts';
import { encodeText } from '../text.ts';

export function plainDigest(text: string, digests: Digests): string {
  return Array.from(digests.sha256(encodeText(text)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
