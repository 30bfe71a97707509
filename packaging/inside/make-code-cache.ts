/**
 * `node --no-rehash-snapshot make-code-cache.ts APP OUT`: compiles the program and keeps what the engine made of it.
 * Without rehashing each process hashes texts alike, so the bytes are the same each time; then the flag is taken
 * back, since the executable takes only a cache that was made under its own flags.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { keepYoungSmall } from '../../agent/cli/engine.mjs';
import { compileApp } from './load-app.ts';

setFlagsFromString('--rehash-snapshot');
keepYoungSmall();
const [app = '', out = ''] = process.argv.slice(2);
writeFileSync(out, compileApp(readFileSync(app)).createCachedData());
