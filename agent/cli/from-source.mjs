// What makes the sources load quickly, in the process and in each of its threads. Plain JavaScript: it is read
// before the cache is on.
import * as module from 'node:module';
import { fileURLToPath } from 'node:url';

/** Beside the packages: whoever may write there may change the program itself. */
export function keepCompiled() {
  module.enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/affiant', import.meta.url)));
}

/**
 * Our own imports name whole files: what Node would look up for each (is it a link, which package.json is nearest)
 * is known, and costs a third of the time to load them all.
 */
export function resolveOwnAtOnce() {
  module.registerHooks({
    resolve(specifier, context, next) {
      const own = /^\.\.?\/.*\.ts$/.test(specifier) && context.parentURL !== undefined;
      if (!own) return next(specifier, context);
      const { href } = new URL(specifier, context.parentURL);
      return { url: href, format: 'module-typescript', shortCircuit: true };
    },
  });
}
