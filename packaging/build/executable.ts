/** One executable from the sources and the runtime: the same bytes from the same sources. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Bundle } from './bundle.ts';
import { cached, fileSha256, keyOf, projectRoot, sha256 } from './cache.ts';
import { checkExecutable } from './check-executable.ts';
import type { Injection } from './inject.ts';
import { runTool } from './run-tool.ts';
import { pkgHome, pkgRuntime, shippedRuntime } from './runtime.ts';
import { isNative, type Target } from './targets.ts';

export type Executable = { readonly target: Target; readonly file: string; readonly sha256: string };

export function executableName(target: Target): string {
  return target.platform === 'win32' ? 'affiant.exe' : 'affiant';
}

/** Builds, or takes what was built from the very same parts. `fresh` builds in any case, into a folder of the caller. */
export function buildExecutable(target: Target, bundle: Bundle, fresh?: string): Executable {
  const home = pkgHome(target);
  const key = keyOf(
    fileSha256(join(home, pkgRuntime(target))),
    ...[bundle.main, bundle.app, ...[...bundle.texts].flat()].map((part) => sha256(part)),
    ...['inject.ts', 'executable.ts', '../inside/make-code-cache.ts'].map((file) =>
      fileSha256(join(import.meta.dirname, file)),
    ),
    ...['@yao-pkg/pkg/package.json', 'postject/package.json'].map(packageVersion),
    String(isNative(target)),
  );
  const make = (folder: string): void => inject(target, bundle, home, join(folder, executableName(target)));
  if (fresh !== undefined) make(fresh);
  const file = join(fresh ?? cached('executable', `${target.name}-${key}`, make), executableName(target));
  checkExecutable(target, file);
  return { target, file, sha256: fileSha256(file) };
}

function packageVersion(manifest: string): string {
  const found = createRequire(createRequire(import.meta.url).resolve('@yao-pkg/pkg/package.json')).resolve(manifest);
  return (JSON.parse(readFileSync(found, 'utf8')) as { readonly version: string }).version;
}

function inject(target: Target, bundle: Bundle, home: string, output: string): void {
  const work = mkdtempSync(join(tmpdir(), 'affiant-package-'));
  try {
    const assets: Record<string, string> = {};
    const put = (name: string, data: Uint8Array): string => {
      const file = join(work, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, data);
      return file;
    };
    const main = put('main.js', bundle.main);
    assets['affiant.js'] = put('affiant.js', bundle.app);
    for (const [name, text] of bundle.texts) assets[name] = put(join('texts', name), text);
    // The engine of one platform takes no cache of another, and ours cannot run that one: there it compiles at each start.
    if (isNative(target)) assets['affiant.cache'] = codeCache(target, assets['affiant.js'], work);
    const platform = target.platform === 'win32' ? 'win' : 'linux';
    const injection: Injection = { main, assets, platform, arch: target.arch, output };
    const env = { PATH: process.env['PATH'], HOME: home, USERPROFILE: home, TMPDIR: work };
    runTool(process.execPath, [join(import.meta.dirname, 'inject.ts'), JSON.stringify(injection)], { env });
    chmodSync(output, 0o755);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function codeCache(target: Target, app: string, work: string): string {
  const out = join(work, 'affiant.cache');
  const script = join(projectRoot, 'packaging/inside/make-code-cache.ts');
  runTool(shippedRuntime(target), ['--no-rehash-snapshot', script, app, out], { env: {} });
  return out;
}
