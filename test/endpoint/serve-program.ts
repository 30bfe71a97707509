import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('serve-child.ts', import.meta.url));

type Esbuild = { build(options: Record<string, unknown>): Promise<unknown> };

/**
 * The endpoint of serve-child.ts as one file in the folder, which starts in half the time: for tests that start it
 * hundreds of times. Where there is no bundler here, its source.
 */
export async function makeServeProgram(folder: string): Promise<string> {
  const esbuild = findBundler();
  if (esbuild === undefined) return script;
  const outfile = join(folder, 'serve.cjs');
  await esbuild.build({
    entryPoints: [script],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    // As CommonJS it takes from node:http what it uses alone; an import of it loads fetch and WebSocket too.
    format: 'cjs',
    external: ['pg-native'],
    define: { 'import.meta.url': 'selfUrl' },
    banner: { js: "const selfUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'error',
  });
  return outfile;
}

function findBundler(): Esbuild | undefined {
  try {
    return createRequire(import.meta.url)('esbuild') as Esbuild;
  } catch {
    return undefined;
  }
}
