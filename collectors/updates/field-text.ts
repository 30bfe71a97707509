/** Text of configuration files as plain strings of a document. */

/**
 * At most `maxLength` characters, and always well-formed: what is not UTF-8 in a field that can only be a
 * string becomes U+FFFD.
 */
export function fieldText(text: string, maxLength: number): string {
  return text.slice(0, maxLength).toWellFormed();
}

/** By code point, not by anyone's locale, so that the bytes of a document stay the same everywhere. */
export function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * A text without what opens a door: `user:password@` of every address in it is left out.
 * RFC 3986 section 3.2.1; apt also takes such addresses for proxies on its command line.
 */
export function withoutUserInfo(text: string): string {
  return text.replace(/(\/\/)[^/\s?#"']*@/g, '$1');
}

/**
 * An archive's address without user name, password, query, and without path segments that look like an
 * access token (hosted archives put one there). apt's own `snapshot` stamps such as 20250520T000000Z stay.
 */
export function publicUri(uri: string): string {
  const bare = withoutUserInfo(uri).replace(/[?#].*$/s, '');
  return bare.split('/').map(withoutToken).join('/');
}

function withoutToken(segment: string): string {
  const looksRandom = /^[A-Za-z0-9]{16,}$/.test(segment) && /[0-9]/.test(segment) && /[A-Za-z]/.test(segment);
  return looksRandom && !/^[0-9]{8}T[0-9]{6}Z$/.test(segment) ? '[token]' : segment;
}
