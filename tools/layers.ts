/** Who may import whom, as docs and architecture say, and what the pure layers may not know. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { importsOf } from './imports.ts';
import { impurities } from './purity.ts';
import { tokensOf } from './tokens.ts';

export type SourceFile = { /** From the project's root, with slashes. */ readonly path: string; readonly text: string };
export type Violation = { readonly path: string; readonly line: number; readonly message: string };

type Layer = {
  /** Other layers that it may import, beside itself. */
  readonly layers: readonly string[];
  /** Modules of Node that it may import. */
  readonly node: 'any' | readonly string[];
  readonly packages: boolean;
  /** No clock, no process, no chance, no state: the same input gives the same output. */
  readonly pure?: true;
};

const pure: Layer = { layers: ['schemas'], node: [], packages: false, pure: true };
const layers: Readonly<Record<string, Layer>> = {
  schemas: { layers: [], node: [], packages: false },
  collectors: pure,
  judge: pure,
  evidence: { layers: ['schemas'], node: ['node:crypto', 'node:zlib'], packages: true },
  catalogue: { layers: ['schemas'], node: [], packages: false },
  policies: { layers: ['schemas'], node: [], packages: false },
  audit: { layers: ['evidence', 'judge', 'schemas', 'catalogue', 'policies'], node: 'any', packages: true },
  endpoint: { layers: ['evidence', 'audit', 'schemas'], node: 'any', packages: true },
  agent: {
    layers: ['schemas', 'evidence', 'collectors', 'judge', 'catalogue', 'policies', 'package.json'],
    node: 'any',
    packages: true,
  },
};
/** The one place that wires everything together. */
const wiring = { folder: 'agent/cli/', layers: ['endpoint', 'audit'] };
/** Written by ajv: reads its runtime, and nothing of ours. */
const generated = 'schemas/generated/';

function target(path: string, specifier: string): string {
  if (specifier.startsWith('#schemas/')) return specifier.slice(1);
  return posix.normalize(posix.join(posix.dirname(path), specifier));
}

/** Why this file may not import that, undefined where it may. */
function refusal(
  path: string,
  layer: Layer,
  name: string,
  specifier: string,
  packages?: ReadonlySet<string>,
): string | undefined {
  if (specifier.startsWith('node:'))
    return layer.node === 'any' || layer.node.includes(specifier) ? undefined : `${name} may not know ${specifier}`;
  if (specifier.startsWith('.') || specifier.startsWith('#')) {
    const [other = ''] = target(path, specifier).split('/');
    if (other === name || layer.layers.includes(other)) return undefined;
    if (path.startsWith(wiring.folder) && wiring.layers.includes(other)) return undefined;
    const where = wiring.layers.includes(other) && name === 'agent' ? `; only ${wiring.folder} may` : '';
    return `${name} may not import ${other} (${specifier})${where}; a type is free with import type`;
  }
  if (!layer.packages) return `${name} may not use the package ${specifier}`;
  const [scope = '', rest = ''] = specifier.split('/');
  const packageName = scope.startsWith('@') ? `${scope}/${rest}` : scope;
  return packages === undefined || packages.has(packageName)
    ? undefined
    : `${packageName} is not among the dependencies of the product`;
}

function violationsOf({ path, text }: SourceFile, packages?: ReadonlySet<string>): Violation[] {
  const [name = ''] = path.split('/');
  const layer = layers[name];
  if (layer === undefined || path.startsWith(generated)) return [];
  const tokens = tokensOf(text);
  const imports = importsOf(tokens).flatMap(({ specifier, typeOnly, line }) => {
    if (specifier === undefined) return [{ path, line, message: 'a computed import cannot be checked' }];
    const message = typeOnly ? undefined : refusal(path, layer, name, specifier, packages);
    return message === undefined ? [] : [{ path, line, message }];
  });
  const impure = layer.pure
    ? impurities(tokens).map(({ line, what }) => ({ path, line, message: `${name} may not ${what}` }))
    : [];
  return [...imports, ...impure].toSorted((one, other) => one.line - other.line);
}

/**
 * What breaks the order of the house. Files outside its layers (tests, tools) are passed over.
 * `packages`: those that the product may use; without it any.
 */
export function layerViolations(files: readonly SourceFile[], packages?: ReadonlySet<string>): Violation[] {
  return files.flatMap((file) => violationsOf(file, packages));
}

/** The sources of the layers as they stand on disk. */
export function readLayers(root: string): SourceFile[] {
  const present = readdirSync(root, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name in layers,
  );
  return present.flatMap(({ name }) =>
    readdirSync(join(root, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => ({ path: relative(root, file).split(sep).join('/'), text: readFileSync(file, 'utf8') })),
  );
}

/** The packages that package.json names as dependencies of the product. */
export function readPackages(root: string): Set<string> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Readonly<Record<string, unknown>>;
  return new Set(Object.keys(manifest['dependencies'] ?? {}));
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  const found = layerViolations(readLayers(root), readPackages(root));
  for (const { path, line, message } of found) process.stdout.write(`${path}:${line}: ${message}\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
