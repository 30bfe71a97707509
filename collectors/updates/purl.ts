/**
 * Package URLs (ECMA-427, package-url/purl-spec; types/*-definition.json of each type).
 *
 *     pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64
 */

/** `vendor` is the distribution, ID in os-release(5). */
export function debPurl(vendor: string, name: string, version: string, architecture: string): string {
  const vendorPart = encode(vendor.toLowerCase());
  const namePart = encode(name.toLowerCase());
  return `pkg:deb/${vendorPart}/${namePart}@${encode(version)}?arch=${encode(architecture)}`;
}

type Named = { readonly name: string; readonly version: string; readonly architecture: string };

/** types/rpm-definition.json: the name keeps its case, the epoch is a qualifier. `version` is version-release. */
export function rpmPurl(
  vendor: string,
  { name, version, architecture, epoch }: Named & { readonly epoch: string },
): string {
  const qualifiers = `arch=${encode(architecture)}${epoch === '' ? '' : `&epoch=${encode(epoch)}`}`;
  return `pkg:rpm/${encode(vendor.toLowerCase())}/${encode(name)}@${encode(version)}?${qualifiers}`;
}

/** types/apk-definition.json and types/alpm-definition.json: namespace and name are in lower case. */
export function plainPurl(type: 'apk' | 'alpm', vendor: string, { name, version, architecture }: Named): string {
  const place = `${encode(vendor.toLowerCase())}/${encode(name.toLowerCase())}`;
  return `pkg:${type}/${place}@${encode(version)}?arch=${encode(architecture)}`;
}

/** Everything but letters, digits, `.-_~` and the colon is percent-encoded; the standard forbids to encode the colon. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%3A', ':')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
