#!/usr/bin/env node
// Starts the command line from source. Node strips the types of each file at every start, which
// costs a quarter of the memory and half of the start-up time; its own compile cache keeps the
// stripped code. Plain JavaScript, since this file is read before the cache is on.
import { keepYoungSmall, optimiseFor } from './engine.mjs';
import { keepCompiled, resolveOwnAtOnce } from './from-source.mjs';

if (process.features.typescript === undefined) {
  // An older Node started this file itself; npm scripts find the one among the packages.
  process.stderr.write(
    `affiant: Node ${process.versions.node} cannot run it\n  remedy: npm run -s affiant -- COMMAND, which brings its own Node\n`,
  );
  process.exit(70);
}
keepYoungSmall();
optimiseFor(process.argv[2]);
// An auditor's run writes nothing anywhere.
if (process.argv[2] !== 'audit-run') keepCompiled();
resolveOwnAtOnce();
await import('./main.ts');
