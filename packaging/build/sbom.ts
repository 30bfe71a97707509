/** What the executable is made of, in CycloneDX 1.6. The same bytes from the same executable: no time, no chance. */
import about from '../../package.json' with { type: 'json' };
import { sha256 } from './cache.ts';
import type { Executable } from './executable.ts';
import type { Component } from './third-party.ts';

export function sbomOf({ target, sha256: digest }: Executable, components: readonly Component[]): string {
  const own = `pkg:generic/affiant@${about.version}?arch=${target.arch}&os=${target.platform}`;
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidFrom(digest)}`,
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': own,
        name: 'affiant',
        version: about.version,
        description: about.description,
        purl: own,
        hashes: [{ alg: 'SHA-256', content: digest }],
      },
    },
    components: components.map((each) => ({
      type: each.name === 'node' ? 'platform' : 'library',
      'bom-ref': each.purl,
      name: each.name,
      version: each.version,
      purl: each.purl,
      ...(each.license !== 'NOASSERTION' && { licenses: [licenseOf(each.license)] }),
      hashes: [
        ...(each.sha256 === undefined ? [] : [{ alg: 'SHA-256', content: each.sha256 }]),
        ...(each.sha512 === undefined ? [] : [{ alg: 'SHA-512', content: each.sha512 }]),
      ],
    })),
    dependencies: [{ ref: own, dependsOn: components.map(({ purl }) => purl) }],
    // All that was linked is listed; what Node itself is made of stands in its licence file alone.
    compositions: [{ aggregate: 'incomplete', assemblies: [own] }],
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

/** One licence by its identifier; several as an expression. */
function licenseOf(license: string): object {
  return / (?:AND|OR|WITH) |^\(/.test(license) ? { expression: license } : { license: { id: license } };
}

/** A name for this very file: a version 8 UUID (RFC 9562), whose bits are ours to choose. */
function uuidFrom(digest: string): string {
  const hex = sha256(`affiant sbom ${digest}`);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
