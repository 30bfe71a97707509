/**
 * Package URLs (ECMA-427, package-url/purl-spec; the `deb` type: types/deb-definition.json).
 *
 *     pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64
 */

/** `vendor` is the distribution, ID in os-release(5). */
export function debPurl(vendor: string, name: string, version: string, architecture: string): string {
  const vendorPart = encode(vendor.toLowerCase());
  const namePart = encode(name.toLowerCase());
  return `pkg:deb/${vendorPart}/${namePart}@${encode(version)}?arch=${encode(architecture)}`;
}

/** Everything but letters, digits, `.-_~` and the colon is percent-encoded; the standard forbids to encode the colon. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%3A', ':')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
