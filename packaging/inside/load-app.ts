/** The program as a script of the engine; the code cache fits only what was compiled in just this way. */
import { Script } from 'node:vm';

export type App = { readonly run: (argv: readonly string[]) => Promise<void> };

export function compileApp(source: Uint8Array, cachedData?: Uint8Array): Script {
  // esbuild writes ASCII, so a character is a byte: the engine holds 6 MB instead of 12. And it holds them once, as
  // nothing is put around the text here (bundle.ts did).
  const text = Buffer.from(source.buffer, source.byteOffset, source.byteLength).toString('latin1');
  return new Script(text, {
    filename: 'affiant.js',
    ...(cachedData === undefined ? {} : { cachedData: Buffer.from(cachedData) }),
  });
}

type Wrapper = (module: { exports: unknown }, exports: unknown, require: (name: string) => unknown) => void;

/** Runs the script. It may load what Node itself brings, and no file. */
export function startApp(script: Script): App {
  const module = { exports: {} };
  (script.runInThisContext() as Wrapper)(module, module.exports, (name) => {
    const builtin = process.getBuiltinModule(name);
    if (builtin === undefined)
      throw Object.assign(new Error(`${name} is not part of the executable`), { code: 'MODULE_NOT_FOUND' });
    return builtin;
  });
  return module.exports as App;
}
