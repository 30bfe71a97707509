import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const script = fileURLToPath(new URL('serve-child.ts', import.meta.url));

/**
 * The endpoint of serve-child.ts as one file in the folder, which starts in half the time: for tests that start it
 * hundreds of times.
 */
export async function makeServeProgram(folder: string): Promise<string> {
  const outfile = join(folder, 'serve.cjs');
  await build({
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
