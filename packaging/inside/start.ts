/** Loads the program inside the executable, and runs what was asked of it. */
import { writeSync } from 'node:fs';
import { getAssetKeys, getRawAsset } from 'node:sea';
import { keepYoungSmall, optimiseFor } from '../../agent/cli/engine.mjs';
import about from '../../package.json' with { type: 'json' };
import { type App, compileApp, startApp } from './load-app.ts';

/** What the smoke test asks: an executable without its program inside could not answer. */
type Self = { readonly version: string; readonly node: string; readonly codeCache: string; readonly texts: number };

function load(): { readonly app: App; readonly codeCache: Self['codeCache'] } {
  const cache = getAssetKeys().includes('affiant.cache') ? new Uint8Array(getRawAsset('affiant.cache')) : undefined;
  const script = compileApp(new Uint8Array(getRawAsset('affiant.js')), cache);
  const codeCache = cache === undefined ? 'none' : script.cachedDataRejected === true ? 'rejected' : 'used';
  return { app: startApp(script), codeCache };
}

function self(): Self {
  const texts = getAssetKeys().filter((key) => key.includes('/')).length;
  return { version: about.version, node: process.versions.node, codeCache: load().codeCache, texts };
}

export function start(argv: readonly string[]): void {
  // The same in every process: the code cache is taken only under the flags that it was made with.
  keepYoungSmall();
  const [first] = argv;
  if (first === 'internal:self') {
    writeSync(1, `${JSON.stringify(self())}\n`);
    return;
  }
  const { app } = load();
  optimiseFor(first);
  void app.run(argv);
}
