#!/usr/bin/env node
// Starts the command line from source. Node strips the types of each file at every start, which
// costs a quarter of the memory and half of the start-up time; its own compile cache keeps the
// stripped code. Plain JavaScript, since this file is read before the cache is on.
import * as module from 'node:module';
import { fileURLToPath } from 'node:url';
import { keepYoungSmall, optimiseFor } from './engine.mjs';

if (process.features.typescript === undefined) {
  // An older Node started this file itself; npm scripts find the one among the packages.
  process.stderr.write(
    `affiant: Node ${process.versions.node} cannot run it\n  remedy: npm run -s affiant -- COMMAND, which brings its own Node\n`,
  );
  process.exit(70);
}
keepYoungSmall();
optimiseFor(process.argv[2]);
// Beside the packages: whoever may write there may change the program itself. An auditor's run writes nothing anywhere.
if (process.argv[2] !== 'audit-run')
  module.enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/affiant', import.meta.url)));
// Our own imports name whole files: what Node would look up for each (is it a link, which package.json is nearest)
// is known, and costs a third of the time to load them all.
module.registerHooks({
  resolve(specifier, context, next) {
    const own = /^\.\.?\/.*\.ts$/.test(specifier) && context.parentURL !== undefined;
    if (!own) return next(specifier, context);
    const { href } = new URL(specifier, context.parentURL);
    return { url: href, format: 'module-typescript', shortCircuit: true };
  },
});
await import('./main.ts');
