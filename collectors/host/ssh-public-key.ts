/** Public keys as OpenSSH writes them to .pub files: type, base64 blob, comment (sshd(8), AUTHORIZED_KEYS FILE FORMAT). */
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { fromBase64 } from '../text.ts';

export type SshPublicKey = { readonly type: string; readonly blob: Uint8Array };

/** The comment is left out: it can name a person. */
export function parseSshPublicKey(text: string): Parsed<SshPublicKey> {
  const [type = '', encoded = ''] = text.trim().split(/\s+/);
  const blob = fromBase64(encoded);
  if (!/^[\x21-\x7e]{1,128}$/.test(type) || blob === undefined || typeInside(blob) !== type)
    return unparsed('malformed-key');
  return parsed({ type, blob });
}

/** The blob begins with its type as a string with a length of four bytes (RFC 4253 section 6.6). */
function typeInside(blob: Uint8Array): string {
  const [a = 0, b = 0, c = 0, d = 0] = blob;
  const length = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  return length > 128 ? '' : String.fromCharCode(...blob.subarray(4, 4 + length));
}
