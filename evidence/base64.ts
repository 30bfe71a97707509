/** Base64 with padding (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/**
 * The bytes, or undefined where the text is not the one canonical form: wrong alphabet, missing or
 * surplus padding, white space, or bits set in the last character that no byte holds (RFC 4648
 * section 3.5). `Buffer` alone accepts all of these.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
