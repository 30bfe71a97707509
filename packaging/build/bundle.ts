/** The sources as two scripts: a small one that starts, and the program that it loads. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type BuildOptions, build as esbuild, type Plugin } from 'esbuild';
import { projectRoot } from './cache.ts';

export type Bundle = {
  readonly main: Buffer;
  readonly app: Buffer;
  /** Files of the project that the program reads as text, by their path from the root. */
  readonly texts: ReadonlyMap<string, Buffer>;
  /** Folders of the packages that are inside, from the root. */
  readonly packages: readonly string[];
};

const common: BuildOptions = {
  bundle: true,
  write: false,
  metafile: true,
  absWorkingDir: projectRoot,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  // ASCII alone: the executable reads it as one byte a character.
  charset: 'ascii',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'silent',
  // In the executable nothing reads it: own-program.ts asks first.
  logOverride: { 'empty-import-meta': 'silent' },
};

/** Packages load these where they can; in the executable there is no folder to load them from, and each has a way without. */
const native = /\.node$|^(?:cpu-features|osx-temperature-sensor|pg-native)$/;

const inside: Plugin = {
  name: 'inside the executable',
  setup(build) {
    build.onResolve({ filter: native }, ({ path }) => ({ path, namespace: 'native' }));
    build.onLoad({ filter: /.*/, namespace: 'native' }, ({ path }) => ({
      contents: `throw Object.assign(new Error('${path} is not part of the executable'), { code: 'MODULE_NOT_FOUND' });`,
      loader: 'js',
    }));
    build.onLoad({ filter: /\bexact-width\.ts$/ }, () => ({
      contents: "export function exactWidth(text) { return require('string-width').default(text); }",
      loader: 'js',
      resolveDir: projectRoot,
    }));
  },
};

/** A function of `module`, `exports` and `require`, which load-app.ts calls. */
const asFunction: BuildOptions = { banner: { js: '(function(module,exports,require){' }, footer: { js: '})' } };

async function script(entry: string, more?: BuildOptions): Promise<{ code: Buffer; inputs: readonly string[] }> {
  const { outputFiles, metafile } = await esbuild({ ...common, ...more, entryPoints: [entry], plugins: [inside] });
  const [file] = outputFiles ?? [];
  if (file === undefined || metafile === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  return { code: Buffer.from(file.contents), inputs: Object.keys(metafile.inputs) };
}

/** Reads nothing but the project and its packages: the same sources give the same bytes. */
export async function bundle(): Promise<Bundle> {
  const [main, app] = [await script('packaging/inside/main.ts'), await script('packaging/inside/entry.ts', asFunction)];
  const packages = new Set(
    [...main.inputs, ...app.inputs].flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []),
  );
  return { main: main.code, app: app.code, texts: texts(), packages: [...packages].toSorted() };
}

/** The scripts for PowerShell; own-program.ts hands them out. */
function texts(): Map<string, Buffer> {
  const files = ['agent', 'collectors'].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ps1'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const named = files.map((file) => [relative(projectRoot, file).split(sep).join('/'), readFileSync(file)] as const);
  return new Map(named.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
