/** What is inside the executable that others made: names, versions, licences. Both the SBOM and the notices come from it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './cache.ts';
import { PackagingError } from './failure.ts';
import { nodeVersion, type Target } from './targets.ts';

export type Component = {
  readonly name: string;
  readonly version: string;
  /** An SPDX identifier or expression, as the package says it. */
  readonly license: string;
  readonly licenseText: string;
  /** Package URL (github.com/package-url/purl-spec). */
  readonly purl: string;
  /** SRI of the package as the lock has it; Node: of its binary, in hex. */
  readonly sha512?: string;
  readonly sha256?: string;
};

type Lock = {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity?: string }>>;
};

/** `folders` as the bundle names them, from the root. */
export function thirdParties(target: Target, folders: readonly string[]): Component[] {
  const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as Lock;
  const packages = folders.map((folder): Component => {
    const manifest = JSON.parse(readFileSync(join(projectRoot, folder, 'package.json'), 'utf8')) as {
      readonly name: string;
      readonly version: string;
      readonly license?: string;
    };
    const locked = lock.packages[folder];
    if (locked?.version !== manifest.version)
      throw new PackagingError(`${folder} is not the version that the lock names`, 'npm ci');
    return {
      name: manifest.name,
      version: manifest.version,
      license: manifest.license ?? 'NOASSERTION',
      licenseText: licenseText(join(projectRoot, folder)),
      purl: `pkg:npm/${manifest.name.replace('@', '%40')}@${manifest.version}`,
      ...(locked.integrity?.startsWith('sha512-') && {
        sha512: Buffer.from(locked.integrity.slice(7), 'base64').toString('hex'),
      }),
    };
  });
  return [node(target), ...packages];
}

/** Node's licence file, which names what Node itself is made of, lies in the package for this machine. */
function node(target: Target): Component {
  return {
    name: 'node',
    version: nodeVersion,
    license: 'MIT',
    licenseText: licenseText(join(projectRoot, 'node_modules', `node-${process.platform}-${process.arch}`)),
    purl: `pkg:npm/${target.package}@${nodeVersion}`,
    sha256: target.sha256,
  };
}

function licenseText(folder: string): string {
  const names = readdirSync(folder).filter((name) => /^(?:licen[cs]e|copying|notice)(?:[.-]|$)/i.test(name));
  return names
    .toSorted()
    .map((name) => readFileSync(join(folder, name), 'utf8').trim())
    .join('\n\n');
}

/** The texts that the licences ask to be given on. */
export function noticesText(components: readonly Component[]): string {
  const parts = components.map(
    ({ name, version, license, licenseText: text }) =>
      `${'='.repeat(80)}\n${name} ${version} (${license})\n\n${text === '' ? `Licence: ${license}` : text}\n`,
  );
  return `The executable contains software of others, each under its own licence.\n\n${parts.join('\n')}`;
}
